// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"slices"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// Check returns which observations of the trace the settings of a unit (fragment
// and drop-ins, in order) would have denied on the target; nil is the one the trace
// was recorded under.
func Check(t *trace.Trace, settings []trace.Setting, target *systemd.Target) ([]directive.Violation, error) {
	on, err := targetOf(t, target)
	if err != nil {
		return nil, err
	}
	model, scene := directive.NewModel(), directive.NewScene(t.Observations).With(t.Header.Unit).On(t.Header.Host)
	s, known := model.Sandbox(settings, on, scene), recordedUnder(t, model, scene)
	var list []directive.Violation
	for i := range t.Observations {
		o := &t.Observations[i]
		if !directive.Charged(o) {
			continue
		}
		for _, v := range s.Violations(o) {
			if v.Tolerated == "" && !(v.GoesWell() && known(v)) {
				list = append(list, v)
			}
		}
	}
	return list, nil
}

// recordedUnder tells of a violation whether it came to just that whenever the unit was
// recorded, and is no news: what goes well and comes to less looks the same then.
func recordedUnder(t *trace.Trace, model *directive.Model, scene *directive.Scene) func(directive.Violation) bool {
	runs := t.Header.Runs
	if len(runs) == 0 {
		runs = []trace.Header{t.Header}
	}
	var then []*directive.Sandbox
	for i := range runs {
		target, err := systemd.TargetOf(runs[i].Host)
		if err != nil || runs[i].Starts == 0 { // what it ran under is not known
			return func(directive.Violation) bool { return false }
		}
		then = append(then, model.Sandbox(runs[i].Unit.Settings, target, scene))
	}
	return func(v directive.Violation) bool {
		return !slices.ContainsFunc(then, func(s *directive.Sandbox) bool {
			return !slices.ContainsFunc(s.Violations(v.Observation), v.NoWorseThan)
		})
	}
}

// Exceeded returns the limits of the settings that are lower than what the unit had at
// once while it was recorded.
func Exceeded(t *trace.Trace, settings []trace.Setting, target *systemd.Target) ([]directive.Exceeded, error) {
	on, err := targetOf(t, target)
	if err != nil {
		return nil, err
	}
	return directive.ExceededIn(systemd.AsRead(settings, on, t.Header.Unit.Name), &t.Header), nil
}

// Unjudged returns the settings of which neither Check nor Exceeded can tell what they
// would have denied. What the unit was recorded under is not among them: it let
// everything pass.
func Unjudged(t *trace.Trace, settings []trace.Setting, target *systemd.Target) ([]directive.Unjudged, error) {
	on, err := targetOf(t, target)
	if err != nil {
		return nil, err
	}
	in := func(list []trace.Setting) []directive.Unjudged {
		return directive.UnjudgedIn(systemd.AsRead(list, on, t.Header.Unit.Name), on)
	}
	recorded := in(t.Header.Unit.Settings)
	list := slices.DeleteFunc(in(settings), func(u directive.Unjudged) bool {
		return slices.Contains(recorded, u) || directive.Judged(u.Setting, &t.Header)
	})
	for i := range list {
		list[i].Use = directive.UseOf(list[i].Name, t.Header.Peaks)
	}
	return list, nil
}
