// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// Evidence is what a suggestion is made from: the observations of a trace that
// count, the target, and what is decided already.
type Evidence struct {
	Trace  *trace.Trace
	Target systemd.Target
	Level  Level
	// Explicit asks for lists of system calls instead of groups.
	Explicit bool
	// Chosen are the settings of the families that were decided before.
	Chosen []trace.Setting
	Scene  *Scene
	Model  *Model

	byKind map[trace.Kind][]*trace.Observation
	// base are what the unit's own settings seem to deny though it happened: the
	// model is coarser than the system there.
	base map[*trace.Observation][]Source
}

// NewEvidence sorts a trace's observations. Those of systemd's own set-up and of
// commands with the "+" prefix need nothing of the sandbox and are left out.
func NewEvidence(t *trace.Trace, target systemd.Target, level Level, m *Model) *Evidence {
	e := &Evidence{Trace: t, Target: target, Level: level, Model: m, Scene: NewScene(t.Observations),
		byKind: map[trace.Kind][]*trace.Observation{}}
	for i := range t.Observations {
		o := &t.Observations[i]
		if Charged(o) {
			e.byKind[o.Kind] = append(e.byKind[o.Kind], o)
		}
	}
	e.base = e.contradictions()
	return e
}

// Charged tells whether an observation is the service's, and under its sandbox.
func Charged(o *trace.Observation) bool {
	return o.Actor.Phase == trace.PhaseService && !o.Actor.Privileged
}

// Of returns the observations of a kind that count, in the trace's order.
func (e *Evidence) Of(k trace.Kind) []*trace.Observation { return e.byKind[k] }

// Len returns how many observations count.
func (e *Evidence) Len() int {
	n := 0
	for _, list := range e.byKind {
		n += len(list)
	}
	return n
}

// Unit returns what the unit itself assigns to a directive that has one value.
func (e *Evidence) Unit(name string) string {
	return last(assignments(e.Trace.Header.Unit.Settings, name))
}

// chosen tells whether a family decided before has set a directive.
func (e *Evidence) chosen(name string) bool { return len(assignments(e.Chosen, name)) > 0 }

// unitList returns what the unit's own lines of a list directive amount to.
func (e *Evidence) unitList(name string) []string {
	return sinceReset(assignments(e.Trace.Header.Unit.Settings, name))
}

// contradictions are the unit's own settings that, by the model, deny what was
// observed under them.
func (e *Evidence) contradictions() map[*trace.Observation][]Source {
	s := e.Model.Sandbox(e.Trace.Header.Unit.Settings, e.Target, e.Scene)
	found := map[*trace.Observation][]Source{}
	for k, list := range e.byKind {
		if !s.CanDeny(k) {
			continue
		}
		for _, o := range list {
			for _, v := range s.Violations(o) {
				found[o] = append(found[o], v.Source)
			}
		}
	}
	return found
}

// Violations returns which observations the settings would deny, added to those of
// the unit and those chosen already. At most most of them; 0 is all.
func (e *Evidence) Violations(settings []trace.Setting, most int) []Violation {
	all := append(append([]trace.Setting{}, e.Trace.Header.Unit.Settings...), e.Chosen...)
	s := e.Model.Sandbox(append(all, settings...), e.Target, e.Scene)
	added := e.Model.Sandbox(settings, e.Target, e.Scene)
	var list []Violation
	for _, k := range trace.Kinds() {
		if !added.CanDeny(k) { // the others denied nothing before either
			continue
		}
		for _, o := range e.byKind[k] {
			for _, v := range s.Violations(o) {
				if v.Tolerated == "" && !e.contradicted(o, v.Source) {
					list = append(list, v)
				}
			}
			if most > 0 && len(list) >= most {
				return list
			}
		}
	}
	return list
}

func (e *Evidence) contradicted(o *trace.Observation, s Source) bool {
	for _, b := range e.base[o] {
		if b == s {
			return true
		}
	}
	return false
}

// settled tells whether the unit's own value of a directive is at least as strict
// as v; values are in order of strictness.
func (e *Evidence) settled(d *Directive, v string) bool {
	own := normalBool(e.Unit(d.Name))
	if own == "" || !e.Target.ValueKnown(d.Name, own) {
		return false
	}
	for _, w := range d.Values {
		switch w.Value {
		case own:
			return true
		case v:
			return false
		}
	}
	return false
}

func normalBool(v string) string {
	if isTrue(v) {
		return "yes"
	}
	return strings.ToLower(v)
}
