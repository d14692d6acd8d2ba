// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

func levels(t *rapid.T) directive.Level {
	return rapid.SampledFrom([]directive.Level{directive.Safe, directive.Standard, directive.Strict}).Draw(t, "level")
}

// check(suggest(T), T) is empty, whatever the trace, the target and the level.
func TestSuggestionDeniesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := traces().Draw(t, "trace")
		p, err := Suggest(tr, Options{Level: levels(t), Explicit: rapid.Bool().Draw(t, "explicit")})
		if err != nil {
			t.Fatal(err)
		}
		violations, err := Check(tr, p.Settings(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range violations {
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
			if v, err := Check(joined, p.Settings(), nil); err != nil || len(v) > 0 {
				t.Fatalf("%v %+v", err, v)
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

// Nothing is suggested that the target does not accept.
func TestTargetAcceptsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := traces().Draw(t, "trace")
		p, err := Suggest(tr, Options{Level: levels(t)})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Lines {
			if !p.Target.Accepts(l.Name) {
				t.Errorf("systemd %s does not know %s=", p.Target.Systemd, l.Name)
			}
		}
	})
}
