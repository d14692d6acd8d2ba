// SPDX-License-Identifier: Apache-2.0

package directive_test

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// A second witness: what is suggested for a recorded trace, compiled by another
// library and run, lets every recorded call pass and says to random ones what the
// model says.
func TestFiltersAgree(t *testing.T) {
	files, err := filepath.Glob("../../testdata/traces/*.trace*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no saved traces: %v", err)
	}
	for _, file := range files {
		for level, name := range map[directive.Level]string{directive.Safe: "safe", directive.Standard: "standard", directive.Strict: "strict"} {
			t.Run(filepath.Base(file)+" "+name, func(t *testing.T) { checkTrace(t, file, level) })
		}
	}
}

// Every directive that is about arguments of system calls, without a trace.
func TestArgumentFiltersAgree(t *testing.T) {
	target := systemd.Target{Systemd: systemd.Version{Major: 252}, Kernel: systemd.KernelVersion{Major: 6, Minor: 1}, Arch: "x86_64"}
	settings := []trace.Setting{
		{Name: "RestrictNamespaces", Value: "user mnt"}, {Name: "RestrictRealtime", Value: "yes"}, {Name: "RestrictSUIDSGID", Value: "yes"},
		{Name: "MemoryDenyWriteExecute", Value: "yes"}, {Name: "LockPersonality", Value: "yes"}, {Name: "RestrictAddressFamilies", Value: "AF_UNIX AF_INET"},
		{Name: "ProtectClock", Value: "yes"}, {Name: "SystemCallFilter", Value: "~@mount:EACCES"}, {Name: "SystemCallFilter", Value: "~@debug"},
	}
	rules := directive.NewModel().Sandbox(settings, target, directive.NewScene(nil)).CallRules()
	if len(rules) < len(settings) {
		t.Fatalf("%d rules for %d settings", len(rules), len(settings))
	}
	agree(t, rules)
}

func checkTrace(t *testing.T, file string, level directive.Level) {
	tr, err := trace.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	target, err := systemd.TargetOf(tr.Header.Host)
	if err != nil {
		t.Fatal(err)
	}
	p, err := suggest.Suggest(tr, suggest.Options{Level: level})
	if err != nil {
		t.Fatal(err)
	}
	rules := directive.NewModel().Sandbox(p.Settings(), target, directive.NewScene(tr.Observations)).CallRules()
	lets(t, rules, tr)
	if tr.Header.Unit.Name == "lighttpd.service" { // the random calls are the same for all
		agree(t, rules)
	}
}

// lets checks that the programs let every call pass that the trace holds.
func lets(t *testing.T, rules []directive.Rule, tr *trace.Trace) {
	machines, calls := machinesOf(t, rules), 0
	for i := range tr.Observations {
		o := &tr.Observations[i]
		if o.Syscall == nil || !directive.Charged(o) || o.Syscall.Number < 0 {
			continue
		}
		calls++
		call := seccomp.Call{ABI: o.Syscall.ABI, Number: o.Syscall.Number}
		for j := range call.Args {
			call.Args[j], _ = o.Syscall.Arg(j)
		}
		for k, m := range machines {
			if a := simulate(t, m, call); !a.Allows() && !tolerated(rules[k], o) && a.String() != string(o.Outcome) {
				t.Errorf("%+v denies %+v: %v", rules[k], *o.Syscall, a)
			}
		}
	}
	if calls == 0 {
		t.Error("the trace holds no system calls")
	}
}

// tolerated: clone3, whose caller falls back to clone.
func tolerated(_ directive.Rule, o *trace.Observation) bool { return o.Syscall.Name == "clone3" }

// agree compares the programs with the model on 100,000 random calls.
func agree(t *testing.T, rules []directive.Rule) {
	machines := machinesOf(t, rules)
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		o, call := drawCall(r)
		for i, rule := range rules {
			says := rule.Denies(o)
			if got := outcome(simulate(t, machines[i], call)); got != says && checkable(says) {
				t.Fatalf("%+v: the program says %q to %+v, the model %q", rule, got, *o.Syscall, says)
			}
		}
	}
}

// checkable tells outcomes of filters from the model's other words.
func checkable(o trace.Outcome) bool {
	return o != directive.Hidden && o != directive.Unreachable && o != directive.Removed
}

func outcome(a seccomp.Action) trace.Outcome {
	if a.Allows() {
		return ""
	}
	return trace.Outcome(a.String())
}

