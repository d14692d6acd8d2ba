// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

const systemService = "@system-service"

// removable are the groups within @system-service that many services can do
// without, and that an attacker would miss.
var removable = []string{"@privileged", "@setuid", "@chown", "@resources", "@keyring", "@memlock", "@aio", "@pkey"}

// tooDangerous is the seccomp.Weight from which on a single call is taken out of
// @system-service when it was not needed.
const tooDangerous = 8

// far are groups that no ordinary service has any business with.
var far = []string{"@clock", "@cpu-emulation", "@debug", "@keyring", "@module", "@mount", "@obsolete", "@pkey", "@raw-io", "@reboot", "@swap"}

// callsNeeded returns the calls that a filter has to let pass: those seen, with the
// other members of their families (a libc update may use them instead), those that
// a trace hardly ever shows, and those that systemd makes under the filter.
func (e *Evidence) callsNeeded() (map[string]bool, []*trace.Observation) {
	needed := toSet(seccomp.AlwaysNeeded())
	for _, name := range systemdCalls(e.Target) {
		needed[name] = true
	}
	seen := map[string]bool{}
	var reasons []*trace.Observation
	for _, o := range e.Of(trace.KindSyscall) {
		if o.Syscall.Name != "" && o.Outcome != enosys {
			seen[o.Syscall.Name] = true
			reasons = append(reasons, o)
		}
		if slices.Contains(forks, o.Syscall.Name) && o.Outcome != enosys {
			seen[waits] = true
		}
	}
	optional := e.optionalGroups()
	for name := range seen {
		for _, member := range family(name, optional) {
			needed[member] = true
		}
	}
	maps.DeleteFunc(needed, func(name string, _ bool) bool {
		return !e.Target.KnowsCall(name) || e.Pretend && slices.Contains(pretended, name)
	})
	return needed, reasons
}

// waits is how a process is waited for; it stands for its family.
const waits = "wait4"

// forks make processes. Sooner or later somebody waits for them, if only when they end by
// themselves, as systemd-userdbd's workers do after minutes. A trace does not tell threads
// from them, for which waiting is granted as well: it harms nobody.
var forks = []string{"fork", "vfork", "clone", "clone3"}

// optionalGroups are the members of the groups that a service can do without.
func (e *Evidence) optionalGroups() []map[string]bool {
	sets := make([]map[string]bool, len(removable))
	for i, g := range removable {
		sets[i] = toSet(e.ofService(g))
	}
	return sets
}

// family returns the calls that may stand in for a call after an update of libc.
// One that is in an optional group is none of them, unless the call itself is:
// nothing goes back from prlimit64 to setrlimit.
func family(name string, optional []map[string]bool) []string {
	return slices.DeleteFunc(seccomp.Family(name), func(member string) bool {
		return slices.ContainsFunc(optional, func(g map[string]bool) bool { return g[member] && !g[name] })
	})
}

// systemdCalls are what systemd still does between the filter and the exec of the
// service (facts: exec_invoke() in src/core/exec-invoke.c, exec_child() before v255).
func systemdCalls(t systemd.Target) []string {
	calls := []string{"execve"}
	if t.Systemd.AtLeast(240) { // Type=exec; the handoff timestamp from v256 on
		calls = append(calls, "write")
	}
	if t.Systemd.AtLeast(256) && !t.Systemd.Reaches(256, 2) {
		calls = append(calls, "sendto")
	}
	return calls
}

func proposeFilter(e *Evidence) []Candidate {
	if !e.Target.Enforces("SystemCallFilter", "") {
		return nil
	}
	if arch := seccomp.ABIs(e.Target.Arch); len(arch) == 0 {
		return nil
	}
	needed, reasons := e.callsNeeded()
	var list []Candidate
	for level := e.Level; level > Safe; level-- { // what a level cannot have, the one below it may
		list = append(list, e.filterAllowList(level, needed))
	}
	list = append(list, e.denyFar(needed))
	list = slices.DeleteFunc(list, func(c Candidate) bool { return len(c.Settings) == 0 })
	for i := range list {
		filter := e.filterWith(list[i])
		absent := e.absent(filter)
		list[i].Settings = append(list[i].Settings, e.stayAbsent(filter, absent)...)
		list[i] = e.pretend(list[i])
		list[i] = e.withErrno(list[i], slices.Concat(reasons, absent))
	}
	return list
}

