// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"maps"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

func capabilityFamilies() []Family {
	return []Family{
		{
			Name: "capabilities",
			Directives: []Directive{
				{Name: "CapabilityBoundingSet", Denies: "capabilities, even to root", Read: readBoundingSet},
				{Name: "AmbientCapabilities"},
				{Name: "SecureBits", Denies: "root's capabilities", Read: readSecureBits},
			},
			Propose: proposeCapabilities,
		},
		noNewPrivilegesFamily(),
		userFamily(),
	}
}

// capabilityNames are all capabilities, by number (linux/capability.h, 6.18).
var capabilityNames = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
	"CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE",
	"CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT",
	"CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
	"CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
	"CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
}

// CapabilityNames returns the names of all capabilities, by number.
func CapabilityNames() []string { return slices.Clone(capabilityNames) }

// boundingSet returns the capabilities that assignments leave: lines add up, lines
// with "~" take away, an empty one takes all. Unknown names are skipped.
func boundingSet(values []string) map[string]bool {
	set := map[string]bool{}
	for _, c := range capabilityNames {
		set[c] = true
	}
	initial := true
	for _, v := range values {
		list, inverted := strings.CutPrefix(v, "~")
		if !inverted && (initial || v == "") {
			clear(set)
		}
		initial = false
		for _, w := range strings.Fields(strings.ToUpper(list)) {
			if slices.Contains(capabilityNames, w) {
				set[w] = !inverted
			}
		}
		if inverted && strings.TrimSpace(list) == "" { // a lone "~": all
			set = boundingSet(nil)
		}
	}
	maps.DeleteFunc(set, func(_ string, in bool) bool { return !in })
	return set
}

func readBoundingSet(values []string, u *Unit) []Rule {
	set := boundingSet(values)
	gone := slices.DeleteFunc(CapabilityNames(), func(c string) bool { return set[c] })
	if len(gone) == 0 {
		return nil
	}
	rules := []Rule{bounds{gone: gone}}
	for _, c := range gone {
		rules = append(rules, loseFully(lossRule{cap: c}, u)...)
	}
	return rules
}

// loseFully is losing a capability everywhere, with what follows from it.
func loseFully(l lossRule, u *Unit) []Rule {
	rules := append([]Rule{l}, capabilityCalls(l.cap, u.scene)...)
	if l.cap == "CAP_SYS_PTRACE" {
		rules = append(rules, newUntraceable(u))
	}
	return rules
}

// unraisable: up to v245 a unit is not started (status 218) that is to have capabilities
// which are not in its bounding set; newer ones leave these away
// (github.com/systemd/systemd/pull/15959).
type unraisable struct {
	unstartable
	ambient map[string]bool
}

// under implements lossy.
func (r unraisable) under(l losses) Rule {
	for c := range r.ambient {
		if l.entirely(c) {
			r.fails = eperm
		}
	}
	return r
}

// readSecureBits: with noroot, root has no capabilities but the ambient ones when it
// executes a program; what is locked cannot be set again.
func readSecureBits(_ []string, u *Unit) []Rule {
	var rules []Rule
	if u.noRoot() {
		rules = loseAllBut(u.ambient(), u)
	}
	if slices.ContainsFunc(u.secureBits(), func(bit string) bool { return strings.HasSuffix(bit, "-locked") }) {
		const setSecureBits = 28
		rules = append(rules, &CallRule{Calls: []string{"prctl"}, Outcome: eperm, Entered: true, When: []ArgTest{{Op: IsOneOf, Values: []uint64{setSecureBits}}}})
	}
	return rules
}

// noRoot tells whether root has no capabilities for being root.
func (u *Unit) noRoot() bool { return slices.Contains(u.secureBits(), "noroot") }

// secureBits are the words in force: a second line replaces the first, and up to v234 it
// adds to it (config_parse_exec_secure_bits(), seen on 247, 252 and 257).
func (u *Unit) secureBits() []string {
	values := u.Values("SecureBits")
	if u.Systemd.AtLeast(235) {
		return strings.Fields(last(values))
	}
	return strings.Fields(effective(values))
}

