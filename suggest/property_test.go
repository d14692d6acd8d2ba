// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

func levels(t *rapid.T) directive.Level {
	return rapid.SampledFrom([]directive.Level{directive.Safe, directive.Standard, directive.Strict}).Draw(t, "level")
}

// newViolations is what a unit's settings with those of a profile deny of a trace, but
// for what they seem to deny without it: traces are drawn without regard to what the
// unit's own settings let happen.
func newViolations(t *rapid.T, tr *trace.Trace, p *Profile) []directive.Violation {
	own := tr.Header.Unit.Settings
	before, err := Check(tr, own, nil)
	if err != nil {
		t.Fatal(err)
	}
	after, err := Check(tr, slices.Concat(own, p.Settings()), nil)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(after, func(v directive.Violation) bool {
		return slices.ContainsFunc(before, func(b directive.Violation) bool {
			return b.Observation == v.Observation && (b.Directive == v.Directive || b.Outcome == directive.Hidden && v.Outcome == directive.Hidden)
		})
	})
}

// check(suggest(T), T) is empty, whatever the trace, the target and the level.
func TestSuggestionDeniesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := traces().Draw(t, "trace")
		p, err := Suggest(tr, Options{Level: levels(t), Explicit: rapid.Bool().Draw(t, "explicit")})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range newViolations(t, tr, p) {
			t.Errorf("%s=%s denies %+v %+v (%s)", v.Directive, v.Value, v.Observation, v.Observation.File, v.Outcome)
		}
	})
}

// What is suggested for two traces together denies nothing that either holds.
func TestUnionAllowsBoth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := traces().Draw(t, "a"), traces().Draw(t, "b")
		b.Header = a.Header
		both := &trace.Trace{Header: a.Header, Observations: slices.Concat(a.Observations, b.Observations)}
		p, err := Suggest(both, Options{Level: levels(t)})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range []*trace.Trace{a, b} {
			// What one run made is there for the other: the files of both count.
			joined := &trace.Trace{Header: one.Header, Observations: both.Observations}
			if v := newViolations(t, joined, p); len(v) > 0 {
				t.Fatalf("%+v %+v %+v\n%v", v[0], v[0].Observation, v[0].Observation.File, p.Settings())
			}
		}
	})
}

func TestSuggestionIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := traces().Draw(t, "trace")
		o := Options{Level: levels(t)}
		a, err := Suggest(tr, o)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Suggest(tr, o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a.Settings(), b.Settings()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Nothing is suggested that the target ignores, and no system call is named that it
// does not know.
func TestTargetKnowsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := traces().Draw(t, "trace")
		p, err := Suggest(tr, Options{Level: levels(t), Explicit: rapid.Bool().Draw(t, "explicit"), Limits: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Lines {
			if err := p.Target.Check(l.Name, l.Value); err != nil {
				t.Error(err)
			}
		}
	})
}

// denies tells whether a profile for a trace denies an observation, which may be one
// that the trace does not hold.
func denies(tr *trace.Trace, p *Profile, o *trace.Observation) bool {
	scene := directive.NewScene(tr.Observations).With(tr.Header.Unit).On(tr.Header.Host)
	s := directive.NewModel().Sandbox(slices.Concat(tr.Header.Unit.Settings, p.Settings()), p.Target, scene)
	return slices.ContainsFunc(s.Violations(o), func(v directive.Violation) bool { return v.Tolerated == "" })
}

// outside tells whether a profile has systemd run the commands of an Exec line outside
// of the sandbox: their signals are taken out of it, so that nothing else in it can
// send them.
func outside(p *Profile, line string) bool {
	return slices.ContainsFunc(p.Lines, func(l Line) bool { return l.Name == line && line != "" })
}

