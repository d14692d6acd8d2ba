// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestCapabilityUse(t *testing.T) {
	with := func(change func(*trace.Capability), name, call string) trace.Observation {
		o := capability(name, call)
		change(o.Capability)
		return o
	}
	stack := func(frames ...string) func(*trace.Capability) {
		return func(c *trace.Capability) { c.Stack = frames }
	}
	for _, c := range []struct {
		name string
		o    trace.Observation
		want CapUse
	}{
		{"checked", capability("CAP_CHOWN", "chown"), CapNeeded},
		{"denied", failed(capability("CAP_CHOWN", "chown"), eperm), CapDenied},
		{"asked for", with(func(c *trace.Capability) { c.Asked = true }, "CAP_CHOWN", "capset"), CapNeeded},
		{"asked for in vain", failed(with(func(c *trace.Capability) { c.Asked = true }, "CAP_CHOWN", "capset"), eperm), CapDenied},
		{"with other credentials", with(func(c *trace.Capability) { c.Overridden = true }, "CAP_CHOWN", "openat"), CapOpportunistic},
		{"as the real user", with(func(c *trace.Capability) {
			c.Overridden, c.Stack = true, []string{"capable_wrt_inode_uidgid", "generic_permission", "ovl_permission", "inode_permission", "link_path_walk"}
		}, "CAP_DAC_READ_SEARCH", "access"), CapNeeded},
		{"as who mounted the overlay", with(func(c *trace.Capability) {
			c.Overridden, c.Stack = true, []string{"capable_wrt_inode_uidgid", "generic_permission", "inode_permission", "ovl_permission", "inode_permission"}
		}, "CAP_DAC_READ_SEARCH", "access"), CapOpportunistic},
		{"as who mounted the overlay, looking up", with(func(c *trace.Capability) {
			c.Overridden, c.Stack = true, []string{"capable_wrt_inode_uidgid", "generic_permission", "inode_permission", "lookup_one", "ovl_lookup_single", "ovl_lookup"}
		}, "CAP_DAC_READ_SEARCH", "access"), CapOpportunistic},
		{"as who mounted the overlay, reading attributes", with(func(c *trace.Capability) {
			c.Overridden, c.Stack = true, []string{"capable", "xattr_permission", "vfs_getxattr", "ovl_get_dir_xattr_val", "ovl_lookup"}
		}, "CAP_SYS_ADMIN", "faccessat2"), CapOpportunistic},
		{"in another user namespace", with(func(c *trace.Capability) { c.ForeignNS = true }, "CAP_CHOWN", "chown"), CapOpportunistic},
		{"what may be inherited", capability("CAP_SETPCAP", "capset"), CapOpportunistic},
		{"asked to be kept", with(func(c *trace.Capability) { c.Asked = true }, "CAP_SETPCAP", "capset"), CapNeeded},
		{"a smaller bounding set", capability("CAP_SETPCAP", "prctl"), CapNeeded},
		{"memory", capability("CAP_SYS_ADMIN", "mmap"), CapOpportunistic},
		{"the network's settings", with(stack("ns_capable_noaudit", "net_ctl_permissions"), "CAP_NET_ADMIN", "open"), CapOpportunistic},
		{"the network's settings of a user", as(33, with(stack("ns_capable_noaudit", "net_ctl_permissions"), "CAP_NET_ADMIN", "open")), CapNeeded},
		{"no memory", capability("CAP_SYS_ADMIN", "mount"), CapNeeded},
		{"pages of a tmpfs", with(stack("security_vm_enough_memory_mm", "shmem_inode_acct_blocks"), "CAP_SYS_ADMIN", "pwrite64"), CapOpportunistic},
		{"pages of a tmpfs before 6.12", with(stack("cap_vm_enough_memory", "shmem_inode_acct_blocks"), "CAP_SYS_ADMIN", "pwrite64"), CapOpportunistic},
		{"a socket filter's barrier", with(stack("ns_capable_noaudit", "do_jit", "bpf_int_jit_compile", "sk_attach_filter"), "CAP_SYS_ADMIN", "setsockopt"), CapOpportunistic},
		{"another option", with(stack("ns_capable", "sk_setsockopt"), "CAP_SYS_ADMIN", "setsockopt"), CapNeeded},
		{"a filter of calls", with(stack("ns_capable_noaudit", "do_jit", "bpf_int_jit_compile"), "CAP_SYS_ADMIN", "prctl"), CapNeeded}, // the stack is of the first one alone
		{"a setting of the kernel that is read", with(stack("ns_capable_noaudit", "pid_table_root_permissions", "sysctl_perm"), "CAP_SYS_ADMIN", "openat"), CapOpportunistic},
		{"one that is written", with(stack("ns_capable_noaudit", "pid_table_root_permissions", "sysctl_perm"), "CAP_SYS_ADMIN", "write"), CapNeeded},
		{"what /proc/PID/stat shows", with(stack("ns_capable_noaudit", "__ptrace_may_access", "ptrace_may_access", "do_task_stat"), "CAP_SYS_PTRACE", "read"), CapOpportunistic},
		{"what /proc/PID/environ shows", with(stack("ns_capable", "__ptrace_may_access", "ptrace_may_access", "mm_access", "proc_mem_open"), "CAP_SYS_PTRACE", "openat"), CapNeeded},
		{"another stack", with(stack("ns_capable", "path_mount"), "CAP_SYS_ADMIN", "pwrite64"), CapNeeded},
	} {
		if got, why := CapabilityUse(&c.o); got != c.want {
			t.Errorf("%s: %d (%s), want %d", c.name, got, why, c.want)
		}
	}
}
