// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// Options say for what a suggestion is made. The zero value, with the level set to
// directive.Standard, is the usual suggestion for the recorded host.
type Options struct {
	// Target is the systemd to suggest for; nil is the one the trace was recorded
	// under.
	Target *systemd.Target
	Level  directive.Level
	// Explicit asks for lists of system calls where groups would do.
	Explicit bool
	// AllowList asks for a file system of which only what was used is left, as the
	// level directive.Strict does.
	AllowList bool
	// Limits asks for limits on processes, memory and open files, a few times above
	// what the training run used at most.
	Limits bool
	// Drop asks to start the service as the user that it becomes anyway, or as one
	// that systemd makes up if it never becomes any, with the steps that only an
	// administrator can take.
	Drop bool
	// DynamicUser asks for a user that systemd makes up where that is possible, also
	// instead of the one that the unit names.
	DynamicUser bool

	// noPretending is set where no filter is possible that would pretend something.
	noPretending bool
}

// keptViolations is how many violations of a withheld value are kept.
const keptViolations = 5

// Suggest returns the strictest profile that denies nothing that the trace holds.
// It fails when the trace does not tell what it was recorded under and Options do
// not either.
func Suggest(t *trace.Trace, o Options) (*Profile, error) {
	target, err := targetOf(t, o.Target)
	if err != nil {
		return nil, err
	}
	p := &Profile{Unit: t.Header.Unit.Name, Target: target, Level: o.Level, Incomplete: t.Incomplete(),
		Unexercised: unexercised(t), Identities: identities(t)}
	model := directive.NewModel()
	e := directive.NewEvidence(t, target, o.Level, model)
	p.Observations = e.Len()
	own := t.Header.Unit.Settings
	counted := systemd.ExposureOptions{NoDefaultDependencies: t.Header.Unit.Early}
	p.Before = systemd.ExposureOf(own, target, counted)
	p.After = p.Before
	if p.Sessions = e.Sessions(); len(p.Sessions) > 0 {
		if o.Drop || o.DynamicUser {
			_, p.KeepsIdentity = changeIdentity(t, target, o)
		}
		return p, nil
	}
	if o.Drop || o.DynamicUser {
		asUser, pretend := p.drop(t, o)
		e = directive.NewEvidence(asUser, target, o.Level, model)
		e.Pretend = pretend
	}
	e.Explicit, e.AllowList, e.Limits = o.Explicit, o.AllowList, o.Limits
	families := model.Families()
	for i := range families {
		p.decide(e, &families[i])
	}
	if e.Pretend && !slices.ContainsFunc(p.Lines, func(l Line) bool { return l.Name == "SystemCallFilter" }) {
		o.noPretending = true
		return Suggest(t, o)
	}
	p.After = systemd.ExposureOf(slices.Concat(own, p.Settings()), target, counted)
	return p, p.judge(e)
}

// drop puts the lines that change the identity first, and returns the trace as it
// would have been under them, and whether a filter has to pretend something.
func (p *Profile) drop(t *trace.Trace, o Options) (asUser *trace.Trace, pretend bool) {
	id, why := changeIdentity(t, p.Target, o)
	if why != "" {
		p.KeepsIdentity = why
		return t, false
	}
	p.Lines, p.Steps = id.lines(), id.steps
	return id.asUser(), id.pretend
}

func targetOf(t *trace.Trace, target *systemd.Target) (systemd.Target, error) {
	if target != nil {
		return *target, nil
	}
	return systemd.TargetOf(t.Header.Host)
}

// decide takes the first candidate of a family that denies nothing.
func (p *Profile) decide(e *directive.Evidence, f *directive.Family) {
	var refused []Withheld
	chosen := ""
	for _, c := range f.Candidates(e) {
		violations := e.Violations(c.Settings, keptViolations)
		if len(violations) == 0 {
			p.take(e, f, c)
			chosen = c.Settings[0].Value
			break
		}
		refused = append(refused, withheld(c, violations))
	}
	for i, w := range refused {
		if i > 0 && w.Setting == refused[i-1].Setting { // the same with more around it
			continue
		}
		w.Instead = chosen
		p.Withheld = append(p.Withheld, w)
	}
}

// withheld names the last setting of a candidate that the first violation is about:
// what it ends up as.
func withheld(c directive.Candidate, violations []directive.Violation) Withheld {
	setting := c.Settings[len(c.Settings)-1]
	for _, s := range c.Settings {
		if s.Name == violations[0].Directive {
			setting = s
		}
	}
	return Withheld{Setting: setting, Violations: violations}
}

func (p *Profile) take(e *directive.Evidence, f *directive.Family, c directive.Candidate) {
	e.Chosen = append(e.Chosen, c.Settings...)
	noted := false
	for i, s := range c.Settings {
		l := Line{Setting: s, Evidence: c.Reasons[i], Use: directive.UseOf(s.Name, e.Trace.Header.Peaks)}
		if f.Directive(s.Name) != nil {
			l.Denies = e.Model.Denies(s, e.Target, e.Scene)
		}
		if !noted && s.Value != "" {
			l.Notes, noted = c.Notes, true
		}
		p.Lines = append(p.Lines, l)
	}
}

// judge puts the whole of the suggestion to the model once more.
func (p *Profile) judge(e *directive.Evidence) error {
	chosen := e.Chosen
	e.Chosen = nil
	if v := e.Violations(chosen, 1); len(v) > 0 {
		return fmt.Errorf("the suggestion as a whole would deny what was observed (%s=%s, %s): this is a bug, please report it with the trace",
			v[0].Directive, v[0].Value, v[0].Outcome)
	}
	return nil
}

func identities(t *trace.Trace) []Identity {
	seen := map[Identity]bool{}
	var list []Identity
	for i := range t.Observations {
		o := &t.Observations[i]
		id := Identity{UID: o.Actor.UID, GID: o.Actor.GID}
		if !directive.Charged(o) || seen[id] {
			continue
		}
		seen[id] = true
		list = append(list, id)
	}
	for i := range list {
		list[i].User, list[i].Group = t.Header.Unit.Users[list[i].UID], t.Header.Unit.Groups[list[i].GID]
	}
	slices.SortFunc(list, func(a, b Identity) int { return cmp.Or(cmp.Compare(a.UID, b.UID), cmp.Compare(a.GID, b.GID)) })
	return list
}