// A stricter level allows nothing that a less strict one denies.
func TestStricterNeverAllowsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := traces().Draw(t, "trace")
		o := observations().Draw(t, "other")
		o.Actor.Phase = trace.PhaseService
		var weaker *Profile
		for _, level := range []directive.Level{directive.Safe, directive.Standard, directive.Strict} {
			p, err := Suggest(tr, Options{Level: level})
			if err != nil {
				t.Fatal(err)
			}
			if weaker != nil && denies(tr, weaker, &o) && !denies(tr, p, &o) && !outside(p, o.Actor.Line) {
				t.Fatalf("level %d allows what level %d denies: %+v %+v %+v %+v %+v\n%v\n%v", level, level-1, o, o.File, o.Syscall, o.Capability, o.Address,
					weaker.Settings(), p.Settings())
			}
			weaker = p
		}
	})
}

// dangerous draws a call or a capability that an attacker would like to have.
func dangerous() *rapid.Generator[trace.Observation] {
	var calls []string
	for _, name := range seccomp.Names(seccomp.ABIX86_64) {
		if seccomp.Danger(name) != "" {
			calls = append(calls, name)
		}
	}
	return rapid.Custom(func(t *rapid.T) trace.Observation {
		o := trace.Observation{Outcome: trace.OutcomeOK, Count: 1,
			Actor: trace.Actor{Exe: "/usr/sbin/daemon", Line: "ExecStart", Phase: trace.PhaseService}}
		if rapid.Bool().Draw(t, "capability") {
			o.Kind, o.Capability = trace.KindCapability, &trace.Capability{Name: rapid.SampledFrom(directive.CapabilityNames()).Draw(t, "name")}
			return o
		}
		o.Kind, o.Syscall = trace.KindSyscall, &trace.Syscall{ABI: "x86_64", Name: rapid.SampledFrom(calls).Draw(t, "name")}
		return o
	})
}

// twoTargets draws an older and a newer systemd, both newer than the recorded one or
// both older: what the recorded system's C library calls, and only an older systemd
// cannot name, is no evidence of what is called there.
func twoTargets(t *rapid.T, tr *trace.Trace) (older, newer int) {
	recorded, err := systemd.ParseVersion(tr.Header.Host.Systemd)
	if err != nil {
		t.Fatal(err)
	}
	first, last := systemd.Oldest, recorded.Major-1
	if recorded.Major < systemd.Newest && rapid.Bool().Draw(t, "later") {
		first, last = recorded.Major, systemd.Newest
	}
	older = rapid.IntRange(first, last-1).Draw(t, "older")
	return older, rapid.IntRange(older+1, last).Draw(t, "newer")
}

// For a newer target no danger is let pass that is denied for an older one.
func TestNewerTargetDeniesTheSameDanger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := traces().Draw(t, "trace")
		o, level := dangerous().Draw(t, "danger"), levels(t)
		oldest, newest := twoTargets(t, tr)
		denied := false
		for _, major := range []int{oldest, newest} {
			target := systemd.Target{Systemd: systemd.Version{Major: major}, Arch: "x86_64", Features: systemd.ParseFeatures(tr.Header.Host.Features)}
			p, err := Suggest(tr, Options{Level: level, Target: &target})
			if err != nil {
				t.Fatal(err)
			}
			now := denies(tr, p, &o)
			if denied && !now {
				t.Fatalf("systemd %d denies and %d allows %+v %+v:\n%v", oldest, newest, o.Syscall, o.Capability, p.Settings())
			}
			denied = now
		}
	})
}

// The union of traces does not depend on their order, nor on how often or in which
// groups they are put together, and neither does what is suggested for it.
func TestSuggestionOfAMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		run := func(id string) *trace.Trace {
			tr := traces().Draw(t, id)
			tr.Header.Run = id
			return tr
		}
		a, b, c := run("a"), run("b"), run("c")
		b.Header.Host, b.Header.Unit, c.Header.Host, c.Header.Unit = a.Header.Host, a.Header.Unit, a.Header.Host, a.Header.Unit
		o := Options{Level: levels(t)}
		want, err := Suggest(trace.Merge(a, b, c), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, merged := range []*trace.Trace{trace.Merge(c, b, a), trace.Merge(trace.Merge(b, a), c), trace.Merge(a, trace.Merge(c, b), b)} {
			got, err := Suggest(merged, o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Settings(), got.Settings()); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}
