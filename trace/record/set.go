// SPDX-License-Identifier: Apache-2.0

package record

import (
	"time"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// set holds observations without their actors, by the kernel side's number for the
// actor, since an actor may become known after what it did.
type set struct {
	entries map[setKey]*trace.Observation
	// again finds the observations of an event that happened again.
	again map[bpf.Key][]*trace.Observation
}

type setKey struct {
	actor uint32
	fact  string
}

func newSet() *set {
	return &set{map[setKey]*trace.Observation{}, map[bpf.Key][]*trace.Observation{}}
}

// add adds an observation, or counts one that is there already.
func (s *set) add(actor uint32, o trace.Observation) *trace.Observation {
	key := setKey{actor, o.Key()}
	known, ok := s.entries[key]
	if !ok {
		s.entries[key] = &o
		return &o
	}
	count(known, o.Count, o.First, o.Last)
	return known
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

// happenedAgain lets an event that happens again count for the observations.
func (s *set) happenedAgain(key bpf.Key, o *trace.Observation) {
	for _, known := range s.again[key] {
		if known == o {
			return
		}
	}
	s.again[key] = append(s.again[key], o)
}
