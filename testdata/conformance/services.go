// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/testdata/probes"
)

// runServices draws services and has them live under what is suggested for them.
func runServices(ctx context.Context, o options, out io.Writer) error {
	scratch, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if o.keep == "" {
		o.keep = scratch
	}
	if err := os.MkdirAll(o.keep, 0o755); err != nil {
		return err
	}
	program, err := probes.Build(scratch)
	if err != nil {
		return err
	}
	queue := make(chan int)
	tallies, errs := make([]tally, o.machines), make([]error, o.machines)
	var wait sync.WaitGroup
	for i := range o.machines {
		wait.Go(func() { tallies[i], errs[i] = workThrough(ctx, o, program, queue) })
	}
	for number := 0; number < o.services; number += 2 {
		queue <- number
	}
	close(queue)
	wait.Wait()
	var all tally
	for _, t := range tallies {
		all.add(t)
	}
	all.print(out, o)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if len(all.wrong) > 0 {
		return errDisagreements
	}
	return nil
}

func (t *tally) print(w io.Writer, o options) {
	slices.Sort(t.wrong)
	for _, line := range t.wrong {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintf(w, "services: suite=%s seed=%d services=%d idle=%d sandboxes=%d operations=%d foreign=%d disagreements=%d exceptions=%d\n",
		o.suite, o.seed, t.services, t.idle, t.sandboxes, t.operations, t.foreign, len(t.wrong), t.excepted)
}

// workThrough takes pairs of services through everything in a machine of its own.
func workThrough(ctx context.Context, o options, program string, queue <-chan int) (sum tally, err error) {
	defer func() {
		for range queue { // nobody else waits for this one
		}
	}()
	m, err := boot(ctx, o, program)
	if err != nil {
		return sum, err
	}
	h := house{m}
	defer func() { err = errors.Join(err, h.root.Close(), h.Close()) }()
	if err := h.furnish(o.sbxprof); err != nil {
		return sum, err
	}
	target, err := h.target(ctx)
	if err != nil {
		return sum, err
	}
	for number := range queue {
		pair, err := h.pair(ctx, o, number, target)
		for _, t := range pair {
			sum.add(t.tally)
		}
		if err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// pair takes two services through everything: then each lives under what was suggested
// for the other.
func (h house) pair(ctx context.Context, o options, number int, target systemd.Target) ([]*trip, error) {
	var both []*trip
	for i := range 2 {
		s := drawService(o.seed, number+i, target)
		if !o.only.MatchString(s.name) {
			continue
		}
		t := &trip{service: &s, house: h, options: o, target: target, dir: o.keep, dropIns: map[string][]byte{}}
		both = append(both, t)
		if err := t.train(ctx); err != nil {
			return both, err
		}
		if err := t.obey(ctx); err != nil {
			return both, err
		}
	}
	if len(both) < 2 {
		return both, nil
	}
	for i := range both {
		for _, variant := range []string{"safe", "standard", "strict"} {
			if err := both[i].borrow(ctx, both[1-i], variant); err != nil {
				return both, err
			}
		}
	}
	return both, nil
}
