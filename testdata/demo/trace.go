// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"path/filepath"

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
