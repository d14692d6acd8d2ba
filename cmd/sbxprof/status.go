// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/sbxprof/sbxprof/trace"
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

// errViolations ends a check that found some; they are its result, and printed
// as such.
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
	case errors.Is(err, trace.ErrIncomplete):
		return statusIncomplete
	default:
		return statusFailed
	}
}

// report tells a user what went wrong, and after a wrong command line where to
// read on.
func report(w io.Writer, err error) {
	var usage *usageError
	switch {
	case errors.Is(err, errViolations):
	case errors.As(err, &usage):
		fmt.Fprintf(w, "sbxprof: %v\nSee '%s --help'.\n", err, usage.command)
	default:
		fmt.Fprintf(w, "sbxprof: %v\n", err)
	}
}
