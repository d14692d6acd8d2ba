// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// readTrace reads a trace of the machine, and keeps it under name if traces are
// to be kept.
func (d *demo) readTrace(ctx context.Context, path, name string) (*trace.Trace, error) {
	folder := d.scratch
	if d.keep != "" {
		folder = d.keep
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
	}
	file := filepath.Join(folder, name)
	if err := d.m.CopyOut(ctx, path, file); err != nil {
		return nil, err
	}
	return trace.ReadFile(file)
}

// losses adds up all that a trace has lost.
func losses(t *trace.Trace) uint64 {
	var n uint64
	for _, l := range t.Header.Losses {
		n += l.Count
	}
	return n
}

// refused returns what the service was refused in the trace sandboxed and not in
// training: an EPERM that a service gets over leaves no word in a journal.
func refused(training, sandboxed *trace.Trace) []string {
	var said []string
	for _, o := range trace.Compare(training, sandboxed).OnlyB {
		if o.Actor.Phase == trace.PhaseService && !o.Actor.Privileged && isRefusal(&o) {
			said = append(said, describe(&o))
		}
	}
	slices.Sort(said)
	return slices.Compact(said)
}

func isRefusal(o *trace.Observation) bool {
	// The kernel asks for capabilities that the call can do without: every mmap
	// asks for CAP_SYS_ADMIN. A call that failed for want of one is seen itself.
	if o.Capability != nil {
		return false
	}
	if o.Syscall != nil && o.Syscall.Filtered {
		return true
	}
	return slices.Contains([]trace.Outcome{"EPERM", "EACCES", "EROFS", trace.OutcomeKilled}, o.Outcome)
}

func describe(o *trace.Observation) string {
	var what any = o.Kind
	switch {
	case o.Syscall != nil:
		what = *o.Syscall
	case o.File != nil:
		what = *o.File
	}
	return fmt.Sprintf("%q was refused (%s) %+v\n", o.Actor.Exe, o.Outcome, what)
}
