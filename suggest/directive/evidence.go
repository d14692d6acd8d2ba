// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"iter"
	"maps"
	"path"
	"slices"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
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
	// AllowList asks for a file system of which only what was used is left, as the
	// level Strict does.
	AllowList bool
	// Limits asks for limits a few times above what was used at most.
	Limits bool
	// Pretend asks for a filter that says that the service set its groups, which is
	// refused to whoever is not root: many programs give up then.
	Pretend bool
	// Chosen are the settings of the families that were decided before.
	Chosen []trace.Setting
	Scene  *Scene
	Model  *Model

	byKind map[trace.Kind][]*trace.Observation
	// dirs are the directories of files, in order; inDir what was done in each, and
	// byOp what differs in more than the name, by what was done.
	dirs  []string
	inDir map[string]*directory
	byOp  map[trace.FileOp][]*trace.Observation
	// paired are what has two directories: see twoNames; pairedIn by the first.
	paired   []*trace.Observation
	pairedIn map[string][]*trace.Observation
	// became is the user that the unit becomes, if that is one.
	became string
	// narrowed remembers what applications found.
	narrowed map[string]string
	// base are what the unit's own settings seem to deny though it happened: the
	// model is coarser than the system there.
	base map[*trace.Observation][]Violation
}

// NewEvidence sorts a trace's observations, and what they tell of an earlier start.
// Those of systemd's own set-up and of commands with the "+" prefix need nothing of
// the sandbox and are left out.
func NewEvidence(t *trace.Trace, target systemd.Target, level Level, m *Model) *Evidence {
	read := *t
	read.Header.Unit.Settings = systemd.AsRead(t.Header.Unit.Settings, target, t.Header.Unit.Name)
	e := &Evidence{Trace: &read, Target: target, Level: level, Model: m, Scene: NewScene(t.Observations).With(t.Header.Unit).On(t.Header.Host),
		byKind: map[trace.Kind][]*trace.Observation{}, byOp: map[trace.FileOp][]*trace.Observation{},
		pairedIn: map[string][]*trace.Observation{}, narrowed: map[string]string{}}
	for _, list := range [][]trace.Observation{t.Observations, firstStart(t.Observations, nativeABI(target))} {
		for i := range list {
			if o := &list[i]; Charged(o) {
				e.byKind[o.Kind] = append(e.byKind[o.Kind], o)
			}
		}
	}
	e.became = e.onlyUser()
	e.sortFiles()
	e.base = e.contradictions()
	return e
}

func nativeABI(t systemd.Target) string {
	if abis := seccomp.ABIs(t.Arch); len(abis) > 0 {
		return abis[0]
	}
	return ""
}

// sortFiles sorts operations on files by directory and by what was done.
func (e *Evidence) sortFiles() {
	var single []*trace.Observation
	for _, o := range e.byKind[trace.KindFile] {
		if !twoNames(o.File) {
			single = append(single, o)
			continue
		}
		e.paired = append(e.paired, o)
		dir := path.Dir(string(o.File.Path))
		e.pairedIn[dir] = append(e.pairedIn[dir], o)
		e.byOp[o.File.Op] = append(e.byOp[o.File.Op], o)
	}
	e.inDir = directories(single, e.Scene)
	e.dirs = slices.Sorted(maps.Keys(e.inDir))
	for _, dir := range e.dirs {
		for _, o := range e.inDir[dir].unlike {
			e.byOp[o.File.Op] = append(e.byOp[o.File.Op], o)
		}
	}
}

// twoNames tells renames and links, and what was reached by a link in /proc, which may
// not be there any more.
func twoNames(f *trace.File) bool {
	return f.Peer != "" || within(string(f.Given), "/proc") && !within(string(f.Path), "/proc")
}

// ops returns what was done of some sorts, as far as it differs in more than names.
func (e *Evidence) ops(list []trace.FileOp) []*trace.Observation {
	var all []*trace.Observation
	for _, op := range list {
		all = append(all, e.byOp[op]...)
	}
	return all
}

