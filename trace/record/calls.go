// SPDX-License-Identifier: Apache-2.0

package record

import (
	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/trace"
)

// callOf is a system call without what tells observations apart from their counts.
func callOf(c *bpf.Call) *trace.Syscall {
	s := &trace.Syscall{ABI: c.ABI, Number: c.Number, Filtered: c.Filtered}
	s.Name, _ = seccomp.Name(c.ABI, c.Number)
	for i, fact := range bpf.Spec(c.ABI, s.Name) {
		if i < len(c.Args) {
			s.Args = append(s.Args, trace.Arg{Name: fact.Name, Index: fact.Index(), Value: c.Args[i]})
		}
	}
	return s
}

// addCalls adds the system calls. One that has not returned counts only if the same
// actor's did not return at any other time: when recording ends some are always
// under way, and which ones is chance.
func (s *set) addCalls(calls []bpf.Call, c clock) {
	type call struct {
		actor  uint32
		abi    string
		number int
	}
	returned := map[call]bool{}
	for i := range calls {
		if k := &calls[i]; !k.Unfinished {
			returned[call{k.Actor, k.ABI, k.Number}] = true
		}
	}
	for i := range calls {
		k := &calls[i]
		if k.Unfinished && returned[call{k.Actor, k.ABI, k.Number}] {
			continue
		}
		o := trace.Observation{Kind: trace.KindSyscall, Syscall: callOf(k), Outcome: outcomeOf(k.Errno, k.Unfinished, k.Killed)}
		s.add(k.Actor, seen(o, &k.Seen, c))
	}
}

// seen fills in how often an observation was made, and when.
func seen(o trace.Observation, s *bpf.Seen, c clock) trace.Observation {
	o.Count, o.First, o.Last = s.Count, c.time(s.First), c.time(s.Last)
	if s.PID != 0 {
		o.Example = &trace.Example{PID: s.PID}
	}
	return o
}
