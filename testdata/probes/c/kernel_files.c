/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files of the kernel, below /proc and /sys. They are opened and nothing is written:
 * an open alone changes nothing, and is what permissions and mounts decide.
 */
#include <fcntl.h>

#include "probe.h"

#define READS(op, path)                                                                                                \
	OPERATION(op)                                                                                                  \
	{                                                                                                              \
		return call(SYS_open, path, O_RDONLY);                                                                 \
	}
#define WRITES(op, path)                                                                                               \
	OPERATION(op)                                                                                                  \
	{                                                                                                              \
		return call(SYS_open, path, O_WRONLY);                                                                 \
	}

READS(proc_uptime_read, "/proc/uptime")
READS(proc_cpuinfo_read, "/proc/cpuinfo")
READS(proc_meminfo_read, "/proc/meminfo")
READS(proc_self_status_read, "/proc/self/status")
READS(proc_self_environ_read, "/proc/self/environ")
WRITES(proc_self_mem_write, "/proc/self/mem")
WRITES(proc_self_comm_write, "/proc/self/comm")
READS(proc_init_status_read, "/proc/1/status")
READS(proc_init_environ_read, "/proc/1/environ")
READS(proc_mounts_read, "/proc/mounts")
READS(proc_net_dev_read, "/proc/net/dev")
READS(proc_interrupts_read, "/proc/interrupts")
READS(proc_kallsyms_read, "/proc/kallsyms")
READS(proc_kcore_read, "/proc/kcore")
READS(proc_kmsg_read, "/proc/kmsg")
WRITES(proc_sysrq_trigger_write, "/proc/sysrq-trigger")
READS(proc_acpi_list, "/proc/acpi")
READS(proc_bus_list, "/proc/bus")
READS(proc_fs_list, "/proc/fs")
READS(proc_irq_list, "/proc/irq")
WRITES(proc_irq_write, "/proc/irq/default_smp_affinity")
READS(proc_mtrr_read, "/proc/mtrr")
WRITES(proc_mtrr_write, "/proc/mtrr")
READS(proc_timer_list_read, "/proc/timer_list")
READS(proc_sys_kernel_read, "/proc/sys/kernel/ostype")
READS(proc_sys_hostname_read, "/proc/sys/kernel/hostname")
WRITES(proc_sys_hostname_write, "/proc/sys/kernel/hostname")
WRITES(proc_sys_domainname_write, "/proc/sys/kernel/domainname")
WRITES(proc_sys_kernel_write, "/proc/sys/kernel/panic")
READS(proc_sys_net_read, "/proc/sys/net/ipv4/ip_forward")
WRITES(proc_sys_net_write, "/proc/sys/net/ipv4/ip_forward")
WRITES(proc_sys_vm_write, "/proc/sys/vm/swappiness")

READS(sys_kernel_read, "/sys/kernel/uevent_seqnum")
READS(sys_class_list, "/sys/class")
WRITES(sys_kernel_write, "/sys/kernel/profiling")
WRITES(sys_module_write, "/sys/module/printk/parameters/time")
READS(sys_kernel_debug_list, "/sys/kernel/debug")
READS(sys_kernel_tracing_list, "/sys/kernel/tracing")
READS(sys_fs_bpf_list, "/sys/fs/bpf")
READS(sys_firmware_list, "/sys/firmware")
READS(cgroup_list, "/sys/fs/cgroup")
READS(cgroup_procs_read, "/sys/fs/cgroup/cgroup.procs")
WRITES(cgroup_procs_write, "/sys/fs/cgroup/cgroup.procs")

OPERATION(cgroup_mkdir)
{
	TRY(call(SYS_mkdir, "/sys/fs/cgroup/probe", 0755));
	return call(SYS_rmdir, "/sys/fs/cgroup/probe");
}

OPERATION(bpf_mkdir)
{
	TRY(call(SYS_mkdir, "/sys/fs/bpf/probe", 0755));
	return call(SYS_rmdir, "/sys/fs/bpf/probe");
}
