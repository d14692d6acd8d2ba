// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
	"github.com/sbxprof/sbxprof/trace/unit"
)

// The exit statuses, which scripts depend on.
const (
	statusDone        = 0
	statusFailed      = 1
	statusUsage       = 2
	statusIncomplete  = 3
	statusUnsupported = 4
	statusInterrupted = 130
)

// errInterrupted ends a command that a signal asked to end.
var errInterrupted = errors.New("interrupted")

// errViolations ends a check that found some.
var errViolations = errors.New("there are violations")

// usageError is a wrong command line.
type usageError struct {
	err     error
	command string
}

func usagef(format string, args ...any) error {
	return &usageError{err: fmt.Errorf(format, args...)}
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// toldError decides the exit status, and says nothing that the command has not
// printed already.
type toldError struct{ error }

func (e toldError) Unwrap() error { return e.error }

// exitStatus is the only place that turns an error into an exit status.
func exitStatus(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &usage):
		return statusUsage
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		return statusInterrupted
	case isUnsupported(err):
		return statusUnsupported
	case errors.Is(err, trace.ErrIncomplete):
		return statusIncomplete
	default:
		return statusFailed
	}
}

// isUnsupported tells whether this kernel, systemd or privilege is the reason.
func isUnsupported(err error) bool {
	return errors.Is(err, bpf.ErrUnsupported) || errors.Is(err, unit.ErrNoBus) || errors.Is(err, unit.ErrCgroupV1)
}

// explainError tells a user what went wrong, and after a wrong command line where
// to read on.
func explainError(w io.Writer, err error) {
	var usage *usageError
	var told toldError
	switch {
	case errors.As(err, &told):
	case errors.As(err, &usage):
		fmt.Fprintf(w, "sbxprof: %v\nSee '%s --help'.\n", err, usage.command)
	default:
		fmt.Fprintf(w, "sbxprof: %v\n", err)
	}
}
