// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

func processFamilies() []Family {
	return []Family{
		single(Directive{
			Name: "RestrictRealtime", Values: yes,
			Denies: "realtime scheduling", Read: flag(realtimeRules),
		}),
		single(Directive{
			Name: "RestrictSUIDSGID", Values: yes,
			Denies: "making files set-user-ID or set-group-ID", Read: flag(setIDRules),
		}),
		single(Directive{
			Name: "LockPersonality", Values: yes,
			Denies: "changing the execution domain", Read: flag(personalityRules),
		}),
		single(Directive{
			Name: "MemoryDenyWriteExecute", Values: yes,
			Denies: "memory that is or becomes executable after it was writable", Read: flag(writeExecuteRules),
		}),
		keyringFamily(),
		umaskFamily(),
		limitFamily(),
	}
}

// personalities are the words of Personality= for what is not the host's own: the
// kernel's PER_LINUX32 is 32 bits, everything else is PER_LINUX, 0.
var personalities = map[string]uint64{"x86": 8, "arm": 8}

// personalityRules: the one that the unit has may be set again; asking for it may not.
func personalityRules(u *Unit) []Rule {
	locked := personalities[last(u.Values("Personality"))]
	return []Rule{&CallRule{Calls: []string{"personality"}, Outcome: eperm,
		When: []ArgTest{{Index: 0, Op: IsNoneOf, Values: []uint64{locked}, Unknown: true}}}}
}

// realtimeRules: sched_setscheduler is filtered by what is not exactly SCHED_OTHER,
// SCHED_BATCH or SCHED_IDLE, and sched_setattr, whose policy is in memory, altogether by
// newer releases.
func realtimeRules(u *Unit) []Rule {
	rules := []Rule{&CallRule{
		Calls: []string{"sched_setscheduler"}, Outcome: eperm,
		When: []ArgTest{{Index: 1, Op: IsNoneOf, Values: []uint64{0, 3, 5}, Unknown: true}},
	}}
	if filtersSetattr(u.Systemd) {
		rules = append(rules, call("sched_setattr"))
	}
	return rules
}

// setattrFree are the last releases that are known to let sched_setattr pass: 257.13 and
// 262 were seen to, and the others' sources do. 262.1 was seen to deny it; what was mended
// there may have been mended in other branches at the same time.
var setattrFree = map[int]int{257: 13, 258: 0, 259: 0, 260: 0, 261: 2, 262: 0}

// filtersSetattr tells whether a release denies sched_setattr, or may: of a branch from
// 258 on without a point release nobody said which.
func filtersSetattr(v systemd.Version) bool {
	if last, doubtful := setattrFree[v.Major]; doubtful {
		return v.Point > last || v == systemd.Version{Major: v.Major} && v.Major >= 258
	}
	return v.AtLeast(258)
}

const (
	oCreat  = 0o100
	setID   = 0o6000 // S_ISUID | S_ISGID
	shmExec = 0o100000
)

func setIDRules(t *Unit) []Rule {
	mode := func(index int, calls ...string) Rule {
		return &CallRule{Calls: calls, Outcome: eperm, When: []ArgTest{{Index: index, Op: HasAny, Values: []uint64{setID}}}}
	}
	creates := func(flags int, call string) Rule {
		return &CallRule{Calls: []string{call}, Outcome: eperm, When: []ArgTest{
			{Index: flags, Op: HasAny, Values: []uint64{oCreat}, Unknown: true}, // a mode was recorded: it creates
			{Index: flags + 1, Op: HasAny, Values: []uint64{setID}},
		}}
	}
	rules := []Rule{
		mode(1, "chmod", "fchmod", "mkdir", "mknod", "creat"),
		mode(2, "fchmodat", "mkdirat", "mknodat"),
		creates(1, "open"), creates(2, "openat"),
	}
	if t.Systemd.AtLeast(252) {
		rules = append(rules, mode(2, "fchmodat2"))
	}
	switch {
	case t.Systemd.AtLeast(248): // its flags are in memory, where a filter cannot look
		rules = append(rules, &CallRule{Calls: []string{"openat2"}, Outcome: enosys})
	case t.Systemd.AtLeast(246):
		rules = append(rules, call("openat2"))
	}
	return rules
}

const writeExec, exec = 6, 4 // PROT_WRITE | PROT_EXEC, PROT_EXEC