// absent are the observations of calls that this kernel does not have and that a filter
// would answer in another way: programs go on without a call for which they get ENOSYS,
// and not always for EPERM.
func (e *Evidence) absent(r *FilterRule) []*trace.Observation {
	filter := newSandbox(e.Scene, sourced([]Rule{r}))
	return slices.DeleteFunc(slices.Clone(e.Of(trace.KindSyscall)), func(o *trace.Observation) bool {
		return o.Outcome != enosys || !e.Target.KnowsCall(o.Syscall.Name) ||
			!slices.ContainsFunc(filter.Violations(o), func(v Violation) bool { return v.Tolerated == "" })
	})
}

// filterWith is the unit's filter with a candidate.
func (e *Evidence) filterWith(c Candidate) *FilterRule {
	unit := newUnit(slices.Concat(e.Trace.Header.Unit.Settings, c.Settings), e.Target, e.Scene)
	for _, r := range readFilter(unit.Values("SystemCallFilter"), unit) {
		if filter, ok := r.(*FilterRule); ok {
			return filter
		}
	}
	return &FilterRule{}
}

// stayAbsent has the filter give the kernel's answer (v248), or lets the kernel give it
// where an allow-list cannot.
func (e *Evidence) stayAbsent(filter *FilterRule, absent []*trace.Observation) []trace.Setting {
	names := map[string]bool{}
	for _, o := range absent {
		names[o.Syscall.Name] = true
	}
	words := slices.Sorted(maps.Keys(names))
	switch {
	case e.Target.Systemd.AtLeast(248) && !filter.answersENOSYS():
		for i := range words {
			words[i] += ":ENOSYS"
		}
		return filterLines("~", words)
	case e.ownFilter() != nil:
		return nil // it may deny them
	}
	return filterLines("", words)
}

// CanPretend tells whether a filter of the target can say that a call was made: in an
// allow-list, calls have an errno of their own from v248 on (252 and 257 were tried).
func CanPretend(t systemd.Target) bool { return t.Systemd.AtLeast(248) }

// pretend has the filter say that groups were set.
func (e *Evidence) pretend(c Candidate) Candidate {
	if !e.Pretend {
		return c
	}
	var words []string
	for _, name := range pretended {
		if e.Target.KnowsCall(name) {
			words = append(words, name+":0")
		}
	}
	c.Settings = append(c.Settings, filterLines("~", words)...)
	c.Notes = append(c.Notes, "says that the service set its groups (errno 0): it has those of its user already, and to set them is refused to it, which it may give up for")
	return c
}

// filterAllowList lets only some calls pass.
func (e *Evidence) filterAllowList(level Level, needed map[string]bool) Candidate {
	own := e.ownFilter()
	var c Candidate
	switch {
	case own != nil && own.Allow && level == Standard:
		c = e.tightenOwn(needed, own)
	case level == Standard:
		c = e.allowService(needed)
	default:
		c = e.allowExactly(needed, own)
	}
	if len(c.Settings) == 0 {
		return c
	}
	if own != nil && !own.Allow {
		c.keepDenied(e.unitList("SystemCallFilter"))
	}
	if names := e.unnameable(); len(names) > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("denies what systemd %s cannot name: %s", e.Target.Systemd, strings.Join(names, " ")))
	}
	return c
}

