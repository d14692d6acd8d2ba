// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// CallRule denies some system calls, or some arguments of them, as a seccomp
// filter or the kernel does. Names are the same in every ABI that systemd filters.
type CallRule struct {
	Calls []string
	// When are tests of register arguments; the call is denied when all hold.
	When []ArgTest
	// Outcome is what the filter answers.
	Outcome trace.Outcome
	// ABIs restricts the rule; none means every ABI.
	ABIs []string
	// Entered is set where it is the kernel that denies: it does not see a call that a
	// filter answers.
	Entered bool
}

// ArgTest is a test of one argument.
type ArgTest struct {
	// Index is the argument's position, 0 to 5; Mask the bits that are looked at
	// (0: all 64).
	Index int
	// Fact names a fact that was read from memory instead. No filter can look
	// there, but the kernel does.
	Fact string
	Mask uint64
	Op   TestOp
	// Values are what the masked argument is compared with.
	Values []uint64
	// Unknown is the test's answer for an observation that does not tell the
	// argument. The recorder leaves out arguments that another one makes
	// meaningless, such as open(2)'s mode without O_CREAT.
	Unknown bool
}

// TestOp is how an ArgTest compares.
type TestOp uint8

// The comparisons of an ArgTest.
const (
	IsOneOf  TestOp = iota // the argument is one of the values
	IsNoneOf               // the argument is none of the values
	HasAny                 // the argument has any bit of the first value
	HasAll                 // the argument has all bits of the first value
)

// Holds tells whether the test holds for an argument.
func (a *ArgTest) Holds(v uint64) bool {
	if a.Mask != 0 {
		v &= a.Mask
	}
	switch a.Op {
	case HasAny:
		return v&a.Values[0] != 0
	case HasAll:
		return v&a.Values[0] == a.Values[0]
	}
	return slices.Contains(a.Values, v) == (a.Op == IsOneOf)
}

func (a *ArgTest) holdsFor(s *trace.Syscall) bool {
	v, ok := s.Arg(a.Index)
	if a.Fact != "" {
		v, ok = s.Fact(a.Fact)
	}
	if !ok {
		return a.Unknown
	}
	return a.Holds(v)
}

// Kind implements Rule.
func (r *CallRule) Kind() trace.Kind { return trace.KindSyscall }

// Denies implements Rule.
func (r *CallRule) Denies(o *trace.Observation) trace.Outcome {
	s := o.Syscall
	if !slices.Contains(r.Calls, s.Name) || len(r.ABIs) > 0 && !slices.Contains(r.ABIs, s.ABI) {
		return allowed
	}
	if r.Entered && s.Filtered {
		return allowed
	}
	for i := range r.When {
		if !r.When[i].holdsFor(s) {
			return allowed
		}
	}
	return unlessSame(o, r.Outcome)
}

// unlessSame is the outcome of a denied operation, or "" if it failed in just that
// way anyway.
func unlessSame(o *trace.Observation, denied trace.Outcome) trace.Outcome {
	if o.Outcome == denied {
		return allowed
	}
	return denied
}
