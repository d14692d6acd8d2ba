// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

func procFamilies() []Family {
	return []Family{
		single(Directive{
			Name: "ProtectProc", Values: []Value{{"invisible", Standard}},
			Denies: "sight of other users' processes in /proc", Read: readProtectProc, DeniesBy: map[string]string{
				"noaccess": "what is in /proc of other users' processes", "ptraceable": "sight of processes in /proc that it may not trace"},
		}),
		single(Directive{
			Name: "ProcSubset", Values: []Value{{"pid", Strict}},
			Denies: "everything in /proc but processes", Read: readProcSubset,
		}),
	}
}

// procRule denies a part of /proc.
type procRule struct {
	// others: the directories of other processes; rest: what is no process.
	others, rest bool
	// traced is set when only who may trace a process sees it; otherwise root's group
	// does too (in_group_p() in fs/proc/base.c).
	traced bool
	// left is set when the unit's user is not of that group.
	left   bool
	denied trace.Outcome
	lost   losses
}

// under implements lossy.
func (r *procRule) under(l losses) Rule {
	with := *r
	with.lost = l
	return &with
}

// sees tells whether the actor sees the processes of others.
func (r *procRule) sees(a trace.Actor) bool {
	return a.GID == 0 && !r.traced && !r.left || a.UID == 0 && !r.lost.has("CAP_SYS_PTRACE")
}

func (r *procRule) Kind() trace.Kind { return trace.KindFile }

func (r *procRule) concerns(dir string) bool { return within(dir, "/proc") }

func (r *procRule) Denies(o *trace.Observation) trace.Outcome {
	f := o.File
	name := f.Path
	if r.rest && within(string(f.Given), "/proc") { // /proc/mounts is a link to self/mounts
		name = f.Given
	}
	entry, ok := strings.CutPrefix(string(name), "/proc/")
	if !ok || o.Outcome == enoent || r.others && f.Op == trace.OpStat && r.denied == eperm {
		return allowed
	}
	first, _, _ := strings.Cut(entry, "/")
	if first == "self" || first == "thread-self" {
		return allowed
	}
	if process := isPID(first); process && r.others && !r.sees(o.Actor) || !process && r.rest {
		return unlessSame(o, r.denied)
	}
	return allowed
}

// tracedFiles are what /proc shows of a process only to those who may trace it.
var tracedFiles = []string{"environ", "mem", "maps", "smaps", "auxv", "cwd", "exe", "root", "fd", "fdinfo", "map_files", "ns", "io", "stack", "syscall"}

// memoryFiles are those of them that CAP_PERFMON lets read as well, from Linux 6.15 on
// (may_access_mm() in kernel/fork.c).
var memoryFiles = []string{"environ", "mem", "maps", "smaps", "auxv"}

// untraceable denies them: a process with more capabilities than one's own cannot be
// traced without CAP_SYS_PTRACE, whoever it belongs to.
type untraceable struct {
	// readable is set when CAP_PERFMON does for memoryFiles.
	readable bool
	// abroad is set when it is in another user namespace. Each command of a unit has its
	// own, and ExecStop= does not see what the user executes whom it runs as, too.
	abroad bool
}

func newUntraceable(u *Unit) untraceable {
	return untraceable{readable: u.Kernel.AtLeast(systemd.KernelVersion{Major: 6, Minor: 15})}
}

// under implements lossy.
func (r untraceable) under(l losses) Rule {
	r.readable = r.readable && !(l.has("CAP_PERFMON") && l.has("CAP_SYS_ADMIN"))
	return r
}

func (untraceable) Kind() trace.Kind { return trace.KindFile }

func (untraceable) concerns(dir string) bool { return within(dir, "/proc") }

func (r untraceable) Denies(o *trace.Observation) trace.Outcome {
	f := o.File
	name, ok := strings.CutPrefix(string(f.Path), "/proc/")
	pid, rest, _ := strings.Cut(name, "/")
	first, _, _ := strings.Cut(rest, "/")
	if !ok || !isPID(pid) || !slices.Contains(tracedFiles, first) || o.Outcome != trace.OutcomeOK || o.Actor.UID != 0 && !r.abroad ||
		r.readable && o.Actor.UID == 0 && f.Op == trace.OpRead && slices.Contains(memoryFiles, first) {
		return allowed
	}
	return eacces
}

// isPID tells names of processes: numbers, and what a trace has in their place.
func isPID(name string) bool {
	return name == trace.OtherProcess || strings.Trim(name, "0123456789") == ""
}

// readProtectProc: hidepid= of a /proc of the unit's own. Who may trace a process sees
// it: root with CAP_SYS_PTRACE all, others those of their own user.
func readProtectProc(values []string, u *Unit) []Rule {
	who, known := u.person()
	left := known && !slices.Contains(who.groups, 0)
	switch last(values) {
	case "invisible":
		return []Rule{&procRule{others: true, left: left, denied: enoent}}
	case "ptraceable":
		return []Rule{&procRule{others: true, traced: true, denied: enoent}}
	case "noaccess":
		return []Rule{&procRule{others: true, left: left, denied: eperm}}
	}
	return nil
}

func readProcSubset(values []string, _ *Unit) []Rule {
	if last(values) != "pid" {
		return nil
	}
	return []Rule{&procRule{rest: true, denied: enoent}}
}