// loseAllBut is losing all capabilities but some, and but what a file carries.
func loseAllBut(kept map[string]bool, u *Unit) []Rule {
	var rules []Rule
	for _, c := range capabilityNames {
		if !kept[c] {
			rules = append(rules, loseFully(lossRule{cap: c, carried: true}, u)...)
		}
	}
	return rules
}

// capabilityCall is about calls that cannot succeed without a capability in the unit's
// own user namespace.
type capabilityCall struct {
	*CallRule
	scene *Scene
}

func (r capabilityCall) Denies(o *trace.Observation) trace.Outcome {
	denied := r.CallRule.Denies(o)
	if denied != allowed && r.scene.asksElsewhere(o) {
		return allowed
	}
	return denied
}

// capabilityCalls are calls that cannot succeed without a capability, whatever
// else the same call asked for in passing.
func capabilityCalls(name string, scene *Scene) []Rule {
	if name != "CAP_SYS_ADMIN" {
		return nil
	}
	const newUser = 0x10000000
	var others uint64
	for _, n := range namespaceFlags {
		if n.flag != newUser {
			others |= n.flag
		}
	}
	rule := func(fact string, calls ...string) Rule {
		return capabilityCall{&CallRule{Calls: calls, Outcome: eperm, Entered: true, When: []ArgTest{
			{Fact: fact, Op: HasAny, Values: []uint64{others}},
			{Fact: fact, Mask: newUser, Op: IsOneOf, Values: []uint64{0}},
		}}, scene}
	}
	return []Rule{rule("", "clone", "unshare"), rule("flags", "clone3")}
}

// NeedsSysAdmin tells whether a system call cannot have gone well without CAP_SYS_ADMIN,
// whatever a recording holds of that: which capability was asked for is told once a call,
// and fork asks for this one in passing.
func NeedsSysAdmin(o *trace.Observation) bool {
	return o.Syscall != nil && o.Outcome == trace.OutcomeOK &&
		slices.ContainsFunc(capabilityCalls("CAP_SYS_ADMIN", nil), func(r Rule) bool { return r.Denies(o) != allowed })
}

// proposeCapabilities leaves what was needed and, for what the trace did not show,
// what the unit's own lines plainly need. Nothing is bounded where a file was executed
// that carries capabilities of which the trace does not tell which they are.
func proposeCapabilities(e *Evidence) []Candidate {
	unknown := func(o *trace.Observation) bool { return o.File.FileCaps && o.File.Carries == nil }
	if slices.ContainsFunc(e.byOp[trace.OpExecute], unknown) {
		return nil
	}
	needed, reasons := e.capabilitiesNeeded()
	own := boundingSet(assignments(e.Trace.Header.Unit.Settings, "CapabilityBoundingSet"))
	if e.Level == Safe {
		return e.dropFarCapabilities(needed, own)
	}
	var list []Candidate
	if e.Level == Strict {
		for _, o := range e.obviate(needed) {
			if c, ok := e.bound(o, needed, own, reasons); ok {
				list = append(list, c)
			}
		}
	}
	if c, ok := e.bound(obviation{}, needed, own, reasons); ok {
		list = append(list, c)
	}
	return list
}

// bound is the bounding set of what was needed, but for what something else obviates.
func (e *Evidence) bound(o obviation, needed, own map[string]bool, reasons []*trace.Observation) (Candidate, bool) {
	keep := e.nameable(func(c string) bool { return needed[c] && own[c] && !slices.Contains(o.capabilities, c) })
	if len(own) == len(keep) {
		return Candidate{}, false
	}
	c := Candidate{Settings: slices.Clone(o.settings), Reasons: map[int][]*trace.Observation{}, Notes: o.notes}
	if len(own) < len(capabilityNames) && len(keep) > 0 { // else it would be added to the unit's own
		c.Settings = append(c.Settings, trace.Setting{Name: "CapabilityBoundingSet"})
	}
	c.Reasons[len(c.Settings)] = slices.DeleteFunc(slices.Clone(reasons), func(r *trace.Observation) bool {
		return r.Capability != nil && slices.Contains(o.capabilities, r.Capability.Name)
	})
	c.Settings = append(c.Settings, trace.Setting{Name: "CapabilityBoundingSet", Value: strings.Join(keep, " ")})
	return c, true
}

