/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What only an administrator may do. Nothing comes of any of it: every call has
 * arguments that the kernel refuses after it has asked for the capability, or touches
 * only what ends with the process; the comments say which.
 */
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <linux/quota.h>
#include <sched.h>

#include "probe.h"

enum { DETACH = 2 /* MNT_DETACH of <sys/mount.h>, which <linux/mount.h> excludes */ };

OPERATION(sethostname)
{
	/* 65 bytes are one too many. */
	return call(SYS_sethostname, "probe", 65);
}

OPERATION(setdomainname)
{
	return call(SYS_setdomainname, "probe", 65);
}

OPERATION(reboot)
{
	return call(SYS_reboot, 0, 0, 0, 0); /* without the magic numbers */
}

OPERATION(syslog_read_all)
{
	char text[16];

	return call(SYS_syslog, 3 /* SYSLOG_ACTION_READ_ALL */, text, sizeof(text));
}

OPERATION(syslog_unread)
{
	return call(SYS_syslog, 9 /* SYSLOG_ACTION_SIZE_UNREAD */, 0, 0);
}

OPERATION(syslog_size)
{
	return call(SYS_syslog, 10 /* SYSLOG_ACTION_SIZE_BUFFER */, 0, 0);
}

OPERATION(swapon)
{
	return call(SYS_swapon, area("swapon"), 0); /* does not exist */
}

OPERATION(swapoff)
{
	return call(SYS_swapoff, area("swapoff")); /* does not exist */
}

OPERATION(mount_tmpfs)
{
	const char *directory = area("mount_tmpfs");

	TRY(call(SYS_mount, "probe", directory, "tmpfs", 0, 0));
	return call(SYS_umount2, directory, DETACH);
}

OPERATION(mount_bind)
{
	const char *directory = area("mount_bind");

	TRY(call(SYS_mount, directory, directory, 0, MS_BIND, 0));
	return call(SYS_umount2, directory, DETACH);
}

OPERATION(umount_nothing)
{
	return call(SYS_umount2, area("umount_nothing"), DETACH); /* a plain directory */
}

OPERATION(pivot_root)
{
	return call(SYS_pivot_root, area("pivot_root"), area("pivot_root")); /* no mount point */
}

OPERATION(open_tree)
{
	return call(SYS_open_tree, AT_FDCWD, area("open_tree"), 0);
}

OPERATION(open_tree_clone)
{
	/* A mount that is mounted nowhere. */
	return call(SYS_open_tree, AT_FDCWD, area("open_tree_clone"), OPEN_TREE_CLONE);
}

OPERATION(fsopen)
{
	return call(SYS_fsopen, "tmpfs", 0);
}

OPERATION(mount_setattr)
{
	const struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NODEV};

	return call(SYS_mount_setattr, AT_FDCWD, area("mount_setattr"), 0, &attributes,
		    sizeof(attributes)); /* no mount point */
}

OPERATION(init_module)
{
	return call(SYS_init_module, 0, 0, ""); /* no image */
}

OPERATION(finit_module)
{
	return call(SYS_finit_module, -1, "", 0); /* no file */
}

OPERATION(delete_module)
{
	return call(SYS_delete_module, "probe_none", 04000 /* O_NONBLOCK */);
}

OPERATION(kexec_load)
{
	return call(SYS_kexec_load, 0, 0, 0, ~0UL); /* no such flags */
}

OPERATION(kexec_file_load)
{
	return call(SYS_kexec_file_load, -1, -1, 0, 0, ~0UL); /* no such flags */
}

OPERATION(bpf_map_create)
{
	union bpf_attr map = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};

	return call(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map));
}

OPERATION(bpf_prog_load)
{
	/* return 0, for sockets, attached to nothing */
	static const struct bpf_insn instructions[] = {
	    {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0},
	    {.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr program = {
	    .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
	    .insns = (unsigned long)instructions,
	    .insn_cnt = LENGTH(instructions),
	    .license = (unsigned long)"GPL",
	};

	return call(SYS_bpf, BPF_PROG_LOAD, &program, sizeof(program));
}

static long count_tasks(int without_kernel)
{
	struct perf_event_attr counter = {
	    .type = PERF_TYPE_SOFTWARE,
	    .size = sizeof(counter),
	    .config = PERF_COUNT_SW_TASK_CLOCK,
	    .disabled = 1,
	    .exclude_kernel = without_kernel,
	    .exclude_hv = 1,
	};

	return call(SYS_perf_event_open, &counter, 0, -1, -1, 0);
}

OPERATION(perf_event_open)
{
	return count_tasks(1);
}

OPERATION(perf_event_open_kernel)
{
	return count_tasks(0);
}

OPERATION(iopl)
{
	return call(SYS_iopl, 3); /* ends with the process, which does no I/O */
}

OPERATION(ioperm)
{
	return call(SYS_ioperm, 0x80, 1, 1); /* likewise */
}

OPERATION(acct)
{
	return call(SYS_acct, area("acct")); /* does not exist */
}

OPERATION(quotactl)
{
	return call(SYS_quotactl, Q_QUOTAON << 8 | USRQUOTA, area("quotactl"), 0, area("quotactl"));
}

OPERATION(lookup_dcookie)
{
	char path[64];

	return call(SYS_lookup_dcookie, 0, path, sizeof(path));
}

OPERATION(vhangup)
{
	/* In a session of its own: there is no terminal to hang up. */
	TRY(call(SYS_setsid));
	return call(SYS_vhangup);
}

OPERATION(modify_ldt)
{
	char entries[16];

	return call(SYS_modify_ldt, 0 /* read */, entries, sizeof(entries));
}

OPERATION(nfsservctl)
{
	return call(SYS_nfsservctl, 0, 0, 0);
}

OPERATION(sysctl)
{
	return call(SYS__sysctl, 0);
}

OPERATION(sysfs)
{
	return call(SYS_sysfs, 3); /* counts file systems */
}

OPERATION(listmount)
{
	const struct {
		unsigned int size, spare;
		unsigned long long mount, after;
	} request = {24, 0, ~0ULL /* LSMT_ROOT */, 0};
	unsigned long long mounts[4];

	return call(NR_listmount, &request, mounts, LENGTH(mounts), 0);
}
