// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

func callFamilies() []Family {
	return []Family{
		{
			Name: "SystemCallArchitectures",
			Directives: []Directive{{
				Name: "SystemCallArchitectures", Values: []Value{{"native", Safe}},
				Denies: "system calls of other ABIs", Read: readArchitectures,
			}},
		},
		{
			Name: "system calls",
			Directives: []Directive{
				{Name: "SystemCallFilter", Denies: "system calls", Read: readFilter},
				{Name: "SystemCallErrorNumber"},
				{Name: "SystemCallLog"}, // denies nothing, and implies NoNewPrivileges= as a filter does
			},
			Propose: proposeFilter,
		},
	}
}

// abiRule kills what calls the kernel by another ABI than those permitted.
type abiRule struct{ permitted []string }

func (r *abiRule) Kind() trace.Kind { return trace.KindSyscall }

func (r *abiRule) Denies(o *trace.Observation) trace.Outcome {
	if slices.Contains(r.permitted, o.Syscall.ABI) {
		return allowed
	}
	return trace.OutcomeKilled
}

// architectureABIs are systemd's words for the ABIs.
var architectureABIs = map[string]string{
	"x86-64": seccomp.ABIX86_64, "x86": seccomp.ABII386, "x32": seccomp.ABIX32,
	"arm64": seccomp.ABIAArch64, "arm": seccomp.ABIARM,
}

// readArchitectures: the native ABI is always permitted.
func readArchitectures(values []string, u *Unit) []Rule {
	list := strings.Fields(effective(values))
	abis := seccomp.ABIs(u.Arch)
	if len(list) == 0 || len(abis) == 0 {
		return nil
	}
	permitted := []string{abis[0]}
	for _, w := range list {
		if abi, ok := architectureABIs[w]; ok {
			permitted = append(permitted, abi)
		}
	}
	return []Rule{&abiRule{permitted}}
}

// FilterRule is all SystemCallFilter= lines of a unit.
type FilterRule struct {
	// Allow is set for an allow-list: Names are then the calls that pass.
	Allow bool
	// Names are the calls that are listed, with the errno of their own if any.
	Names map[string]trace.Outcome
	// Action is what other calls (allow-list) or listed ones (deny-list) come to.
	Action trace.Outcome
	// Known returns the calls that the target knows, when it answers ENOSYS to others; nil
	// otherwise. Of most filters nobody asks.
	Known func() map[string]bool

	target systemd.Target
}

// Kind implements Rule.
func (r *FilterRule) Kind() trace.Kind { return trace.KindSyscall }

// Denies implements Rule.
func (r *FilterRule) Denies(o *trace.Observation) trace.Outcome {
	own, listed := r.Names[o.Syscall.Name]
	switch {
	case own == notMade && slices.Contains(pretended, o.Syscall.Name):
		return allowed
	case listed && own != "":
		return unlessSame(o, own)
	case listed == r.Allow:
		return allowed
	case r.Allow && r.Known != nil && !r.Known()[o.Syscall.Name]:
		return unlessSame(o, enosys)
	}
	return unlessSame(o, r.Action)
}

// toleratesIn says why a program lives without a call that the target's systemd
// cannot name, and so cannot allow.
func (r *FilterRule) toleratesIn(s *Scene, o *trace.Observation) string {
	switch name := o.Syscall.Name; {
	case !r.Allow || r.Action == trace.OutcomeKilled || r.target.KnowsCall(name):
		return ""
	case name == "rseq": // registered once for each thread, and not asked for again
		return "the C library goes on without it"
	case s.newerThan(r.target.Systemd):
		return "a C library as old as that systemd does not call it"
	}
	return ""
}

// readFilter: the first line that is not empty decides between allow-list and
// deny-list, an empty one resets; later lines add to the list or take from it.
func readFilter(values []string, u *Unit) []Rule {
	lines := sinceReset(values)
	if len(lines) == 0 {
		return nil
	}
	r := &FilterRule{Allow: !strings.HasPrefix(lines[0], "~"), Names: map[string]trace.Outcome{}, Action: trace.OutcomeKilled,
		target: u.Target}
	for _, v := range u.Values("SystemCallErrorNumber") {
		if action, ok := actionOf(v); ok { // others are ignored
			r.Action = action
		}
	}
	if r.Allow {
		r.list([]string{"@default"}, true, u)
	}
	for _, line := range lines {
		list, inverted := strings.CutPrefix(line, "~")
		r.list(strings.Fields(list), inverted != r.Allow, u)
	}
	r.setUp(u)
	if r.answersENOSYS() && slices.Contains(slices.Collect(maps.Values(r.Names)), enosys) {
		return []Rule{r, unstartable{eacces}}
	}
	return []Rule{r}
}

