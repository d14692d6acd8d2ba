// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

func procFamilies() []Family {
	return []Family{
		single(Directive{
			Name: "ProtectProc", Values: []Value{{"invisible", Standard}},
			Denies: "sight of other users' processes in /proc", Read: readProtectProc,
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
	denied       trace.Outcome
}

func (r *procRule) Kind() trace.Kind { return trace.KindFile }

func (r *procRule) concerns(dir string) bool { return within(dir, "/proc") }

func (r *procRule) Denies(o *trace.Observation) trace.Outcome {
	name, ok := strings.CutPrefix(string(o.File.Path), "/proc/")
	if !ok || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	first, _, _ := strings.Cut(name, "/")
	if first == "self" || first == "thread-self" {
		return allowed
	}
	if process := isPID(first); process && r.others || !process && r.rest {
		return r.denied
	}
	return allowed
}

// isPID tells names of processes: numbers, and what a trace has in their place.
func isPID(name string) bool {
	return name == trace.OtherProcess || strings.Trim(name, "0123456789") == ""
}

// readProtectProc: hidepid= of a /proc of the unit's own. A process that lacks
// CAP_SYS_PTRACE sees neither those of other users nor those with more capabilities
// than its own.
func readProtectProc(values []string, _ *Unit) []Rule {
	switch last(values) {
	case "invisible", "ptraceable":
		return []Rule{&procRule{others: true, denied: enoent}}
	case "noaccess":
		return []Rule{&procRule{others: true, denied: eperm}}
	}
	return nil
}

func readProcSubset(values []string, _ *Unit) []Rule {
	if last(values) != "pid" {
		return nil
	}
	return []Rule{&procRule{rest: true, denied: enoent}}
}
