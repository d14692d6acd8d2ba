// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// options are the flags.
type options struct {
	sbxprof string
	rounds  int
}

// bench is what the measurements have in common.
type bench struct {
	options
	self    string // the path of this program
	scratch string // a folder in memory
	cgroups *cgroups
	quiet   *quiet
	log     io.Writer
	// attaching is how long it took each time, in seconds.
	attaching []float64
}

const patience = 3 * time.Minute

// measure measures everything and prints it.
func measure(ctx context.Context, o options, out io.Writer) (err error) {
	if _, err := os.Stat(o.sbxprof); err != nil {
		return fmt.Errorf("no program to measure: run make first: %w", err)
	}
	b := &bench{options: o, log: out, quiet: &quiet{until: time.Now().Add(patience), log: out}}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.scratch, err = os.MkdirTemp("/dev/shm", "sbxprof-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.scratch)) }()
	if b.cgroups, err = newCgroups(b.self); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.cgroups.remove()) }()
	r, err := b.all(ctx)
	if err != nil {
		return err
	}
	r.print(out)
	b.quiet.report(out)
	fmt.Fprintln(out, r.figures())
	return nil
}

// all measures one part after the other.
func (b *bench) all(ctx context.Context) (r results, err error) {
	fmt.Fprintln(b.log, "Calling getppid …")
	if r.loop, err = interleave(ctx, b.rounds, b.loopVariants()); err != nil {
		return r, err
	}
	r.attach = median(b.attaching)
	fmt.Fprintln(b.log, "Making files, and looking at them …")
	if r.files, err = b.measureFiles(ctx); err != nil {
		return r, err
	}
	fmt.Fprintln(b.log, "Asking lighttpd for a page …")
	r.web, r.weight, err = b.measureWeb(ctx)
	return r, err
}
