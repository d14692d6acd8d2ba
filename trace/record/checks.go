// SPDX-License-Identifier: Apache-2.0

package record

import (
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/trace"
)

// capabilities are the names of capabilities by number (linux/capability.h).
var capabilities = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
	"CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
	"CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT",
	"CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
	"CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG",
	"CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
}

func capabilityName(n int) string {
	if n < len(capabilities) {
		return capabilities[n]
	}
	return "CAP_" + strconv.Itoa(n)
}

// addChecks adds the checks for capabilities. audited tells whether the source
// knows that a denial would be audited.
func (s *set) addChecks(checks []bpf.Check, audited bool, symbols symbols, c clock) {
	for i := range checks {
		k := &checks[i]
		t := &trace.Capability{Name: capabilityName(int(k.Cap)), ForeignNS: k.Foreign, Overridden: k.Overridden}
		if k.Number >= 0 {
			t.ABI, t.Result = k.ABI, outcomeOf(k.Errno, k.Unfinished, false)
			t.Syscall, _ = seccomp.Name(k.ABI, k.Number)
		}
		if audited {
			loud := !k.Quiet
			t.Audited = &loud
		}
		t.Stack = symbols.callers(k.Stack)
		outcome := trace.OutcomeOK
		if !k.Granted {
			outcome = "EPERM"
		}
		o := trace.Observation{Kind: trace.KindCapability, Capability: t, Outcome: outcome}
		s.add(k.Actor, seen(o, &k.Seen, c))
	}
}

// inlinedChecks returns the checks of prctl(PR_SET_SECUREBITS) where they are not among
// those that were seen: in Debian's Linux 6.1 and 6.12 the compiler made cap_capable
// part of this one caller, and tracing the function does not show it.
func inlinedChecks(state *bpf.State) []bpf.Check {
	const setpcap = 8 // CAP_SETPCAP
	var checks []bpf.Check
	for i := range state.Calls {
		k := &state.Calls[i]
		name, _ := seccomp.Name(k.ABI, k.Number)
		if name != "prctl" || len(k.Args) == 0 || k.Args[0] != unix.PR_SET_SECUREBITS || k.Errno != 0 || k.Unfinished || k.Killed {
			continue
		}
		seen := slices.ContainsFunc(state.Checks, func(c bpf.Check) bool {
			return c.Actor == k.Actor && c.Cap == setpcap && c.Granted && c.ABI == k.ABI && c.Number == k.Number
		})
		if !seen {
			checks = append(checks, bpf.Check{Actor: k.Actor, Cap: setpcap, Granted: true, ABI: k.ABI, Number: k.Number, Seen: k.Seen})
		}
	}
	return checks
}

// addAsked adds the capabilities that processes named in capset(2): one
// observation for each.
func (s *set) addAsked(calls []bpf.Call, c clock) {
	for i := range calls {
		k := &calls[i]
		name, _ := seccomp.Name(k.ABI, k.Number)
		if name != "capset" || len(k.Args) < 4 {
			continue
		}
		asked := k.Args[0] | k.Args[1] | (k.Args[2]|k.Args[3])<<32
		for n := range 64 {
			if asked>>n&1 == 0 || n >= len(capabilities) {
				continue
			}
			t := &trace.Capability{Name: capabilityName(n), ABI: k.ABI, Syscall: name, Asked: true,
				Result: outcomeOf(k.Errno, k.Unfinished, k.Killed)}
			o := trace.Observation{Kind: trace.KindCapability, Capability: t, Outcome: outcomeOf(k.Errno, k.Unfinished, k.Killed)}
			s.add(k.Actor, seen(o, &k.Seen, c))
		}
	}
}
