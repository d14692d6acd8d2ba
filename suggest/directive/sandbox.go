// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// Sandbox is what the settings of a unit deny together.
type Sandbox struct {
	scene *Scene
	rules map[trace.Kind][]sourcedRule
	view  *View
}

type sourcedRule struct {
	source Source
	rule   Rule
}

// mountRule is a Mount among the rules of a directive. The view of all of them
// together decides, and not a single one.
type mountRule struct{ Mount }

func (mountRule) Kind() trace.Kind                        { return trace.KindFile }
func (mountRule) Denies(*trace.Observation) trace.Outcome { return allowed }

// touches tells whether the sandbox can deny anything to files in a directory,
// operations apart.
func (s *Sandbox) touches(dir string) bool {
	if s.view.touches(dir) {
		return true
	}
	for _, r := range s.rules[trace.KindFile] {
		if local, ok := r.rule.(localRule); ok && local.concerns(dir) {
			return true
		}
	}
	return false
}

// ops returns the operations on files that the sandbox can deny wherever they are.
func (s *Sandbox) ops() []trace.FileOp {
	var ops []trace.FileOp
	for _, r := range s.rules[trace.KindFile] {
		if by, ok := r.rule.(opRule); ok {
			for _, op := range by.ops() {
				if !slices.Contains(ops, op) {
					ops = append(ops, op)
				}
			}
		}
	}
	return ops
}

// CanDeny tells whether the sandbox denies anything among the observations of a
// kind.
func (s *Sandbox) CanDeny(k trace.Kind) bool {
	return len(s.rules[k]) > 0 || k == trace.KindFile && len(s.view.byPath) > 0
}

// newSandbox collects rules; the mounts among them become the view.
func newSandbox(scene *Scene, rules []sourcedRule) *Sandbox {
	s := &Sandbox{scene: scene, rules: map[trace.Kind][]sourcedRule{}}
	var mounts []Mount
	for _, r := range rules {
		if m, ok := r.rule.(mountRule); ok {
			m.source = r.source
			mounts = append(mounts, m.Mount)
			continue
		}
		s.rules[r.rule.Kind()] = append(s.rules[r.rule.Kind()], r)
	}
	s.view = newView(mounts)
	return s
}

// Violations returns which settings would have denied an observation; none means
// that the operation would have had the outcome it had.
func (s *Sandbox) Violations(o *trace.Observation) []Violation {
	var list []Violation
	for _, r := range s.rules[o.Kind] {
		out := r.rule.Denies(o)
		if out == allowed {
			continue
		}
		v := Violation{Source: r.source, Observation: o, Outcome: out}
		if t, ok := r.rule.(tolerant); ok {
			v.Tolerated = t.tolerates(o)
		}
		list = append(list, v)
	}
	if o.Kind == trace.KindFile {
		if m, out := s.deniedByMount(o); out != allowed {
			list = append(list, Violation{Source: m.source, Observation: o, Outcome: out})
		}
	}
	return list
}

// deniedByMount returns the mount that stands in the way of an operation on a file.
func (s *Sandbox) deniedByMount(o *trace.Observation) (*Mount, trace.Outcome) {
	f := o.File
	name := string(f.Path)
	if len(s.view.byPath) == 0 || f.Partial || f.Unlinked || !strings.HasPrefix(name, "/") {
		return nil, allowed
	}
	here := s.view.at(name)
	if m, out := s.absent(o, name, here.presence); out != allowed {
		return m, out
	}
	return s.refused(o, name, here)
}

// absent: the file cannot be found any more.
func (s *Sandbox) absent(o *trace.Observation, name string, m *Mount) (*Mount, trace.Outcome) {
	if m == nil || m.Mode == Bound {
		return nil, allowed
	}
	if name == m.Path && (o.File.Op == trace.OpStat || m.Mode == Emptied) {
		return nil, allowed
	}
	switch {
	case m.Mode == Inaccessible:
		if o.Outcome == eacces || o.Outcome == eperm {
			return nil, allowed
		}
		return m, eacces
	case m.keeps(name):
		return nil, allowed
	case m.KeepsOwn && o.File.Op == trace.OpBind:
		return m, Hidden // from those who would connect to it
	case m.KeepsOwn && s.scene.Own(name):
		return nil, allowed
	case o.Outcome != trace.OutcomeOK:
		return nil, allowed
	}
	return m, enoent
}

// keeps tells whether the name is, or is below, one that systemd puts into the
// emptied directory again.
func (m *Mount) keeps(name string) bool {
	rest := strings.TrimPrefix(strings.TrimPrefix(name, m.Path), "/")
	first, _, _ := strings.Cut(rest, "/")
	for _, k := range m.Keep {
		if k == first {
			return true
		}
	}
	return false
}

// refused: the file is there, and a mount's flags deny the operation.
func (s *Sandbox) refused(o *trace.Observation, name string, here place) (*Mount, trace.Outcome) {
	f := o.File
	use := fileUses[f.Op]
	if use.executes && here.exec != nil && here.exec.Mode == NoExec && o.Outcome == trace.OutcomeOK {
		return here.exec, eacces
	}
	self, parent := Writes(f)
	if o.Outcome != trace.OutcomeOK && !use.early {
		return nil, allowed
	}
	if f.Op == trace.OpMkdir && here.point != nil && here.point.Made {
		return nil, allowed // EEXIST, which whoever makes a directory it needs lives with
	}
	write := here.write
	if parent {
		write = s.view.dir(path.Dir(name)).write
	}
	if (self || parent) && write != nil && write.Mode != ReadWrite {
		return write, unlessSame(o, erofs)
	}
	if use.moves && here.point != nil && o.Outcome == trace.OutcomeOK {
		return here.point, ebusy
	}
	return s.crosses(o, name)
}

// crosses: the two names of a rename or link are on different mounts now.
func (s *Sandbox) crosses(o *trace.Observation, name string) (*Mount, trace.Outcome) {
	f := o.File
	if f.Peer == "" || f.Op != trace.OpRenameTo && f.Op != trace.OpLinkTo || o.Outcome != trace.OutcomeOK {
		return nil, allowed
	}
	a, b := s.view.dir(path.Dir(name)).on, s.view.dir(path.Dir(string(f.Peer))).on
	if a == b {
		return nil, allowed
	}
	if len(b) > len(a) {
		a = b
	}
	return &s.view.byPath[a][0], exdev
}