// doneIn returns what was done to the files of a directory, as far as it differs in
// more than their names, and to the directory itself.
func (e *Evidence) doneIn(dir string) []*trace.Observation {
	list := slices.Concat(e.pairedIn[dir], e.pairedIn[path.Dir(dir)])
	if d := e.inDir[dir]; d != nil {
		list = append(list, d.unlike...)
	}
	if d := e.inDir[path.Dir(dir)]; d != nil {
		list = append(list, d.all...)
	}
	return list
}

// Charged tells whether an observation is the service's, and under its sandbox.
func Charged(o *trace.Observation) bool {
	return o.Actor.Phase == trace.PhaseService && !o.Actor.Privileged
}

// Of returns the observations of a kind that count, in the trace's order.
func (e *Evidence) Of(k trace.Kind) []*trace.Observation { return e.byKind[k] }

// Len returns how many of the trace's observations count.
func (e *Evidence) Len() int {
	n := 0
	for i := range e.Trace.Observations {
		if Charged(&e.Trace.Observations[i]) {
			n++
		}
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
func (e *Evidence) contradictions() map[*trace.Observation][]Violation {
	s := e.Model.Sandbox(e.Trace.Header.Unit.Settings, e.Target, e.Scene)
	found := map[*trace.Observation][]Violation{}
	for o := range e.concerned(s) {
		if list := s.Violations(o); len(list) > 0 {
			found[o] = list
		}
	}
	return found
}

// before tells whether the unit's own settings do the same already: by the same line,
// or because what is hidden cannot be hidden more.
func (e *Evidence) before(v Violation) bool {
	return slices.ContainsFunc(e.base[v.Observation], v.NoWorseThan)
}

// Violations returns which observations the settings would deny, added to those of
// the unit and those chosen already. At most most of them; 0 is all.
func (e *Evidence) Violations(settings []trace.Setting, most int) []Violation {
	var list []Violation
	for v := range e.violations(settings) {
		list = append(list, v)
		if len(list) == most {
			break
		}
	}
	return list
}

func (e *Evidence) violations(settings []trace.Setting) iter.Seq[Violation] {
	all := slices.Concat(e.Trace.Header.Unit.Settings, e.Chosen, settings)
	s := e.Model.Sandbox(all, e.Target, e.Scene)
	added := e.Model.part(newUnit(settings, e.Target, e.Scene), newUnit(all, e.Target, e.Scene))
	return func(yield func(Violation) bool) {
		for o := range e.concerned(added) {
			for _, v := range s.Violations(o) {
				if v.Tolerated == "" && !e.before(v) && !yield(v) {
					return
				}
			}
		}
	}
}

// concerned are the observations that a sandbox can deny; the others it denies no
// more than was denied without it.
func (e *Evidence) concerned(added *Sandbox) iter.Seq[*trace.Observation] {
	return func(yield func(*trace.Observation) bool) {
		for _, k := range trace.Kinds() {
			if k == trace.KindFile || !added.CanDeny(k) {
				continue
			}
			for _, o := range e.byKind[k] {
				if !yield(o) {
					return
				}
			}
		}
		for _, list := range e.filesConcerned(added) {
			for _, o := range list {
				if !yield(o) {
					return
				}
			}
		}
	}
}

// filesConcerned returns lists of observations of files, each observation once: of
// those that differ in the name alone one is enough where no name is a mount point.
func (e *Evidence) filesConcerned(added *Sandbox) [][]*trace.Observation {
	if !added.CanDeny(trace.KindFile) {
		return nil
	}
	lists := [][]*trace.Observation{e.paired}
	touched := map[string]bool{}
	for _, dir := range e.dirs {
		if added.touches(dir) {
			touched[dir] = true
			if added.names(dir) {
				lists = append(lists, e.inDir[dir].all)
			} else {
				lists = append(lists, e.inDir[dir].unlike)
			}
		}
	}
	for _, op := range added.ops() {
		lists = append(lists, slices.DeleteFunc(slices.Clone(e.byOp[op]), func(o *trace.Observation) bool {
			return twoNames(o.File) || touched[path.Dir(string(o.File.Path))]
		}))
	}
	return lists
}

// settled tells whether the unit's own value of a directive is at least as strict
// as v; values are in order of strictness.
func (e *Evidence) settled(d *Directive, v string) bool {
	own := e.Unit(d.Name)
	if own == "" {
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