// writeExecuteRules is the seccomp filter. From v254 on, with Linux 6.3 or newer,
// PR_SET_MDWE replaces it.
func writeExecuteRules(t *Unit) []Rule {
	if t.Systemd.AtLeast(254) && t.Kernel.AtLeast(systemd.KernelVersion{Major: 6, Minor: 3}) {
		return refuseExecGain()
	}
	rule := func(since int, op TestOp, bits uint64, calls ...string) Rule {
		if !t.Systemd.AtLeast(since) {
			return &CallRule{}
		}
		return &CallRule{Calls: calls, Outcome: eperm, When: []ArgTest{{Index: 2, Op: op, Values: []uint64{bits}, Unknown: true}}}
	}
	return []Rule{
		rule(231, HasAll, writeExec, "mmap"),
		rule(233, HasAll, writeExec, "mmap2"),
		rule(231, HasAny, exec, "mprotect"),
		rule(236, HasAny, exec, "pkey_mprotect"),
		rule(232, HasAny, shmExec, "shmat"),
	}
}

// refuseExecGain is PR_MDWE_REFUSE_EXEC_GAIN. Making memory executable again that
// already is so would pass, but nobody records what it was before.
func refuseExecGain() []Rule {
	const readOnly = 0o10000 // SHM_RDONLY
	rule := func(op TestOp, bits uint64, calls ...string) *CallRule {
		return &CallRule{Calls: calls, Outcome: eacces, When: []ArgTest{{Index: 2, Op: op, Values: []uint64{bits}, Unknown: true}}}
	}
	attach := rule(HasAny, shmExec, "shmat")
	attach.When = append(attach.When, ArgTest{Index: 2, Mask: readOnly, Op: IsOneOf, Values: []uint64{0}, Unknown: true})
	mapping := rule(HasAll, writeExec, "mmap")
	mapping.ABIs = []string{seccomp.ABIX86_64, seccomp.ABIX32, seccomp.ABIAArch64} // the old ones have their arguments in memory
	return []Rule{mapping, rule(HasAll, writeExec, "mmap2"), rule(HasAny, exec, "mprotect", "pkey_mprotect"), attach}
}

// namespaceFlags are the words of RestrictNamespaces=, and the version from which on
// they are documented. systemd 252 and 257 know "time" already, and deny it whenever
// they deny anything that the line does not permit, but do not count it among "all".
var namespaceFlags = []struct {
	word       string
	flag       uint64
	since      int
	documented int
}{
	{"cgroup", 0x02000000, 233, 233},
	{"ipc", 0x08000000, 233, 233},
	{"net", 0x40000000, 233, 233},
	{"mnt", 0x00020000, 233, 233},
	{"pid", 0x20000000, 233, 233},
	{"user", 0x10000000, 233, 233},
	{"uts", 0x04000000, 233, 233},
	{"time", newTime, 252, 258},
}

const newTime = 0x00000080

// knownNamespaces are the flags that the target can restrict.
func knownNamespaces(t systemd.Target) uint64 {
	var all uint64
	for _, n := range namespaceFlags {
		if t.Systemd.AtLeast(n.since) {
			all |= n.flag
		}
	}
	return all
}

// allNamespaces are those that "all" stands for.
func allNamespaces(t systemd.Target) uint64 {
	all := knownNamespaces(t)
	if !t.Systemd.AtLeast(258) {
		all &^= newTime
	}
	return all
}

// retained returns the flags that assignments of RestrictNamespaces= leave
// permitted. A line with an unknown word is ignored as a whole.
func retained(values []string, t *Unit) uint64 {
	all := allNamespaces(t.Target)
	keep, set := all, false
	for _, v := range values {
		flags, inverted, ok := namespaceWords(v, t)
		switch {
		case !ok:
		case isTrue(v) || isFalse(v): // whatever was said before
			keep, set = flags, true
		case v == "":
			keep, set = all, false
		case inverted:
			keep, set = keep&^flags, true
		case !set:
			keep, set = flags, true
		default:
			keep |= flags
		}
	}
	return keep
}

func isFalse(v string) bool {
	return slices.Contains([]string{"0", "no", "n", "false", "f", "off"}, strings.ToLower(v))
}

