// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

// here is the system that this command runs in: a virtual machine, which is thrown
// away afterwards.
type here struct{}

// loadNoMore has the kernel look for no more modules. What there is has been loaded, and
// a socket of each other family took a modprobe, a sixth of all time in a virtual machine.
func loadNoMore() error { return os.WriteFile("/proc/sys/kernel/modprobe", []byte("\n"), 0o644) }

// Run runs a program to its end. A status other than 0 is no error.
func (here) Run(ctx context.Context, args ...string) (testbed.Result, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ended := new(exec.ExitError); errors.As(err, &ended) && ctx.Err() == nil {
		err = nil
	}
	if err != nil {
		return testbed.Result{}, fmt.Errorf("running %s: %w", strings.Join(args, " "), err)
	}
	return testbed.Result{Stdout: stdout.String(), Stderr: stderr.String(), Status: cmd.ProcessState.ExitCode()}, nil
}

// Output returns what a program wrote. A status other than 0 is an error.
func (h here) Output(ctx context.Context, args ...string) (string, error) {
	r, err := h.Run(ctx, args...)
	if err == nil && r.Status != 0 {
		err = fmt.Errorf("%s: exit status %d\n%s%s", strings.Join(args, " "), r.Status, r.Stdout, r.Stderr)
	}
	return r.Stdout, err
}

// HostPath returns a path as it is.
func (here) HostPath(path string) string { return path }

// Close leaves everything as it is.
func (here) Close() error { return nil }
