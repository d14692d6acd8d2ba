// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

const onlyOpened = "it is opened and nothing is written"

// kernelFile is a file below /proc or /sys that an operation opens.
type kernelFile struct {
	name, path string
	// The outcomes, as in Operation.
	root, user string
	capability string
	// perhaps is asked for, and the open succeeds without it.
	perhaps string
	// linked is where links on the way lead.
	linked string
}

// The test bed mounts /sys and most of /proc/sys read-only, other systems do not;
// some files need a kernel's configuration.
var kernelFiles = []kernelFile{
	{name: "proc_uptime_read", path: "/proc/uptime"},
	{name: "proc_cpuinfo_read", path: "/proc/cpuinfo"},
	{name: "proc_meminfo_read", path: "/proc/meminfo"},
	{name: "proc_self_status_read", path: "/proc/self/status"},
	{name: "proc_self_environ_read", path: "/proc/self/environ"},
	{name: "proc_self_mem_write", path: "/proc/self/mem"},
	{name: "proc_self_comm_write", path: "/proc/self/comm"},
	{name: "proc_init_status_read", path: "/proc/1/status"},
	{name: "proc_init_environ_read", path: "/proc/1/environ", user: "EACCES"},
	{name: "proc_mounts_read", path: "/proc/mounts", linked: "/proc/self/mounts"},
	{name: "proc_net_dev_read", path: "/proc/net/dev", linked: "/proc/self/net/dev"},
	{name: "proc_interrupts_read", path: "/proc/interrupts"},
	{name: "proc_kallsyms_read", path: "/proc/kallsyms", perhaps: "CAP_SYSLOG"},
	{name: "proc_kcore_read", path: "/proc/kcore", root: "ok|ENOENT|EPERM", user: "EACCES|ENOENT", capability: "CAP_SYS_RAWIO"},
	{name: "proc_kmsg_read", path: "/proc/kmsg", user: "EACCES", capability: "CAP_SYSLOG"},
	{name: "proc_sysrq_trigger_write", path: "/proc/sysrq-trigger", root: "ok|EROFS|ENOENT", user: "EACCES|ok|EROFS|ENOENT"},
	{name: "proc_acpi_list", path: "/proc/acpi", root: "ok|ENOENT"},
	{name: "proc_bus_list", path: "/proc/bus", root: "ok|ENOENT"},
	{name: "proc_fs_list", path: "/proc/fs"},
	{name: "proc_irq_list", path: "/proc/irq"},
	{name: "proc_irq_write", path: "/proc/irq/default_smp_affinity", root: "ok|EROFS", user: "EACCES"},
	{name: "proc_mtrr_read", path: "/proc/mtrr", root: "ok|ENOENT", user: "EPERM|ok|EACCES|ENOENT", capability: "CAP_SYS_ADMIN"},
	{name: "proc_mtrr_write", path: "/proc/mtrr", root: "ok|ENOENT|EROFS", user: "EACCES|ENOENT", capability: "CAP_SYS_ADMIN"},
	{name: "proc_timer_list_read", path: "/proc/timer_list", user: "EACCES|ok"},
	{name: "proc_sys_kernel_read", path: "/proc/sys/kernel/ostype"},
	{name: "proc_sys_hostname_read", path: "/proc/sys/kernel/hostname"},
	{name: "proc_sys_hostname_write", path: "/proc/sys/kernel/hostname", root: "ok|EROFS", user: "EACCES"},
	{name: "proc_sys_domainname_write", path: "/proc/sys/kernel/domainname", root: "ok|EROFS", user: "EACCES"},
	{name: "proc_sys_kernel_write", path: "/proc/sys/kernel/panic", root: "ok|EROFS", user: "EACCES"},
	{name: "proc_sys_net_read", path: "/proc/sys/net/ipv4/ip_forward", perhaps: "CAP_NET_ADMIN"},
	{name: "proc_sys_net_write", path: "/proc/sys/net/ipv4/ip_forward", user: "EACCES", perhaps: "CAP_NET_ADMIN"},
	{name: "proc_sys_vm_write", path: "/proc/sys/vm/swappiness", root: "ok|EROFS", user: "EACCES"},
	{name: "sys_kernel_read", path: "/sys/kernel/uevent_seqnum"},
	{name: "sys_class_list", path: "/sys/class"},
	{name: "sys_kernel_write", path: "/sys/kernel/profiling", root: "ok|EROFS|ENOENT", user: "EACCES|EROFS|ENOENT"},
	{name: "sys_module_write", path: "/sys/module/printk/parameters/time", root: "ok|EROFS", user: "EACCES|EROFS"},
	{name: "sys_kernel_debug_list", path: "/sys/kernel/debug", user: "EACCES|ok"},
	{name: "sys_kernel_tracing_list", path: "/sys/kernel/tracing", user: "EACCES|ok"},
	{name: "sys_fs_bpf_list", path: "/sys/fs/bpf", user: "EACCES|ok"},
	{name: "sys_firmware_list", path: "/sys/firmware"},
	{name: "cgroup_list", path: "/sys/fs/cgroup"},
	{name: "cgroup_procs_read", path: "/sys/fs/cgroup/cgroup.procs", root: "ok|ENOENT"},
	{name: "cgroup_procs_write", path: "/sys/fs/cgroup/cgroup.procs", root: "ok|ENOENT|EROFS", user: "EACCES|ENOENT|EROFS"},
}