// unnameable are the calls that were seen and that the target does not know.
func (e *Evidence) unnameable() []string {
	seen := map[string]bool{}
	for _, o := range e.Of(trace.KindSyscall) {
		if name := o.Syscall.Name; name != "" && !e.Target.KnowsCall(name) {
			seen[name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func (e *Evidence) ownFilter() *FilterRule {
	settings := e.Trace.Header.Unit.Settings
	rules := readFilter(assignments(settings, "SystemCallFilter"), &Unit{Target: e.Target, settings: settings})
	if len(rules) == 0 {
		return nil
	}
	return rules[0].(*FilterRule)
}

// filterLines writes words as SystemCallFilter= lines.
func filterLines(prefix string, words []string) []trace.Setting {
	if len(words) == 0 {
		return nil
	}
	return []trace.Setting{{Name: "SystemCallFilter", Value: prefix + strings.Join(words, " ")}}
}

// withErrno makes denied calls fail rather than kill the service, unless the unit
// says what it wants. A filter of the unit's own that kills since nothing was said is no
// exception: there is one action for all lines, what it denies stays denied, and the
// service is not to be killed for what is denied from now on. The drop-in says so.
func (e *Evidence) withErrno(c Candidate, reasons []*trace.Observation) Candidate {
	c.Reasons = map[int][]*trace.Observation{}
	for i, s := range c.Settings {
		named := map[string]bool{}
		for _, w := range strings.Fields(strings.TrimPrefix(s.Value, "~")) {
			name, _, _ := strings.Cut(w, ":")
			named[name] = true
		}
		for _, o := range reasons {
			if named[o.Syscall.Name] {
				c.Reasons[i] = append(c.Reasons[i], o)
			}
		}
	}
	if e.Unit("SystemCallErrorNumber") == "" {
		if e.ownFilter() != nil {
			c.Notes = append(c.Notes, killsNoMore(e.Target))
		}
		c.Settings = append(c.Settings, trace.Setting{Name: "SystemCallErrorNumber", Value: "EPERM"})
	}
	return c
}

// killsNoMore says what becomes of calls that the unit's own filter denies; the word kill is
// known from v247 on.
func killsNoMore(t systemd.Target) string {
	text := "has what the unit's own filter denies fail with EPERM, too, where that kills the service as it is now"
	if t.ValueKnown("SystemCallErrorNumber", "kill") {
		text += "; SystemCallErrorNumber=kill in the unit keeps that"
	}
	return text
}

// denyFar denies whole groups none of whose members was seen.
func (e *Evidence) denyFar(needed map[string]bool) Candidate {
	var words []string
	for _, g := range far {
		if members := e.members(g); len(members) > 0 && !anyIn(members, needed) {
			words = append(words, e.spell(g)...)
		}
	}
	for _, call := range onceFar {
		if !needed[call.name] && e.Target.KnowsCall(call.name) && !slices.Contains(e.members(call.group), call.name) {
			words = append(words, call.name)
		}
	}
	return Candidate{Settings: filterLines("~", words)}
}

// onceFar are calls that are in a far group no more, and as far as the others that still
// are: since v240, and open_tree since v258.
var onceFar = []struct{ name, group string }{
	{"process_vm_readv", "@debug"}, {"process_vm_writev", "@debug"}, {"open_tree", "@mount"},
}

// members returns the calls of a group as the target has it, or as the newest
// systemd does when the target has no such group.
func (e *Evidence) members(group string) []string {
	if e.Target.HasGroup(group) {
		return e.Target.Expand(group)
	}
	return e.newest(group)
}

// newest returns the calls of a group as the newest systemd has it, as far as the target
// can name them.
func (e *Evidence) newest(group string) []string { return e.resolvable(reference().Expand(group)) }

// resolvable leaves out the calls that the target would skip with a warning.
func (e *Evidence) resolvable(calls []string) []string {
	return slices.DeleteFunc(calls, func(name string) bool { return !e.Target.ResolvesCall(name) })
}

// ofService returns the calls of a group for what is made of @system-service. Where the
// target has none, and all of it is written out, its other groups do not go with it:
// @resources of v232 has prlimit64, which reads limits as well, and not ioprio_set.
func (e *Evidence) ofService(group string) []string {
	if e.Target.HasGroup(systemService) {
		return e.members(group)
	}
	return e.newest(group)
}

// reference is the target whose groups stand in for those that a target lacks.
func reference() systemd.Target {
	return systemd.Target{Systemd: systemd.Version{Major: systemd.Newest}}
}

// spell writes a group for the target: by its name where it can be.
func (e *Evidence) spell(group string) []string {
	if !e.Explicit && e.Target.HasGroup(group) {
		return []string{group}
	}
	return e.resolvable(e.members(group))
}

func anyIn(list []string, set map[string]bool) bool {
	return slices.ContainsFunc(list, func(s string) bool { return set[s] })
}

// allowService allows @system-service without those of its groups that were not
// needed, and with what else was.
func (e *Evidence) allowService(needed map[string]bool) Candidate {
	base := toSet(e.ofService(systemService))
	removed := map[string]bool{}
	var groups []string
	for _, g := range e.removableGroups() {
		groups = append(groups, g)
		for _, name := range e.ofService(g) {
			removed[name] = base[name]
		}
	}
	maps.DeleteFunc(removed, func(_ string, in bool) bool { return !in })
	single := dangerous(base, union(removed, needed))
	groups, removed = append(groups, single...), union(removed, toSet(single))
	granted := union(toSet(minus(slices.Sorted(maps.Keys(base)), removed)), needed)
	if e.Explicit || !e.Target.HasGroup(systemService) {
		return e.explicitly(granted, needed)
	}
	back := slices.DeleteFunc(slices.Sorted(maps.Keys(needed)), func(n string) bool { return base[n] && !removed[n] || e.byDefault(n) && !removed[n] })
	c := Candidate{Settings: slices.Concat(
		filterLines("", []string{systemService}), filterLines("~", groups), filterLines("", back))}
	c.Notes = append(c.Notes, e.overGrant(union(granted, toSet(e.Target.Expand("@default"))), needed))
	return c
}

// dangerous returns the calls of a list that are taken out one by one, but for some.
func dangerous(list, but map[string]bool) []string {
	return slices.DeleteFunc(minus(slices.Sorted(maps.Keys(list)), but), func(name string) bool { return seccomp.Weight(name) < tooDangerous })
}

// removableGroups: what is left of @default must not be touched.
func (e *Evidence) removableGroups() []string {
	var groups []string
	for _, g := range removable {
		if e.Target.HasGroup(g) || e.Explicit || !e.Target.HasGroup(systemService) {
			groups = append(groups, g)
		}
	}
	return groups
}

func (e *Evidence) byDefault(name string) bool {
	return slices.Contains(e.Target.Expand("@default"), name)
}

func (e *Evidence) explicitly(granted, needed map[string]bool) Candidate {
	byDefault := toSet(e.members("@default"))
	names := union(needed, toSet(e.resolvable(slices.Collect(maps.Keys(union(granted, byDefault))))))
	c := Candidate{Settings: filterLines("", slices.Sorted(maps.Keys(names)))}
	c.Notes = append(c.Notes, e.overGrant(union(names, byDefault), needed))
	return c
}

// allowExactly allows the families seen and nothing else.
func (e *Evidence) allowExactly(needed map[string]bool, own *FilterRule) Candidate {
	names := slices.Sorted(maps.Keys(needed))
	if own != nil && own.Allow {
		has := toSet(own.allowedNames())
		names = slices.DeleteFunc(names, func(n string) bool { return !has[n] })
		if len(names) == 0 { // the target knows no word of it: nothing but the reset would be left
			return Candidate{}
		}
	}
	granted := union(toSet(names), toSet(e.Target.Expand("@default")))
	c := Candidate{Settings: filterLines("", names), Notes: []string{e.overGrant(granted, needed)}}
	if own != nil && own.Allow {
		c.Settings = append([]trace.Setting{{Name: "SystemCallFilter"}}, c.Settings...)
	}
	return c
}

// tightenOwn takes groups, and dangerous calls that are in none of them, out of the unit's
// own allow-list and puts back what was needed of them: the unit's list stays the first,
// and nothing is added to it.
func (e *Evidence) tightenOwn(needed map[string]bool, own *FilterRule) Candidate {
	has := toSet(own.allowedNames())
	removed := map[string]bool{}
	var groups []string
	for _, g := range append(slices.Clone(removable), far...) {
		members := e.members(g)
		if !anyIn(members, has) || slices.Contains(groups, g) {
			continue
		}
		groups = append(groups, e.spell(g)...)
		for _, name := range members {
			removed[name] = true
		}
	}
	single := dangerous(has, union(removed, needed))
	groups, removed = append(groups, single...), union(removed, toSet(single))
	back := slices.DeleteFunc(slices.Sorted(maps.Keys(needed)), func(n string) bool { return !removed[n] || !has[n] })
	granted := union(toSet(minus(slices.Sorted(maps.Keys(has)), removed)), toSet(back))
	return Candidate{Settings: append(filterLines("~", groups), filterLines("", back)...), Notes: []string{e.overGrant(granted, needed)}}
}

// keepDenied puts a unit's own deny-list behind a new allow-list.
func (c *Candidate) keepDenied(own []string) {
	lines := []trace.Setting{{Name: "SystemCallFilter"}}
	lines = append(lines, c.Settings...)
	for _, v := range own {
		lines = append(lines, trace.Setting{Name: "SystemCallFilter", Value: v})
	}
	c.Settings = lines
}

// overGrant says how many calls a list lets pass that were not needed, and which of
// them are dangerous.
func (e *Evidence) overGrant(granted, needed map[string]bool) string {
	extra := minus(slices.Sorted(maps.Keys(granted)), needed)
	var dangerous []string
	for _, name := range extra {
		if seccomp.Danger(name) != "" {
			dangerous = append(dangerous, name)
		}
	}
	text := fmt.Sprintf("lets %d system calls pass, %d of them beyond the evidence", len(granted), len(extra))
	if len(dangerous) > 0 {
		text += "; dangerous among these: " + strings.Join(dangerous, " ")
	}
	return text
}
