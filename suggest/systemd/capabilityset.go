// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// capabilityNames are the capabilities of Linux 5.9 and later, by number.
var capabilityNames = [...]string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID",
	"CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN",
	"CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE",
	"CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL",
	"CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
}

// capabilitySet is a set of capabilities by name.
type capabilitySet map[string]bool

func allCapabilities() capabilitySet {
	all := make(capabilitySet, len(capabilityNames))
	for _, name := range capabilityNames {
		all[name] = true
	}
	return all
}

// impliedDrops are the capabilities that directives take out of the bounding set as
// the unit is loaded, and since when.
var impliedDrops = []struct {
	directive, capability string
	since                 int
}{
	{"PrivateDevices", "CAP_MKNOD", 0},
	{"PrivateDevices", "CAP_SYS_RAWIO", 232},
	{"ProtectKernelModules", "CAP_SYS_MODULE", 232},
	{"ProtectKernelLogs", "CAP_SYSLOG", 244},
	{"ProtectClock", "CAP_SYS_TIME", 245},
	{"ProtectClock", "CAP_WAKE_ALARM", 245},
}

// readCapabilities returns the set that the assignments of CapabilityBoundingSet= or
// AmbientCapabilities= make of what it is without any. An assignment replaces the
// initial set, and so does one without a known name; others add to the set, or with
// "~" take from it.
func readCapabilities(settings []trace.Setting, name string, initial capabilitySet) capabilitySet {
	set := initial
	eachAssignment(settings, name, Version{}, func(_ string, words []string, inverted bool) {
		named := namedCapabilities(words)
		replaces := len(named) == 0 || len(set) == len(initial)
		next := make(capabilitySet)
		for _, c := range capabilityNames {
			switch {
			case replaces:
				next[c] = named[c] != inverted
			case inverted:
				next[c] = set[c] && !named[c]
			default:
				next[c] = set[c] || named[c]
			}
			if !next[c] {
				delete(next, c)
			}
		}
		set = next
	})
	return set
}

// namedCapabilities returns the capabilities among the words; others are skipped.
func namedCapabilities(words []string) capabilitySet {
	all, named := allCapabilities(), make(capabilitySet)
	for _, w := range words {
		if c := strings.ToUpper(w); all[c] {
			named[c] = true
		}
	}
	return named
}