func namespaceWords(v string, t *Unit) (flags uint64, inverted, ok bool) {
	switch {
	case isTrue(v):
		return 0, false, true
	case isFalse(v):
		return allNamespaces(t.Target), false, true
	}
	v, inverted = strings.CutPrefix(v, "~")
	for _, w := range strings.Fields(v) {
		known := false
		for _, n := range namespaceFlags {
			if n.word == w && t.Systemd.AtLeast(n.since) {
				flags, known = flags|n.flag, true
			}
		}
		if !known {
			return 0, false, false
		}
	}
	return flags, inverted, true
}

func readRestrictNamespaces(values []string, t *Unit) []Rule {
	all, keep := knownNamespaces(t.Target), retained(values, t)
	denied := all &^ keep
	if denied == 0 || denied == newTime && !t.Systemd.AtLeast(258) {
		return nil
	}
	when := []ArgTest{{Index: 0, Op: HasAny, Values: []uint64{denied}, Unknown: true}}
	rules := []Rule{&CallRule{Calls: []string{"unshare", "clone"}, Outcome: eperm, When: when}}
	if keep == 0 {
		rules = append(rules, call("setns"))
	} else {
		rules = append(rules, &CallRule{Calls: []string{"setns"}, Outcome: eperm,
			When: []ArgTest{{Index: 1, Op: IsOneOf, Values: []uint64{0}}}},
			&CallRule{Calls: []string{"setns"}, Outcome: eperm,
				When: []ArgTest{{Index: 1, Op: HasAny, Values: []uint64{denied}, Unknown: true}}})
	}
	return append(rules, &cloneRule{all: all, filtered: t.Systemd.AtLeast(251)})
}

// cloneRule is about clone3, whose flags are in memory: from v251 on it is answered
// with ENOSYS, whatever they are.
type cloneRule struct {
	all      uint64 // the kinds of namespaces
	filtered bool
}

func (r *cloneRule) Kind() trace.Kind { return trace.KindSyscall }

func (r *cloneRule) Denies(o *trace.Observation) trace.Outcome {
	if o.Syscall.Name != "clone3" || !r.filtered {
		return allowed
	}
	return unlessSame(o, enosys)
}

// cloneIntoCgroup is CLONE_INTO_CGROUP, which clone(2) has no room for.
const cloneIntoCgroup = 0x200000000

// tolerates: libc falls back to clone, which is filtered by its flags. It never makes
// namespaces: who asks clone3 for one did that himself, and need not fall back.
func (r *cloneRule) tolerates(o *trace.Observation) string {
	if flags, known := o.Syscall.Fact("flags"); !known || flags&(r.all|cloneIntoCgroup) != 0 {
		return ""
	}
	return "libc falls back to clone(2)"
}

func namespaceFamilies() []Family {
	return []Family{{
		Name: "RestrictNamespaces",
		Directives: []Directive{{
			Name: "RestrictNamespaces", Denies: "making and entering namespaces", Read: readRestrictNamespaces,
		}},
		Propose: proposeNamespaces,
	}}
}

// proposeNamespaces permits the kinds of namespaces that were made or entered.
func proposeNamespaces(e *Evidence) []Candidate {
	if !e.Target.Enforces("RestrictNamespaces", "yes") {
		return nil
	}
	used, reasons := e.namespacesUsed()
	if used == 0 {
		return []Candidate{{Settings: []trace.Setting{{Name: "RestrictNamespaces", Value: "yes"}}}}
	}
	var words []string
	for _, n := range namespaceFlags {
		if used&n.flag != 0 && e.Target.Systemd.AtLeast(n.documented) {
			words = append(words, n.word)
		}
	}
	return []Candidate{{
		Settings: []trace.Setting{{Name: "RestrictNamespaces", Value: strings.Join(words, " ")}},
		Reasons:  map[int][]*trace.Observation{0: reasons},
	}}
}

func (e *Evidence) namespacesUsed() (uint64, []*trace.Observation) {
	var used uint64
	var reasons []*trace.Observation
	all := knownNamespaces(e.Target)
	for _, o := range e.Of(trace.KindSyscall) {
		var flags uint64
		switch o.Syscall.Name {
		case "clone", "unshare":
			flags, _ = o.Syscall.Arg(0)
		case "clone3":
			flags, _ = o.Syscall.Fact("flags")
		case "setns":
			if flags, _ = o.Syscall.Arg(1); flags == 0 {
				flags = all // any: the kernel takes it from the descriptor
			}
		}
		if flags &= all; flags != 0 {
			used |= flags
			reasons = append(reasons, o)
		}
	}
	return used, reasons
}
