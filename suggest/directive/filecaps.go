// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// bounds takes capabilities out of the bounding set. A file that carries one of them, in
// force at once, is not executed any more, whoever does and whether it used it or not
// (bprm_caps_from_vfs_caps() in security/commoncap.c, Linux 5.15 to 6.18). What the
// process inherits would do for it as well, but systemd lets nothing be inherited that is
// not also ambient.
type bounds struct {
	gone []string
	// sandbox tells where nobody looks at what files carry.
	sandbox *Sandbox
}

func (bounds) Kind() trace.Kind { return trace.KindFile }

func (bounds) ops() []trace.FileOp { return []trace.FileOp{trace.OpExecute} }

// seeing implements sighted.
func (b bounds) seeing(s *Sandbox) Rule { return bounds{b.gone, s} }

func (b bounds) Denies(o *trace.Observation) trace.Outcome {
	if o.File.Op != trace.OpExecute || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	gone := func(c string) bool { return slices.Contains(b.gone, c) }
	switch {
	case !slices.ContainsFunc(o.File.Carries.Required(), gone):
		return allowed
	case b.sandbox.nosuid(string(o.File.Path)):
		return Unprivileged
	}
	return eperm
}

// toleratesIn says why a program lives without what its file would have given it.
func (b bounds) toleratesIn(s *Scene, o *trace.Observation) string {
	if !b.sandbox.nosuid(string(o.File.Path)) {
		return ""
	}
	return s.withoutThem(o.File, false)
}

// nosuid tells whether a file is on a mount that NoNewPrivileges= has made so.
func (s *Sandbox) nosuid(file string) bool {
	return s.view.byPath[s.view.at(file).on] != nil && slices.ContainsFunc(s.rules[trace.KindFile], func(r sourcedRule) bool {
		n, ok := r.rule.(noNewPrivileges)
		return ok && n.nosuid
	})
}

// drop returns the rules that take capabilities out of the bounding set.
func drop(names ...string) []Rule {
	return append(lose(names...), bounds{gone: names})
}

// givesCapabilities tells whether executing the file gives its program capabilities
// besides those that who executes it has, or might. Root has all without it.
func givesCapabilities(f *trace.File, has map[string]bool) bool {
	return f.FileCaps && (f.Carries == nil || f.Carries.RootID != 0 || slices.ContainsFunc(f.Carries.Permitted, func(c string) bool { return !has[c] }))
}

// withoutThem says why a program lives without the capabilities that its file carries; ""
// if it does not, or if that is not known. What it did as root needed none of them, unless
// it is a user's that does it.
func (s *Scene) withoutThem(f *trace.File, user bool) string {
	if f.Carries == nil || f.Carries.RootID != 0 {
		return ""
	}
	for i := range s.observations {
		o := &s.observations[i]
		if o.Capability == nil || o.Actor.UID == 0 && !user || o.Actor.Exe != f.Path || !Charged(o) || !slices.Contains(f.Carries.Permitted, o.Capability.Name) {
			continue
		}
		if use, _ := CapabilityUse(o); use == CapNeeded {
			return ""
		}
	}
	return fmt.Sprintf("it never used what its file carries: %s", strings.Join(f.Carries.Permitted, " "))
}

// carried tells whether a check is of a program whose file gives it the capability,
// whoever executes it.
func (s *Scene) carried(o *trace.Observation) bool {
	return slices.Contains(s.carry[o.Actor.Exe], o.Capability.Name)
}
