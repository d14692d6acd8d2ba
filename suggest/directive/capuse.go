// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// CapUse says what a check for a capability means.
type CapUse uint8

// What a check can mean.
const (
	// CapNeeded is a capability without which the operation would have failed, as
	// far as the trace can tell.
	CapNeeded CapUse = iota
	// CapOpportunistic is a capability that the kernel looks at in passing: the
	// operation goes on without it.
	CapOpportunistic
	// CapDenied is a capability that the unit did not have: it lived without.
	CapDenied
)

// capNoise are checks that the kernel makes on the way, and that change nothing
// of what the process sees.
type capNoise struct {
	cap   string
	calls []string // none means all
	frame string   // a function on the kernel stack; "" means any
	why   string
}

// mapping are the calls whose memory accounting asks whether the last 3 % are for
// the caller (cap_vm_enough_memory, without audit), whatever the overcommit mode.
var mapping = []string{"brk", "mmap", "mmap2", "mprotect", "mremap", "pkey_mprotect", "clone", "clone3", "fork", "vfork", "execve",
	"execveat", "shmget", "shmat", "memfd_create", "io_uring_setup", "remap_file_pages", "mlock", "mlock2", "mlockall"}

// reading are the calls by which settings in /proc/sys are read. Who has the capability
// has root's permissions for them; to be read, most need none. Writing asks once more.
var reading = []string{"open", "openat", "openat2", "read", "readv", "pread64", "access", "faccessat", "faccessat2"}

// capNoises is judged by the kernel's sources, Linux 5.15 to 6.18.
var capNoises = []capNoise{
	{"CAP_SYS_ADMIN", mapping, "", "overcommit accounting asks in every mapping"},
	{"CAP_SYS_ADMIN", nil, "cap_vm_enough_memory", "overcommit accounting asks for every page it reserves"},
	{"CAP_SYS_ADMIN", nil, "security_vm_enough_memory_mm", "overcommit accounting asks for every page it reserves"}, // hooks as static calls: 6.12
	{"CAP_SYS_ADMIN", []string{"getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr"}, "", "decides only whether trusted.* attributes are listed"},
	{"CAP_SYS_RESOURCE", nil, "cap_vm_enough_memory", "overcommit accounting"},
	{"CAP_SYS_RESOURCE", nil, "ext4_has_free_clusters", "the last blocks of a file system are reserved"},
	{"CAP_SYS_RESOURCE", nil, "pipe_is_unprivileged_user", "a soft limit on pipe buffers"},
	{"CAP_SYS_ADMIN", nil, "pipe_is_unprivileged_user", "a soft limit on pipe buffers"},
	{"CAP_SYS_ADMIN", []string{"pipe", "pipe2"}, "", "a soft limit on pipe buffers"},
	{"CAP_SYS_RESOURCE", []string{"pipe", "pipe2", "clone", "clone3", "fork", "vfork"}, "", "a soft limit that is only looked at when it is exceeded"},
	{"CAP_SYS_ADMIN", []string{"clone", "clone3", "fork", "vfork"}, "copy_process", "asked only once the process limit is exceeded"},
	{"CAP_SYSLOG", nil, "kallsyms_show_value", "decides only whether kernel addresses are shown"},
	{"CAP_SYS_PTRACE", []string{"execve", "execveat"}, "", "decides what a tracer of the new image may do"},
	{"CAP_NET_ADMIN", nil, "sk_ns_capable", "asked while netlink fills in optional attributes"},
	{"CAP_SYS_ADMIN", []string{"setsockopt", "ioctl"}, "bpf_int_jit_compile", "decides only how a socket filter is compiled"}, // Linux 6.15, and older ones since
	{"CAP_SYS_ADMIN", reading, "pid_table_root_permissions", "all may read it"},                                               // pid_max is a namespace's: 6.14
	{"CAP_SYS_PTRACE", nil, "do_task_stat", "decides only whether addresses are shown"},
	{"CAP_SETPCAP", []string{"capset"}, "", "decides only whether more may be inherited than a process has itself"},
	{"CAP_BPF", []string{"setsockopt"}, "", "unprivileged socket filters are allowed"},
	{"CAP_PERFMON", []string{"setsockopt"}, "", "unprivileged socket filters are allowed"},
}

// CapabilityUse says what the check of an observation means, and why it is not
// needed if it is not.
func CapabilityUse(o *trace.Observation) (CapUse, string) {
	c := o.Capability
	switch {
	case c.Asked && o.Outcome == trace.OutcomeOK:
		return CapNeeded, ""
	case c.Asked, o.Outcome != trace.OutcomeOK:
		return CapDenied, "the check was denied"
	case c.ForeignNS:
		return CapOpportunistic, "asked in a user namespace of its own"
	case c.Overridden && !asRealUser(c):
		return CapOpportunistic, "asked with other credentials than the process's own"
	case o.Actor.UID == 0 && slices.Contains(c.Stack, "net_ctl_permissions"):
		return CapOpportunistic, "what is in /proc/sys/net is root's, and the capability lets others at it, too"
	}
	for i := range capNoises {
		if capNoises[i].matches(c) {
			return CapOpportunistic, capNoises[i].why
		}
	}
	return CapNeeded, ""
}

// asRealUser tells checks with the credentials of the process's real user, which
// access(2) takes to ask for the permissions of files: root who works as somebody else
// for a while, as logrotate does, passes by his capabilities. Overlayfs asks in there
// as who mounted it, for those once more, and for the attributes of its directories.
func asRealUser(c *trace.Capability) bool {
	switch c.Syscall {
	case "access", "faccessat", "faccessat2":
	default:
		return false
	}
	if c.Name != "CAP_DAC_OVERRIDE" && c.Name != "CAP_DAC_READ_SEARCH" {
		return false
	}
	inner := slices.Index(c.Stack, "inode_permission")
	return inner < 0 || !slices.ContainsFunc(c.Stack[inner:], func(frame string) bool { return strings.HasPrefix(frame, "ovl_") })
}

func (n *capNoise) matches(c *trace.Capability) bool {
	return n.cap == c.Name && (len(n.calls) == 0 || slices.Contains(n.calls, c.Syscall)) && (n.frame == "" || slices.Contains(c.Stack, n.frame))
}
