// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// lossRule takes a capability away. All losses of a sandbox decide together, since
// one capability can stand in for another.
type lossRule struct {
	cap string
	// abroad is set when it is lost in the initial user namespace only; mapped when
	// the owners of files are known in the unit's own; groups when supplementary groups
	// may be set there.
	abroad, mapped, groups bool
	// carried is set when a program has it all the same whose file carries it.
	carried bool
	// unmapped is set when others own nothing in the unit's user namespace.
	unmapped bool
}

func (lossRule) Kind() trace.Kind                        { return trace.KindCapability }
func (lossRule) Denies(*trace.Observation) trace.Outcome { return allowed }

// lose returns the rules that take capabilities away.
func lose(names ...string) []Rule {
	rules := make([]Rule, len(names))
	for i, n := range names {
		rules[i] = lossRule{cap: n}
	}
	return rules
}

// loss is a capability that a sandbox takes away, and by which setting.
type loss struct {
	lossRule
	source Source
}

// losses are all capabilities that a sandbox takes away.
type losses map[string]loss

// add notes a loss; one that is complete counts before one that is not.
func (l losses) add(r lossRule, s Source) {
	kept, ok := l[r.cap]
	r.unmapped = r.unmapped || kept.unmapped
	if !ok || r.extent() > kept.extent() {
		kept = loss{r, s}
	}
	kept.unmapped = r.unmapped
	l[r.cap] = kept
}

// extent orders losses.
func (r lossRule) extent() int {
	switch {
	case r.abroad:
		return 0
	case r.carried:
		return 1
	}
	return 2
}

// standIns are capabilities that do for others as well (bpf_capable(),
// perfmon_capable() and their like in include/linux/capability.h, and
// generic_permission() in fs/namei.c; Linux 5.15 to 6.18).
var standIns = map[string]string{
	"CAP_BPF": "CAP_SYS_ADMIN", "CAP_PERFMON": "CAP_SYS_ADMIN", "CAP_CHECKPOINT_RESTORE": "CAP_SYS_ADMIN",
	"CAP_DAC_READ_SEARCH": "CAP_DAC_OVERRIDE",
}

// callStandIns are those of single system calls; "" is none. What setsockopt(2) asks CAP_NET_ADMIN for
// first, CAP_NET_RAW does not do for: a larger buffer, say.
var callStandIns = []struct{ call, cap, standIn string }{
	{"ioprio_set", "CAP_SYS_NICE", "CAP_SYS_ADMIN"},
	{"ioprio_set", "CAP_SYS_ADMIN", "CAP_SYS_NICE"},
	{"setsockopt", "CAP_NET_RAW", "CAP_NET_ADMIN"},
	{"open_by_handle_at", "CAP_DAC_READ_SEARCH", ""},
}

// denies returns the loss that a check for a capability fails by, and how the system
// call ends then. Only a capability that was needed is missed.
func (l losses) denies(o *trace.Observation) (loss, trace.Outcome) {
	c := o.Capability
	lost, ok := l[c.Name]
	if !ok {
		return loss{}, allowed
	}
	if use, _ := CapabilityUse(o); use != CapNeeded || lost.abroad && lost.atHome(c) || l.replaced(c) {
		return loss{}, allowed
	}
	return lost, lost.outcome(c)
}

// replaced tells whether another capability does as well, and is there.
func (l losses) replaced(c *trace.Capability) bool {
	other := standIns[c.Name]
	for _, s := range callStandIns {
		if s.call == c.Syscall && s.cap == c.Name {
			other = s.standIn
		}
	}
	return other != "" && !l.has(other)
}

func (l losses) has(name string) bool {
	_, lost := l[name]
	return lost
}

// fully tells whether a capability is lost in the unit's own user namespace as well.
func (l losses) fully(name string) bool {
	r, lost := l[name]
	return lost && !r.abroad
}

// entirely tells whether nothing that is executed gets the capability.
func (l losses) entirely(name string) bool {
	r, lost := l[name]
	return lost && !r.abroad && !r.carried
}

// capErrno is what a system call without a capability ends with, where that is not
// EPERM. The first row that fits counts.
var capErrno = []struct {
	cap     string
	calls   []string // none means all
	outcome trace.Outcome
}{
	{"CAP_DAC_READ_SEARCH", []string{"open_by_handle_at"}, eperm},
	{"CAP_DAC_READ_SEARCH", []string{"linkat"}, enoent},
	{"CAP_DAC_READ_SEARCH", nil, eacces},
	{"CAP_DAC_OVERRIDE", nil, eacces},
	{"CAP_NET_BIND_SERVICE", nil, eacces},
	{"CAP_IPC_OWNER", nil, eacces},
	{"CAP_LEASE", nil, eacces},
	{"CAP_SYS_NICE", []string{"setpriority"}, eacces},
	{"CAP_PERFMON", []string{"perf_event_open"}, eacces},
	{"CAP_SYS_ADMIN", []string{"seccomp", "prctl", "perf_event_open"}, eacces},
	{"CAP_FSETID", nil, Stripped},
	{"CAP_SETUID", []string{"setfsuid"}, Unprivileged},
	{"CAP_SETGID", []string{"setfsgid"}, Unprivileged},
	{"CAP_BLOCK_SUSPEND", []string{"epoll_ctl"}, Stripped},
}

func (l loss) outcome(c *trace.Capability) trace.Outcome {
	if l.unmapped && c.Name == "CAP_CHOWN" {
		return einval // the new owner is not mapped
	}
	for _, e := range capErrno {
		if e.cap == c.Name && (len(e.calls) == 0 || slices.Contains(e.calls, c.Syscall)) {
			return e.outcome
		}
	}
	return eperm
}

// home are the checks that the kernel makes in the process's own user namespace,
// where PrivateUsers= leaves the unit all capabilities (ns_capable() with
// current_user_ns(), Linux 5.15 to 6.18).
var home = []struct {
	cap   string
	calls []string // none means all
}{
	{"CAP_SYS_CHROOT", nil},
	{"CAP_SETPCAP", nil}, {"CAP_SETFCAP", nil},
	{"CAP_SYS_ADMIN", []string{"seccomp", "prctl", "clone", "clone3", "unshare"}},
	{"CAP_SETUID", nil}, // but for ids that are not mapped: see unmapped
	{"CAP_SETGID", []string{"setgid", "setregid", "setresgid", "setfsgid", "setgid32", "setregid32", "setresgid32"}},
	{"CAP_NET_RAW", []string{"prctl", "capset"}},
	{"CAP_FSETID", nil},
}

// ofFiles are the capabilities that count for a file whose owner and group are mapped
// (capable_wrt_inode_uidgid()).
var ofFiles = []string{"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID"}

func (l loss) atHome(c *trace.Capability) bool {
	if l.mapped && slices.Contains(ofFiles, c.Name) && c.Syscall != "open_by_handle_at" {
		return true
	}
	if l.groups && c.Name == "CAP_SETGID" {
		return true
	}
	for _, h := range home {
		if h.cap == c.Name && (len(h.calls) == 0 || slices.Contains(h.calls, c.Syscall)) {
			return true
		}
	}
	return false
}
