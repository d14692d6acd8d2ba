// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/sbxprof/sbxprof/bpf"
)

// recorder returns what records the unit with this cgroup, and as many others beside it
// that do not run.
func (b *bench) recorder(g cgroup, others int) attach {
	units := []string{g.name}
	for i := range others {
		units = append(units, fmt.Sprintf("%s-%d", g.name, i))
	}
	return func() (func() error, error) {
		start := time.Now()
		r, err := bpf.Open(bpf.Options{})
		if err != nil {
			return nil, err
		}
		if err := r.Start(units); err != nil {
			return nil, errors.Join(err, r.Close())
		}
		b.attaching = append(b.attaching, time.Since(start).Seconds())
		done := make(chan error, 1)
		go func() { done <- r.Events(func(*bpf.Event) {}) }()
		return func() error {
			err := errors.Join(r.Stop(), r.Flush())
			return errors.Join(err, <-done, r.Close())
		}, nil
	}
}
