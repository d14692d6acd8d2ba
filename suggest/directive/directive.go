// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"cmp"
	"slices"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// Level is how much of what was not seen a suggestion takes away.
type Level uint8

// The levels, each stricter than the one before.
const (
	Safe Level = iota
	Standard
	Strict
)

// Directive is a setting that restricts a service.
type Directive struct {
	Name string
	// Denies says in a few words what it takes away, for people; DeniesBy what values do
	// that take away something else.
	Denies   string
	DeniesBy map[string]string
	// Values are the values to propose, the strictest first. Directives whose
	// values are made from the trace have none: their Family proposes.
	Values []Value
	// Read turns the directive's assignments, of the whole unit and in order, into
	// rules. It must agree with how the target reads them; what the target ignores
	// gives no rule.
	Read func(values []string, t *Unit) []Rule
}

// Value is a value that a directive can be proposed with.
type Value struct {
	Value string
	// From is the lowest level at which it is proposed.
	From Level
}

// Family is directives that are decided together.
type Family struct {
	// Name is what people call it: "file system", "capabilities", ….
	Name       string
	Directives []Directive
	// Propose returns candidates from the strictest to the weakest; having none of
	// them is always possible. nil stands for the values of the one directive.
	Propose func(e *Evidence) []Candidate
}

// Candidate is one way to set the directives of a family.
type Candidate struct {
	Settings []trace.Setting
	// Reasons are what in the trace made a setting what it is, by its index.
	Reasons map[int][]*trace.Observation
	// Notes are what a reader should know of the candidate as a whole.
	Notes []string
}

// rows returns a directive's proposals as candidates.
func (f *Family) rows(e *Evidence) []Candidate {
	var list []Candidate
	for i := range f.Directives {
		d := &f.Directives[i]
		for _, v := range d.Values {
			if v.From <= e.Level && !e.settled(d, v.Value) && e.Target.Enforces(d.Name, v.Value) {
				list = append(list, Candidate{Settings: []trace.Setting{{Name: d.Name, Value: v.Value}}})
			}
		}
	}
	return list
}

// Candidates returns what can be proposed for the family, the strictest first.
// Nothing that the target ignores is among it.
func (f *Family) Candidates(e *Evidence) []Candidate {
	if f.Propose == nil {
		return f.rows(e)
	}
	return f.Propose(e)
}

// Directive returns the family's directive of that name, or nil.
func (f *Family) Directive(name string) *Directive {
	for i := range f.Directives {
		if f.Directives[i].Name == name {
			return &f.Directives[i]
		}
	}
	return nil
}

// Model is every directive, in the order in which a drop-in has them.
type Model struct {
	families []Family
	byName   map[string]*Directive
}

// NewModel returns the model of all directives.
func NewModel() *Model {
	m := &Model{byName: map[string]*Directive{}}
	m.families = slices.Concat(
		identityFamilies(), capabilityFamilies(), fileSystemFamilies(), deviceFamilies(), kernelFamilies(),
		procFamilies(), processFamilies(), ipcFamilies(), namespaceFamilies(), networkFamilies(), addressFamilyRules(), callFamilies(), []Family{runDirectoryFamily()})
	for i := range m.families {
		for j := range m.families[i].Directives {
			d := &m.families[i].Directives[j]
			m.byName[d.Name] = d
		}
	}
	return m
}

// Families returns the families in the order of a drop-in.
func (m *Model) Families() []Family { return m.families }

// Directive returns a directive by its name; nil if it restricts nothing that the
// model knows.
func (m *Model) Directive(name string) *Directive { return m.byName[name] }

// Denies says what a setting takes away by itself; "" for a value with which nothing is,
// and for what the target ignores.
func (m *Model) Denies(s trace.Setting, t systemd.Target, scene *Scene) string {
	u := newUnit([]trace.Setting{s}, t, scene)
	values, d := u.Values(s.Name), m.byName[s.Name]
	switch {
	case d == nil || len(values) == 0 || slices.Contains(unlimited, last(values)) && d.Read == nil:
		return ""
	case d.Read != nil && len(d.Read(values, u)) == 0:
		return ""
	}
	return d.denies(last(values))
}

func (d *Directive) denies(value string) string {
	return cmp.Or(d.DeniesBy[value], d.Denies)
}

// Sandbox reads settings, of the whole unit and in order, as the target does.
func (m *Model) Sandbox(settings []trace.Setting, t systemd.Target, scene *Scene) *Sandbox {
	u := newUnit(settings, t, scene)
	return m.part(u, u)
}

// part reads a unit with some of the settings of a whole one: its rules are theirs, and
// those that all settings together imply.
func (m *Model) part(unit, whole *Unit) *Sandbox {
	s := m.rules(unit, whole)
	if s.elevated = whole.elevated(); len(s.elevated) > 0 {
		s.asRoot = m.rules(unit.asRoot(), whole.asRoot())
	}
	return s
}

func (m *Model) rules(unit, whole *Unit) *Sandbox {
	var rules []sourcedRule
	for _, name := range namesOf(unit.settings) {
		d := m.byName[name]
		if d == nil || d.Read == nil {
			continue
		}
		values := unit.Values(name)
		for _, r := range d.Read(values, unit) {
			rules = append(rules, sourcedRule{Source{name, unit.inForce(name)}, r})
		}
	}
	s := newSandbox(whole.scene, append(rules, m.implied(whole)...))
	s.outside = whole.outside()
	return s
}

func newUnit(settings []trace.Setting, t systemd.Target, scene *Scene) *Unit {
	u := &Unit{Target: t, settings: systemd.AsRead(settings, t, scene.unitName()), scene: scene}
	u.settings = append(append(u.settings, u.dynamicUser()...), u.delegatedNamespaces()...)
	return u
}

func namesOf(settings []trace.Setting) []string {
	var names []string
	for _, s := range settings {
		if !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}
