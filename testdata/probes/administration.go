// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

const (
	tooLong     = "65 bytes are one too many: they are refused"
	noMagic     = "without the magic numbers it is refused"
	doesntExist = "what it names does not exist"
	goneAtOnce  = "it is empty, and gone at once"
	notMounted  = "the directory is no mount point: it is refused"
	noImage     = "there is no image: it is refused"
	noFlags     = "there are no such flags: it is refused"
	neverUsed   = "it is attached to nothing, and ends with the process"
)

var administrationOperations = []Operation{
	{Name: "sethostname", Does: "sets a host name that is refused", Harmless: tooLong, Root: "EINVAL", User: "EPERM",
		Capability: "CAP_SYS_ADMIN", Expect: seen{call("sethostname")}},
	{Name: "setdomainname", Does: "sets a domain name that is refused", Harmless: tooLong, Root: "EINVAL", User: "EPERM",
		Capability: "CAP_SYS_ADMIN", Expect: seen{call("setdomainname")}},
	{Name: "reboot", Does: "asks for what is no reboot", Harmless: noMagic, Root: "EINVAL", User: "EPERM",
		Capability: "CAP_SYS_BOOT", Expect: seen{call("reboot")}},
	{Name: "syslog_read_all", Does: "reads the kernel's messages", User: "EPERM|ok", Capability: "CAP_SYSLOG",
		Kernel: "kernel.dmesg_restrict", Expect: seen{call("syslog", arg(0, 3))}},
	{Name: "syslog_unread", Does: "asks for the size of unread messages", User: "EPERM", Capability: "CAP_SYSLOG",
		Expect: seen{call("syslog", arg(0, 9))}},
	{Name: "syslog_size", Does: "asks for the size of the buffer of messages", User: "EPERM|ok", Capability: "CAP_SYSLOG",
		Kernel: "kernel.dmesg_restrict", Expect: seen{call("syslog", arg(0, 10))}},
	{Name: "swapon", Does: "swaps to a file", Harmless: doesntExist, Root: "ENOENT", User: "EPERM",
		Capability: "CAP_SYS_ADMIN", Expect: seen{call("swapon"), file(trace.OpStat)}},
	{Name: "swapoff", Does: "ends swapping to a file", Harmless: doesntExist, Root: "ENOENT", User: "EPERM",
		Capability: "CAP_SYS_ADMIN", Expect: seen{call("swapoff"), file(trace.OpStat)}},
	{Name: "mount_tmpfs", Does: "mounts a tmpfs and unmounts it", Harmless: goneAtOnce, Needs: items{directory()},
		User: "EPERM", Capability: "CAP_SYS_ADMIN",
		Expect: seen{ok(call("mount")), ok(file(trace.OpMount)), call("umount2")}},
	{Name: "mount_bind", Does: "mounts a directory on itself and unmounts it", Harmless: goneAtOnce,
		Needs: items{directory()}, User: "EPERM", Capability: "CAP_SYS_ADMIN",
		Expect: seen{ok(call("mount")), ok(file(trace.OpMount)), call("umount2")}},
	{Name: "umount_nothing", Does: "unmounts a plain directory", Harmless: notMounted, Needs: items{directory()},
		Root: "EINVAL", User: "EPERM", Capability: "CAP_SYS_ADMIN", Expect: seen{call("umount2"), file(trace.OpMount)}},
	{Name: "pivot_root", Does: "asks for a new root that is refused", Harmless: notMounted, Needs: items{directory()},
		Root: "EBUSY|EINVAL", User: "EPERM", Capability: "CAP_SYS_ADMIN", Expect: seen{call("pivot_root"), file(trace.OpMount)}},
	{Name: "open_tree", Does: "opens a directory with open_tree(2)", Needs: items{directory()},
		Expect: seen{call("open_tree"), file(trace.OpStat)}},
	{Name: "open_tree_clone", Does: "makes a mount that is mounted nowhere", Harmless: neverUsed, Needs: items{directory()},
		User: "EPERM", Capability: "CAP_SYS_ADMIN", Expect: seen{call("open_tree"), file(trace.OpStat)}},
	{Name: "fsopen", Does: "begins to make a file system", Harmless: neverUsed, User: "EPERM",
		Capability: "CAP_SYS_ADMIN", Expect: seen{call("fsopen")}},
	{Name: "mount_setattr", Does: "sets the attributes of a plain directory's mount", Harmless: notMounted,
		Needs: items{directory()}, Root: "EINVAL", User: "EPERM", Capability: "CAP_SYS_ADMIN", Kernel: "5.12",
		Expect: seen{call("mount_setattr"), file(trace.OpMount)}},
	{Name: "init_module", Does: "loads a module that is none", Harmless: noImage, Root: "ENOEXEC|ENOSYS", User: "EPERM|ENOSYS",
		Capability: "CAP_SYS_MODULE", Kernel: "CONFIG_MODULES", Expect: seen{call("init_module")}},
	{Name: "finit_module", Does: "loads a module from no file", Harmless: noImage, Root: "EBADF|ENOSYS", User: "EPERM|ENOSYS",
		Capability: "CAP_SYS_MODULE", Kernel: "CONFIG_MODULES", Expect: seen{call("finit_module")}},
	{Name: "delete_module", Does: "removes a module", Harmless: doesntExist, Root: "ENOENT|ENOSYS", User: "EPERM|ENOSYS",
		Capability: "CAP_SYS_MODULE", Kernel: "CONFIG_MODULES", Expect: seen{call("delete_module")}},
	{Name: "kexec_load", Does: "loads a kernel with flags that are refused", Harmless: noFlags, Root: "EINVAL|ENOSYS|EPERM",
		User: "EPERM|ENOSYS", Capability: "CAP_SYS_BOOT", Kernel: "CONFIG_KEXEC", Expect: seen{call("kexec_load")}},
	{Name: "kexec_file_load", Does: "loads a kernel file with flags that are refused", Harmless: noFlags,
		Root: "EINVAL|ENOSYS|EPERM", User: "EPERM|ENOSYS", Capability: "CAP_SYS_BOOT", Kernel: "CONFIG_KEXEC_FILE",
		Expect: seen{call("kexec_file_load")}},
	{Name: "bpf_map_create", Does: "makes a BPF map", Harmless: neverUsed, User: "EPERM|ok", Capability: "CAP_BPF", Perhaps: seen{capable("CAP_PERFMON")},
		Kernel: "kernel.unprivileged_bpf_disabled", Expect: seen{call("bpf", arg(0, unix.BPF_MAP_CREATE))}},
	{Name: "bpf_prog_load", Does: "loads a BPF program", Harmless: neverUsed, User: "EPERM|ok", Capability: "CAP_BPF", Perhaps: seen{capable("CAP_PERFMON")},
		Kernel: "kernel.unprivileged_bpf_disabled", Expect: seen{call("bpf", arg(0, unix.BPF_PROG_LOAD))}},
	{Name: "perf_event_open", Does: "counts its own time", User: "ok|EACCES|EPERM", Kernel: "kernel.perf_event_paranoid",
		Perhaps: seen{capable("CAP_PERFMON"), capable("CAP_SYS_ADMIN")}, Expect: seen{call("perf_event_open")}},
	{Name: "perf_event_open_kernel", Does: "counts its own time, the kernel's too", User: "EACCES|EPERM|ok",
		Capability: "CAP_PERFMON|CAP_SYS_ADMIN", Kernel: "kernel.perf_event_paranoid", Expect: seen{call("perf_event_open")}},
	{Name: "iopl", Does: "asks for access to all I/O ports", Harmless: onItself + ", which does no I/O", User: "EPERM|ENOSYS",
		Capability: "CAP_SYS_RAWIO", Root: "ok|EPERM|ENOSYS", Kernel: "CONFIG_X86_IOPL_IOPERM, and no lockdown", Expect: seen{call("iopl")}},
	{Name: "ioperm", Does: "asks for access to an I/O port", Harmless: onItself + ", which does no I/O", User: "EPERM|ENOSYS",
		Capability: "CAP_SYS_RAWIO", Root: "ok|EPERM|ENOSYS", Kernel: "CONFIG_X86_IOPL_IOPERM, and no lockdown", Expect: seen{call("ioperm")}},
	{Name: "acct", Does: "accounts processes to a file", Harmless: doesntExist, Root: "ENOENT|ENOSYS", User: "EPERM|ENOSYS",
		Capability: "CAP_SYS_PACCT", Kernel: "CONFIG_BSD_PROCESS_ACCT", Expect: seen{call("acct"), file(trace.OpStat)}},
	{Name: "quotactl", Does: "turns on quotas of a disk", Harmless: doesntExist, Root: "ENOENT|ENOSYS", User: "ENOENT|EPERM|ENOSYS",
		Kernel: "CONFIG_QUOTA", Expect: seen{call("quotactl")}},
	{Name: "lookup_dcookie", Does: "looks up a directory entry's cookie", Root: "ENOSYS|EINVAL", User: "ENOSYS|EPERM",
		Kernel: "removed in 6.8", Expect: seen{call("lookup_dcookie")}},
	{Name: "vhangup", Does: "hangs up its terminal", Harmless: "a new session has none", User: "EPERM",
		Capability: "CAP_SYS_TTY_CONFIG", Expect: seen{ok(call("setsid")), call("vhangup")}},
	{Name: "modify_ldt", Does: "reads its local descriptor table", Root: "ok|ENOSYS", Kernel: "CONFIG_MODIFY_LDT_SYSCALL",
		Expect: seen{call("modify_ldt")}},
	{Name: "nfsservctl", Does: "asks for a call that was removed", Root: "ENOSYS", Expect: seen{call("nfsservctl")}},
	{Name: "sysctl", Does: "asks for the sysctl call that was removed", Root: "ENOSYS", Expect: seen{call("_sysctl")}},
	{Name: "sysfs", Does: "counts the file systems that the kernel knows", Root: "ok|ENOSYS", Kernel: "CONFIG_SYSFS_SYSCALL",
		Expect: seen{call("sysfs")}},
	{Name: "listmount", Does: "lists mounts", Root: "ok|ENOSYS", Kernel: "6.8", Expect: seen{call("listmount")}},
}