func simulate(t *testing.T, m *seccomp.Machine, c seccomp.Call) seccomp.Action {
	t.Helper()
	a, err := m.Simulate(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var abis = []string{seccomp.ABIX86_64, seccomp.ABII386, seccomp.ABIX32}

// decisive are arguments that some filter looks for.
var decisive = []uint64{0, 1, 2, 3, 4, 5, 6, 7, 10, 16, 0x80, 0o100, 0o2644, 0o4755, 0x20000, 0x10000000, 0x2000000, 0x8000000, 0o100000, 0xffffffff}

func drawCall(r *rand.Rand) (*trace.Observation, seccomp.Call) {
	abi := abis[r.IntN(len(abis))]
	names := namesOf[abi]
	s := &trace.Syscall{ABI: abi, Name: names[r.IntN(len(names))]}
	s.Number, _ = seccomp.Number(abi, s.Name)
	call := seccomp.Call{ABI: abi, Number: s.Number}
	for i := range call.Args {
		if call.Args[i] = decisive[r.IntN(len(decisive))]; r.IntN(8) == 0 {
			call.Args[i] = uint64(r.Uint32())
		}
		s.Args = append(s.Args, trace.Arg{Index: i, Value: call.Args[i]})
	}
	return &trace.Observation{Kind: trace.KindSyscall, Syscall: s, Outcome: trace.OutcomeOK}, call
}

var namesOf = map[string][]string{
	seccomp.ABIX86_64: seccomp.Names(seccomp.ABIX86_64), seccomp.ABII386: seccomp.Names(seccomp.ABII386), seccomp.ABIX32: seccomp.Names(seccomp.ABIX32),
}

// machinesOf compiles each rule; what is no filter becomes one that lets all pass.
func machinesOf(t *testing.T, rules []directive.Rule) []*seccomp.Machine {
	t.Helper()
	var list []*seccomp.Machine
	for _, rule := range rules {
		filter, on := filterOf(t, rule)
		programs, err := seccomp.Compile(filter, on...)
		if err != nil {
			t.Fatal(err)
		}
		m, err := seccomp.NewMachine(programs...)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

// filterOf writes a rule as a filter, and the ABIs that it is for.
func filterOf(t *testing.T, rule directive.Rule) (seccomp.Filter, []string) {
	t.Helper()
	switch r := rule.(type) {
	case *directive.FilterRule:
		f := seccomp.CallFilter{Allow: r.Allow, Action: action(t, r.Action), Own: map[string]seccomp.Action{}}
		for name, own := range r.Names {
			if own != "" {
				f.Own[name] = action(t, own)
			} else {
				f.Calls = append(f.Calls, name)
			}
		}
		if r.Known != nil {
			for name, known := range r.Known() {
				if known {
					f.Known = append(f.Known, name)
				}
			}
		}
		return f.Filter(), abis
	case *directive.CallRule:
		if checkable(r.Outcome) && !slices.ContainsFunc(r.When, func(a directive.ArgTest) bool { return a.Fact != "" }) && len(r.Calls) > 0 {
			return callFilter(t, r), slices.DeleteFunc(slices.Clone(abis), func(a string) bool { return len(r.ABIs) > 0 && !slices.Contains(r.ABIs, a) })
		}
	case interface{ Permitted() []string }:
		return seccomp.Filter{Default: seccomp.KillProcess}, slices.DeleteFunc(slices.Clone(abis), func(a string) bool { return slices.Contains(r.Permitted(), a) })
	case interface{ Calls() []string }:
		return seccomp.Filter{Rules: []seccomp.Rule{{Calls: r.Calls(), Action: seccomp.Errno(38)}}, Default: seccomp.Allow}, abis
	default:
		t.Fatalf("%T is no filter that this test knows", rule)
	}
	return seccomp.Filter{Default: seccomp.Allow}, abis
}

func callFilter(t *testing.T, r *directive.CallRule) seccomp.Filter {
	t.Helper()
	variants := [][]seccomp.Test{nil}
	for _, a := range r.When {
		variants = with(variants, a)
	}
	f := seccomp.Filter{Default: seccomp.Allow}
	for _, when := range variants {
		f.Rules = append(f.Rules, seccomp.Rule{Calls: r.Calls, When: when, Action: action(t, r.Outcome)})
	}
	return f
}

// with adds a test to every variant; one that is of several values makes as many.
func with(variants [][]seccomp.Test, a directive.ArgTest) [][]seccomp.Test {
	ops := map[directive.TestOp]seccomp.Op{directive.IsOneOf: seccomp.Equal, directive.IsNoneOf: seccomp.NotEqual,
		directive.HasAny: seccomp.HasAny, directive.HasAll: seccomp.HasAll}
	var list [][]seccomp.Test
	for _, v := range variants {
		if a.Op == directive.IsOneOf {
			for _, value := range a.Values {
				list = append(list, append(slices.Clone(v), seccomp.Test{Index: a.Index, Mask: a.Mask, Op: ops[a.Op], Value: value}))
			}
			continue
		}
		for _, value := range a.Values {
			v = append(slices.Clone(v), seccomp.Test{Index: a.Index, Mask: a.Mask, Op: ops[a.Op], Value: value})
		}
		list = append(list, v)
	}
	return list
}

func action(t *testing.T, o trace.Outcome) seccomp.Action {
	t.Helper()
	if o == trace.OutcomeKilled {
		return seccomp.KillProcess
	}
	number, ok := seccomp.ErrnoNumber(string(o))
	if !ok {
		t.Fatalf("%q is no errno", o)
	}
	return seccomp.Errno(number)
}
