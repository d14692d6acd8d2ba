// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

func userFamily() Family {
	const denies, mapped = "capabilities on the host, and users other than root and its own", "capabilities on the host"
	return Family{Name: "PrivateUsers", Directives: []Directive{
		{
			Name: "PrivateUsers", Values: []Value{{"yes", Standard}, {"identity", Standard}},
			Denies: denies, DeniesBy: map[string]string{"identity": mapped, "full": mapped}, Read: readPrivateUsers,
		},
		{Name: "DelegateNamespaces", Denies: denies}, // see delegatedNamespaces
	}}
}

// readPrivateUsers: a user namespace of the unit's own, in which root and the unit's
// user are known (yes and self), or also all others below 65536 (identity, v257) or
// all (full, v258). Capabilities count in it and not on the host.
func readPrivateUsers(values []string, u *Unit) []Rule {
	v := last(values)
	if v == "" || v == "no" {
		return nil
	}
	mapped := v == "identity" || v == "full"
	var rules []Rule
	for _, c := range capabilityNames {
		rules = append(rules, lossRule{cap: c, abroad: true, mapped: mapped, unmapped: !mapped, groups: v == "full"})
	}
	traced := newUntraceable(u)
	traced.abroad = true
	rules = append(rules, traced, unmappable{})
	if !mapped {
		rules = append(rules, unmappedIDs{}, unmappedOwners{u.scene}, unmappedProcesses{})
	}
	return rules
}

// delegatedNamespaces is what DelegateNamespaces= brings along, even "no" (v258, as seen on
// 262): namespaces can be given to a user namespace only.
func (u *Unit) delegatedNamespaces() []trace.Setting {
	own := last(u.Values("PrivateUsers"))
	if last(u.Values("DelegateNamespaces")) == "" || own != "" && own != "no" {
		return nil
	}
	return []trace.Setting{{Name: "PrivateUsers", Value: "self"}}
}

// unstartable: what systemd has to do first goes wrong, and nothing is executed.
type unstartable struct{ fails trace.Outcome }

func (unstartable) Kind() trace.Kind { return trace.KindFile }

func (unstartable) ops() []trace.FileOp { return []trace.FileOp{trace.OpExecute} }

func (r unstartable) Denies(o *trace.Observation) trace.Outcome {
	if o.File.Op != trace.OpExecute || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	return r.fails
}

// unmappable: systemd mounts first and makes the user namespace then, for which it has to
// write to /proc (status 217, as seen on 247 to 262).
type unmappable struct{ unstartable }

// seeing implements sighted.
func (r unmappable) seeing(s *Sandbox) Rule {
	_, r.fails = s.deniedByMount(&trace.Observation{Kind: trace.KindFile, Outcome: trace.OutcomeOK,
		File: &trace.File{Op: trace.OpWrite, Path: "/proc/self/uid_map", Type: trace.TypeRegular}})
	return r
}

// idCalls are the calls that set ids, and where these are among the arguments.
var idCalls = map[string]int{
	"setuid": 1, "setgid": 1, "setreuid": 2, "setregid": 2, "setresuid": 3, "setresgid": 3,
	"setuid32": 1, "setgid32": 1, "setreuid32": 2, "setregid32": 2, "setresuid32": 3, "setresgid32": 3,
}

// unmappedIDs: nobody becomes a user that is not known.
type unmappedIDs struct{}

func (unmappedIDs) Kind() trace.Kind { return trace.KindSyscall }

func (unmappedIDs) Denies(o *trace.Observation) trace.Outcome {
	if o.Outcome != trace.OutcomeOK && !refusal(o.Outcome) {
		return allowed
	}
	for i := range idCalls[o.Syscall.Name] {
		if id, known := o.Syscall.Arg(i); known && !mappedFor(o.Actor, uint32(id)) {
			return unlessSame(o, einval)
		}
	}
	return allowed
}

// mappedFor tells whether an id is root's, the actor's, or -1, which changes nothing.
func mappedFor(a trace.Actor, id uint32) bool {
	return id == 0 || id == ^uint32(0) || id == a.UID || id == a.GID
}

// unmappedOwners: files are not given to users that are not known, and set-id bits of
// files of such have no effect (bprm_fill_uid() in fs/exec.c).
type unmappedOwners struct{ scene *Scene }

func (unmappedOwners) Kind() trace.Kind { return trace.KindFile }

func (unmappedOwners) ops() []trace.FileOp { return []trace.FileOp{trace.OpChown, trace.OpExecute} }

func (r unmappedOwners) Denies(o *trace.Observation) trace.Outcome {
	f := o.File
	switch {
	case !slices.Contains(r.ops(), f.Op):
		return allowed
	case f.Op == trace.OpChown && o.Outcome == eperm:
		return einval
	case f.Op != trace.OpExecute || f.Owner == nil || o.Outcome != trace.OutcomeOK:
		return allowed
	}
	unmapped := func(caller trace.Actor) bool {
		return !mappedFor(caller, f.Owner.UID) || !mappedFor(caller, f.Owner.GID)
	}
	if slices.ContainsFunc(r.scene.becoming(f.Owner, o.Actor), unmapped) {
		return Unprivileged
	}
	return allowed
}

// unmappedProcesses: who a process of a user that is not known belongs to cannot be read.
// polkit asks that of everybody who wants something.
type unmappedProcesses struct{}

func (unmappedProcesses) Kind() trace.Kind { return trace.KindFile }

func (unmappedProcesses) concerns(dir string) bool { return within(dir, "/proc") }

func (unmappedProcesses) Denies(o *trace.Observation) trace.Outcome {
	f := o.File
	name, ok := strings.CutPrefix(string(f.Path), "/proc/")
	pid, rest, _ := strings.Cut(name, "/")
	asks := f.Op == trace.OpRead && path.Base(rest) == "status" || f.Op == trace.OpStat && rest == ""
	switch {
	case !ok || !isPID(pid) || !asks || o.Outcome != trace.OutcomeOK:
		return allowed
	case f.Owner != nil && mappedFor(o.Actor, f.Owner.UID) && mappedFor(o.Actor, f.Owner.GID):
		return allowed
	}
	return Hidden
}
