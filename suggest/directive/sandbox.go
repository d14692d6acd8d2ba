// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// Sandbox is what the settings of a unit deny together.
type Sandbox struct {
	scene *Scene
	rules map[trace.Kind][]sourcedRule
	view  *View
	lost  losses
	// abroad are those among them that are lost in the initial user namespace only.
	abroad losses
	// groups are those that root joins; outside the Exec lines that are not under the
	// sandbox.
	groups  []uint32
	outside []string
	// asRoot is the sandbox of the Exec lines that are elevated.
	asRoot   *Sandbox
	elevated []string
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

// newSandbox collects rules; the mounts among them become the view.
func newSandbox(scene *Scene, rules []sourcedRule) *Sandbox {
	s := &Sandbox{scene: scene, rules: map[trace.Kind][]sourcedRule{}, lost: losses{}, abroad: losses{}}
	var mounts []Mount
	for _, r := range rules {
		switch rule := r.rule.(type) {
		case mountRule:
			rule.source = r.source
			mounts = append(mounts, rule.Mount)
		case lossRule:
			s.lost.add(rule, r.source)
			if rule.abroad {
				s.abroad.add(rule, r.source)
			}
		case joined:
			s.groups = append(s.groups, rule.groups...)
		default:
			s.rules[r.rule.Kind()] = append(s.rules[r.rule.Kind()], r)
		}
	}
	if !slices.ContainsFunc(mounts, func(m Mount) bool { return !m.Beside }) {
		mounts = nil
	}
	s.view = newView(mounts, scene)
	for _, list := range s.rules {
		for i := range list {
			switch r := list[i].rule.(type) {
			case lossy:
				list[i].rule = r.under(s.lost)
			case sighted:
				list[i].rule = r.seeing(s)
			}
		}
	}
	return s
}

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

// names tells whether a file in a directory is a mount point itself.
func (s *Sandbox) names(dir string) bool { return s.view.inside[dir] }

// ops returns the operations on files that the sandbox can deny wherever they are.
func (s *Sandbox) ops() []trace.FileOp {
	var ops []trace.FileOp
	if len(s.view.byPath) > 0 {
		ops = append(ops, trace.OpMount)
	}
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
	switch {
	case len(s.rules[k]) > 0:
		return true
	case k == trace.KindFile:
		return len(s.view.byPath) > 0
	}
	return k == trace.KindCapability && len(s.lost) > 0
}

// Violations returns which settings would have denied an observation; none means
// that the operation would have had the outcome it had.
func (s *Sandbox) Violations(o *trace.Observation) []Violation {
	if o.Actor.Line != "" && slices.Contains(s.outside, o.Actor.Line) {
		return nil
	}
	if slices.Contains(s.elevated, o.Actor.Line) {
		return s.asRoot.Violations(o)
	}
	var list []Violation
	switch o.Kind {
	case trace.KindFile:
		if m, out := s.deniedByMount(o); out != allowed {
			list = append(list, violation(m.source, o, out))
		}
	case trace.KindCapability:
		if s.scene.keepsAll(o) || s.scene.MakesDo(o) || s.mayFilter(o.Capability) {
			return nil
		}
		if l, out := s.deniedByLoss(o); out != allowed {
			list = append(list, violation(l.source, o, out))
		}
	}
	for _, r := range s.rules[o.Kind] {
		out := r.rule.Denies(o)
		if out == allowed {
			continue
		}
		v := violation(r.source, o, out)
		if t, ok := r.rule.(tolerant); ok && v.Tolerated == "" {
			v.Tolerated = t.tolerates(o)
		}
		if t, ok := r.rule.(tolerantScene); ok && v.Tolerated == "" {
			v.Tolerated = t.toleratesIn(s.scene, o)
		}
		list = append(list, v)
	}
	return list
}

// deniedByLoss returns which loss of a capability denies a check, and with which outcome.
func (s *Sandbox) deniedByLoss(o *trace.Observation) (loss, trace.Outcome) {
	l, out := s.lost.denies(o)
	if l.carried && s.scene.carried(o) { // it has it all the same, where that counts
		l, out = s.abroad.denies(o)
	}
	if out != allowed && s.scene.passes(o, s.groups) {
		return loss{}, allowed
	}
	return l, out
}

// mayFilter tells whether a check is for loading a seccomp filter, and not needed: whoever
// gains no privileges may load one (seccomp_prepare_filter() in kernel/seccomp.c).
func (s *Sandbox) mayFilter(c *trace.Capability) bool {
	return c.Name == "CAP_SYS_ADMIN" && (c.Syscall == "seccomp" || c.Syscall == "prctl") &&
		slices.ContainsFunc(s.rules[trace.KindFile], func(r sourcedRule) bool { _, ok := r.rule.(noNewPrivileges); return ok })
}

// violation: what was refused before is no worse refused in another way, and who asks in
// passing lives with either answer.
func violation(s Source, o *trace.Observation, out trace.Outcome) Violation {
	v := Violation{Source: s, Observation: o, Outcome: out}
	switch {
	case refusal(o.Outcome) && (refusal(out) || out == enoent):
		v.Tolerated = "it was refused already"
	case refusal(out):
		v.Tolerated = InPassing(o)
	}
	return v
}

func refusal(o trace.Outcome) bool { return o == eperm || o == eacces || o == erofs }
