// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"errors"
	"fmt"
	"io"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

// Start attaches everything and begins to watch the units whose cgroups, relative
// to the root of the cgroup2 mount, are given; they need not exist yet. A unit's
// number in what is read later is its index here. After Start nothing is missed of
// what begins; of what runs already nothing is known but that it runs. Services of the slices get further numbers.
func (r *Recorder) Start(cgroups []string, slices ...Slice) error {
	for _, p := range attachable() {
		if p.name == entry.name {
			continue
		}
		links, err := r.attach(p)
		if err != nil {
			return err
		}
		r.links = append(r.links, links...)
	}
	r.sources = append(append(r.sources[:0:0], requiredSources...), r.sources...)
	if err := r.watch(cgroups, slices); err != nil {
		return err
	}
	if err := r.Visit(); err != nil {
		return err
	}
	return r.entries.begin()
}

// attach attaches a required program, and the second one after it: so it has its turn
// after the first.
func (r *Recorder) attach(p program) ([]io.Closer, error) {
	var all []io.Closer
	for _, c := range []*ebpf.Collection{r.maps, r.second} {
		if c == nil {
			continue
		}
		links, err := p.attach(c.Programs[p.name])
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%w: attaching %s: %w", ErrUnsupported, p.via, err), closeAll(all))
		}
		all = append(all, links...)
	}
	return all, nil
}

// Visit takes in what runs in the units' cgroups and was not seen coming, drops
// what left, and brings the counts of system calls up to date. It is needed when a
// move of several threads at once was reported (Event.Threads): only one of them
// is seen.
func (r *Recorder) Visit() error {
	it, err := link.AttachIter(link.IterOptions{Program: r.maps.Programs[sbxProgSbxTasks]})
	if err != nil {
		return fmt.Errorf("%w: looking at the tasks: %w", ErrUnsupported, err)
	}
	defer it.Close()
	f, err := it.Open()
	if err != nil {
		return fmt.Errorf("looking at the tasks: %w", err)
	}
	_, err = io.Copy(io.Discard, f)
	return errors.Join(err, f.Close())
}

// finish notes what every task is in the middle of; nothing may be attached any
// more.
func (r *Recorder) finish() error {
	if err := r.maps.Variables[sbxVarEnding].Set(uint32(1)); err != nil {
		return err
	}
	return r.Visit()
}