// The kernel file systems in which directories are made are the unit's own.
var kernelFileOperations = slices.Concat(openings(), []Operation{
	{Name: "cgroup_mkdir", Does: "makes a cgroup and removes it", Root: "ok|EROFS", User: "EACCES|EROFS",
		Harmless: "it is empty and gone at once", Kernel: "where it may be written",
		Perhaps: seen{capable("CAP_DAC_OVERRIDE")}, // of the root cgroup, 0555
		Expect: seen{ok(call("mkdir")), ok(file(trace.OpMkdir, "/sys/fs/cgroup/probe")),
			call("rmdir"), file(trace.OpRmdir, "/sys/fs/cgroup/probe")}},
	{Name: "bpf_mkdir", Does: "makes a directory for pinned BPF objects and removes it",
		Root: "ok|EPERM|EROFS", User: "EACCES|ok|EPERM|EROFS", Harmless: "it is empty and gone at once", Kernel: "with a BPF file system",
		Expect: seen{ok(call("mkdir")), ok(file(trace.OpMkdir, "/sys/fs/bpf/probe")),
			call("rmdir"), file(trace.OpRmdir, "/sys/fs/bpf/probe")}},
})

func openings() []Operation {
	var operations []Operation
	for _, f := range kernelFiles {
		op := Operation{Name: f.name, Root: f.root, User: f.user, Capability: f.capability}
		if f.root != "" {
			op.Kernel = "with that file, and where it may be written"
		}
		if f.perhaps != "" {
			op.Perhaps = seen{capable(f.perhaps)}
		}
		switch path := strings.Replace(f.path, "/proc/1/", "/proc/"+trace.OtherProcess+"/", 1); {
		case strings.HasSuffix(f.name, "_write"):
			op.Does, op.Harmless = "opens "+f.path+" for writing", onlyOpened
			op.Expect = seen{call("open"), write(path)}
		case strings.HasSuffix(f.name, "_list"):
			op.Does = "opens the directory " + f.path
			op.Expect = seen{call("open"), file(trace.OpList, path)}
		default:
			op.Does = "opens " + f.path + " for reading"
			op.Expect = seen{call("open"), read(path)}
			if f.linked != "" {
				op.Expect[1] = given(path, read(f.linked))
			}
		}
		operations = append(operations, op)
	}
	return operations
}
