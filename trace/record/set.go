// SPDX-License-Identifier: Apache-2.0

package record

import (
	"slices"
	"time"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// set holds observations without their actors, by the kernel side's number for the
// actor, since an actor may become known after what it did.
type set struct {
	entries map[setKey]*trace.Observation
	// again finds the observations of an event that happened again.
	again map[bpf.Key][]setKey
	// uncounted is how many of them there was no room for.
	uncounted uint64
}

type setKey struct {
	actor uint32
	fact  string
}

func newSet() *set {
	return &set{entries: map[setKey]*trace.Observation{}, again: map[bpf.Key][]setKey{}}
}

// add adds an observation, or counts one that is there already.
func (s *set) add(actor uint32, o trace.Observation) setKey {
	key := setKey{actor, o.Key()}
	known, ok := s.entries[key]
	if !ok {
		s.entries[key] = &o
		return key
	}
	known.Add(&o)
	return key
}

// has tells whether an observation is there.
func (s *set) has(actor uint32, o trace.Observation) bool {
	return s.entries[setKey{actor, o.Key()}] != nil
}

// count adds to an observation's count.
func count(o *trace.Observation, n uint64, first, last time.Time) {
	o.Count += n
	if first.Before(o.First) {
		o.First = first
	}
	if last.After(o.Last) {
		o.Last = last
	}
}

// maxAgain bounds how many events are known that may happen again. They can be many
// more than the observations: each process's file in /proc is the same to these. That
// others happen again is not counted.
const maxAgain = 4 * maxEvents

// happenedAgain lets an event that happens again count for the observations.
func (s *set) happenedAgain(key bpf.Key, o setKey) {
	if len(s.again) >= maxAgain && s.again[key] == nil {
		s.uncounted++
		return
	}
	if !slices.Contains(s.again[key], o) {
		s.again[key] = append(s.again[key], o)
	}
}