// nameable returns the capabilities to keep, by names that the target knows: systemd
// does not know the three newest before v246 and v247, for which another one does.
func (e *Evidence) nameable(keep func(string) bool) []string {
	var names []string
	for _, c := range capabilityNames {
		known := e.Target.ValueKnown("CapabilityBoundingSet", c)
		instead := func(newer string) bool {
			return standIns[newer] == c && keep(newer) && !e.Target.ValueKnown("CapabilityBoundingSet", newer)
		}
		if known && (keep(c) || slices.ContainsFunc(capabilityNames, instead)) {
			names = append(names, c)
		}
	}
	return names
}

// farCapabilities reach the kernel or the whole host; hardly a service grows into
// needing one of them.
var farCapabilities = []string{
	"CAP_AUDIT_CONTROL", "CAP_AUDIT_READ", "CAP_BLOCK_SUSPEND", "CAP_BPF", "CAP_CHECKPOINT_RESTORE", "CAP_LEASE",
	"CAP_LINUX_IMMUTABLE", "CAP_MAC_ADMIN", "CAP_MAC_OVERRIDE", "CAP_MKNOD", "CAP_PERFMON", "CAP_SYS_BOOT",
	"CAP_SYS_MODULE", "CAP_SYS_PACCT", "CAP_SYS_PTRACE", "CAP_SYS_RAWIO", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG",
	"CAP_SYSLOG", "CAP_WAKE_ALARM",
}

func (e *Evidence) dropFarCapabilities(needed, own map[string]bool) []Candidate {
	var drop []string
	for _, c := range farCapabilities {
		if !needed[c] && own[c] && e.Target.ValueKnown("CapabilityBoundingSet", c) {
			drop = append(drop, c)
		}
	}
	if len(drop) == 0 {
		return nil
	}
	return []Candidate{{Settings: []trace.Setting{{Name: "CapabilityBoundingSet", Value: "~" + strings.Join(drop, " ")}}}}
}

func (e *Evidence) capabilitiesNeeded() (map[string]bool, []*trace.Observation) {
	needed := map[string]bool{}
	var reasons []*trace.Observation
	for _, o := range e.Of(trace.KindCapability) {
		if use, _ := CapabilityUse(o); use == CapNeeded && !e.Scene.keepsAll(o) && !e.Scene.MakesDo(o) {
			needed[o.Capability.Name] = true
			reasons = append(reasons, o)
		}
	}
	for _, o := range e.byOp[trace.OpExecute] {
		if required := o.File.Carries.Required(); o.Outcome == trace.OutcomeOK && len(required) > 0 {
			reasons = append(reasons, o)
			for _, c := range required {
				needed[c] = true
			}
		}
	}
	s := newSandbox(e.Scene, sourced(capabilityCalls("CAP_SYS_ADMIN", e.Scene)))
	for _, o := range e.Of(trace.KindSyscall) {
		if slices.ContainsFunc(s.Violations(o), func(v Violation) bool { return v.Tolerated == "" }) { // failing in another way counts, too
			needed["CAP_SYS_ADMIN"] = true
			reasons = append(reasons, o)
		}
	}
	if !e.Target.Systemd.AtLeast(246) {
		maps.Copy(needed, newUnit(e.Trace.Header.Unit.Settings, e.Target, e.Scene).ambient())
	}
	if e.signalsOtherUser() {
		needed["CAP_KILL"] = true
	}
	return needed, reasons
}

func sourced(rules []Rule) []sourcedRule {
	list := make([]sourcedRule, len(rules))
	for i, r := range rules {
		list[i].rule = r
	}
	return list
}

// signalsOtherUser tells units that have a command which never ran, may signal the
// main process, and would run as another user than the main process ends up as:
// ExecReload=/bin/kill -HUP $MAINPID run by root needs CAP_KILL for that.
func (e *Evidence) signalsOtherUser() bool {
	unseen := false
	for _, c := range e.Trace.Header.Unit.Commands {
		if c.Line != "ExecStart" && c.Runs == 0 && strings.Contains(strings.Join(c.Argv, " "), "kill") {
			unseen = true
		}
	}
	if !unseen {
		return false
	}
	for _, o := range e.Of(trace.KindSyscall) {
		if o.Actor.Line == "ExecStart" && !e.isUnitUser(o.Actor.UID) {
			return true
		}
	}
	return false
}
