// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"maps"
	"slices"
)

// Call is a system call as a filter sees it: with no more than its registers.
type Call struct {
	ABI string
	// Number is the call's number in the ABI; for x32 without X32Bit.
	Number int
	Args   [6]uint64
}

// Filter is a filter before it is compiled. The first rule that matches a call
// decides.
type Filter struct {
	Rules []Rule
	// Default is what comes of a call that no rule matches.
	Default Action
}

// Rule answers some calls, whatever their arguments, or with some arguments.
type Rule struct {
	// Calls are names; those that an ABI lacks mean nothing there.
	Calls []string
	// When are tests of arguments, of which all must hold.
	When   []Test
	Action Action
}

// Test is a test of one argument, as seccomp can make it.
type Test struct {
	// Index is the argument's position, 0 to 5.
	Index int
	// Mask is the bits that Equal and NotEqual look at; 0 is all 64.
	Mask  uint64
	Op    Op
	Value uint64
}

// Op is how a test compares an argument with its value, both unsigned.
type Op uint8

// The comparisons of a Test.
const (
	Equal Op = iota
	NotEqual
	Greater
	GreaterOrEqual
	Less
	LessOrEqual
	HasAny // the argument has any of the value's bits
	HasAll // the argument has all of the value's bits
)

// Holds tells whether the test holds for an argument.
func (t Test) Holds(arg uint64) bool {
	if t.Mask != 0 {
		arg &= t.Mask
	}
	switch t.Op {
	case Equal:
		return arg == t.Value
	case NotEqual:
		return arg != t.Value
	case Greater:
		return arg > t.Value
	case GreaterOrEqual:
		return arg >= t.Value
	case Less:
		return arg < t.Value
	case LessOrEqual:
		return arg <= t.Value
	case HasAny:
		return arg&t.Value != 0
	default:
		return arg&t.Value == t.Value
	}
}

func (r *Rule) matches(name string, args *[6]uint64) bool {
	if !slices.Contains(r.Calls, name) {
		return false
	}
	for _, t := range r.When {
		if !t.Holds(args[t.Index]) {
			return false
		}
	}
	return true
}

// Verdict is what the filter says to a call. It is the model that the compiled
// program is compared with. A call of an ABI without a table here, or with a number
// that has no name, is one that no rule matches.
func (f *Filter) Verdict(c Call) Action {
	name, ok := Name(c.ABI, c.Number)
	if !ok {
		return f.Default
	}
	for i := range f.Rules {
		if f.Rules[i].matches(name, &c.Args) {
			return f.Rules[i].Action
		}
	}
	return f.Default
}

// CallFilter is what the SystemCallFilter= lines of a unit come to, with their
// groups expanded and SystemCallErrorNumber= read.
type CallFilter struct {
	// Allow is set for an allow-list: Calls pass and others come to Action. In a
	// deny-list Calls come to Action and others pass.
	Allow  bool
	Calls  []string
	Action Action
	// Own are calls with an action of their own (~name:ERRNO, v236 and newer).
	Own map[string]Action
	// Known are the calls that systemd knows, where an allow-list answers ENOSYS
	// to others (v255 and newer: seccomp_load_syscall_filter_set_raw in
	// src/shared/seccomp-util.c); nil if it does not.
	Known []string
}

// Filter returns the list as a filter.
func (f *CallFilter) Filter() Filter {
	var rules []Rule
	for _, name := range slices.Sorted(maps.Keys(f.Own)) {
		rules = append(rules, Rule{Calls: []string{name}, Action: f.Own[name]})
	}
	switch {
	case !f.Allow:
		return Filter{append(rules, Rule{Calls: f.Calls, Action: f.Action}), Allow}
	case f.Known == nil:
		return Filter{append(rules, Rule{Calls: f.Calls, Action: Allow}), f.Action}
	}
	rules = append(rules, Rule{Calls: f.Calls, Action: Allow}, Rule{Calls: f.Known, Action: f.Action})
	return Filter{rules, Errno(enosys)}
}

const enosys = 38
