// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// Explanation is what a trace says of one value of a directive.
type Explanation struct {
	trace.Setting
	// With are the other lines of the suggestion that the value is a part of.
	With []trace.Setting
	// Denies says what the directive takes away; "" for a value that takes nothing away.
	Denies string
	// Ignored says why the target ignores the value, or a part of it; "" if it does not.
	Ignored string
	// Violations are all observations that the value would have denied.
	Violations []directive.Violation
	// Evidence are the observations that would make up a value from the trace.
	Evidence []*trace.Observation
	// Use is the most that was in use of what a limit is about, and Unjudged why it does
	// not tell whether the limit would have been too low; Exceeded is that it would.
	Use      *directive.Use
	Unjudged string
	Exceeded *directive.Exceeded
}

// Explain returns what decides a directive: for NAME=VALUE that value, which may be
// empty, and for NAME every value that could be proposed, the strictest first. It fails
// for a directive that the model does not know.
func Explain(t *trace.Trace, setting string, o Options) ([]Explanation, error) {
	target, err := targetOf(t, o.Target)
	if err != nil {
		return nil, err
	}
	name, value, one := strings.Cut(setting, "=")
	name = systemd.CurrentName(name)
	model := directive.NewModel()
	d := model.Directive(name)
	if d == nil {
		return nil, fmt.Errorf("the directive %q is none that sbxprof knows: see systemd.exec(5) for its spelling", name)
	}
	e := directive.NewEvidence(t, target, o.Level, model)
	e.Explicit, e.Limits = o.Explicit, true
	if one {
		x := explainValue(e, d, value, nil)
		if ignored := (*systemd.IgnoredError)(nil); errors.As(target.Ignores(name, value), &ignored) {
			x.Ignored = ignored.Reason
		}
		return []Explanation{x}, nil
	}
	list := explainCandidates(e, model, d)
	p, err := Suggest(t, o)
	if err != nil {
		return nil, err
	}
	for _, l := range p.Lines {
		suggested := func(x Explanation) bool { return x.Setting == l.Setting }
		if l.Name == d.Name && l.Value != "" && !slices.ContainsFunc(list, suggested) { // for the sake of other lines
			list = append(list, explainValue(e, d, l.Value, l.Evidence))
		}
	}
	return list, nil
}

// explainValue explains one value as it is.
func explainValue(e *directive.Evidence, d *directive.Directive, value string, because []*trace.Observation) Explanation {
	setting := trace.Setting{Name: d.Name, Value: value}
	x := Explanation{Setting: setting, Denies: e.Model.Denies(setting, e.Target, e.Scene), Violations: e.Violations([]trace.Setting{setting}, 0), Evidence: because}
	x.limited(&e.Trace.Header)
	return x
}

func explainCandidates(e *directive.Evidence, model *directive.Model, d *directive.Directive) []Explanation {
	var list []Explanation
	families := model.Families()
	for i := range families {
		f := &families[i]
		if f.Directive(d.Name) == nil {
			continue
		}
		for _, c := range f.Candidates(e) {
			for j, s := range c.Settings {
				if s.Name == d.Name {
					x := Explanation{Setting: s, With: slices.Delete(slices.Clone(c.Settings), j, j+1), Denies: e.Model.Denies(s, e.Target, e.Scene),
						Violations: e.Violations(c.Settings, 0), Evidence: c.Reasons[j]}
					x.limited(&e.Trace.Header)
					list = append(list, x)
				}
			}
		}
	}
	return list
}

// limited adds what the peaks of a trace say of a limit.
func (x *Explanation) limited(h *trace.Header) {
	x.Use = directive.UseOf(x.Name, h.Peaks)
	for _, over := range directive.ExceededIn([]trace.Setting{x.Setting}, h) {
		x.Exceeded = &over
	}
	if x.Denies != "" && !directive.Judged(x.Setting, h) {
		x.Unjudged = directive.WhyUnjudged(x.Name)
	}
}