// answersENOSYS tells allow-lists of v255 and newer, which answer what systemd does not know
// with ENOSYS. They cannot have the same for a call of its own: libseccomp takes no rule
// that does what the filter does anyway, and the unit is not started (status 228, as seen
// on 257).
func (r *FilterRule) answersENOSYS() bool { return r.Allow && r.Known != nil }

// list adds words to the list, or takes them from it.
func (r *FilterRule) list(words []string, add bool, u *Unit) {
	for _, w := range words {
		name, errno, acts := strings.Cut(w, ":")
		action, ok := actionOf(errno)
		switch {
		case !acts:
			action = ""
		case errno == "0":
			action = notMade
		case !ok:
			continue // the word is ignored
		}
		for _, call := range callsOf(name, u.Target) {
			switch {
			case add:
				r.Names[call] = action
				if r.Allow { // newer versions ignore it there, with a warning
					r.Names[call] = ""
				}
			case r.Allow && acts && u.Systemd.AtLeast(248): // github.com/systemd/systemd/pull/18921
				r.Names[call] = action
			default:
				delete(r.Names, call)
			}
		}
	}
}

// notMade is what a call comes to of which the filter says that all went well: with the
// errno 0.
const notMade trace.Outcome = "not made"

// pretended are calls that nobody misses who believes that they were made: whoever sets
// his groups to fewer than he has has no more of them than the unit gave him.
var pretended = []string{"setgroups", "setgroups32"}

// actionOf reads the name or number of an errno, and "kill"; nothing is that, too.
func actionOf(word string) (trace.Outcome, bool) {
	if word == "" || word == "kill" {
		return trace.OutcomeKilled, true
	}
	number, known := seccomp.ErrnoNumber(word)
	if n, err := strconv.ParseUint(word, 10, 16); err == nil {
		number, known = uint16(n), n > 0
	}
	return trace.Outcome(seccomp.ErrnoName(number)), known && seccomp.ErrnoName(number) != ""
}

func callsOf(word string, t systemd.Target) []string {
	if strings.HasPrefix(word, "@") {
		return t.Expand(word)
	}
	if !t.KnowsCall(word) {
		return nil
	}
	return []string{word}
}

// setUp is what systemd does for itself: from 256.2 on write always passes, and
// from v255 on calls that it does not know are answered with ENOSYS.
func (r *FilterRule) setUp(u *Unit) {
	if u.Systemd.Reaches(256, 2) {
		if delete(r.Names, "write"); r.Allow {
			r.Names["write"] = ""
		}
	}
	if !r.Allow || !u.Systemd.AtLeast(255) {
		return
	}
	r.Known = sync.OnceValue(func() map[string]bool { return knownCalls(u.Target) })
}

// knownCalls are the calls that a target knows. The numbers of the native ABI count: a call
// that only another ABI has is answered with ENOSYS as well.
func knownCalls(t systemd.Target) map[string]bool {
	native := map[string]bool{}
	if abis := seccomp.ABIs(t.Arch); len(abis) > 0 {
		native = toSet(seccomp.Names(abis[0]))
	}
	calls := map[string]bool{}
	for _, name := range t.Known() {
		calls[name] = (len(native) == 0 || native[name] || slices.Contains(multiplexers, name)) && !slices.Contains(neverImplemented, name)
	}
	return calls
}

// multiplexers are calls of other ABIs that libseccomp translates to and from.
var multiplexers = []string{"socketcall", "ipc"}

// neverImplemented are calls that @obsolete names and @known leaves out (seen on
// systemd 257: `systemd-analyze syscall-filter @known`).
var neverImplemented = []string{"_sysctl", "afs_syscall", "bdflush", "break", "create_module", "ftime", "get_kernel_syms", "getpmsg", "gtty",
	"idle", "lock", "mpx", "nfsservctl", "prof", "profil", "putpmsg", "query_module", "security", "stty", "tuxcall", "ulimit", "uselib", "vserver"}

// allowedNames returns the calls that pass an allow-list.
func (r *FilterRule) allowedNames() []string {
	var names []string
	for name, errno := range r.Names {
		if errno == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func toSet(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, e := range list {
		set[e] = true
	}
	return set
}

func minus(a []string, b map[string]bool) []string {
	return slices.DeleteFunc(slices.Clone(a), func(e string) bool { return b[e] })
}

func union(sets ...map[string]bool) map[string]bool {
	all := map[string]bool{}
	for _, s := range sets {
		maps.Copy(all, s)
	}
	return all
}
