/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * New namespaces, by each of the calls that make them: the process or its child is
 * alone in there, and both end at once.
 */
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>

#include "probe.h"

static long clone3(unsigned long flags)
{
	struct clone_args arguments = {.flags = flags, .exit_signal = SIGCHLD};

	return parent_of(call(SYS_clone3, &arguments, sizeof(arguments)));
}

#define NAMESPACE(kind, flag)                                                                                          \
	OPERATION(unshare_##kind)                                                                                      \
	{                                                                                                              \
		return call(SYS_unshare, flag);                                                                        \
	}                                                                                                              \
	OPERATION(clone_##kind)                                                                                        \
	{                                                                                                              \
		return parent_of(call(SYS_clone, (flag) | SIGCHLD));                                                   \
	}                                                                                                              \
	OPERATION(clone3_##kind)                                                                                       \
	{                                                                                                              \
		return clone3(flag);                                                                                   \
	}

NAMESPACE(user, CLONE_NEWUSER)
NAMESPACE(mnt, CLONE_NEWNS)
NAMESPACE(pid, CLONE_NEWPID)
NAMESPACE(net, CLONE_NEWNET)
NAMESPACE(ipc, CLONE_NEWIPC)
NAMESPACE(uts, CLONE_NEWUTS)
NAMESPACE(cgroup, CLONE_NEWCGROUP)

OPERATION(unshare_time)
{
	return call(SYS_unshare, CLONE_NEWTIME);
}

OPERATION(unshare_files)
{
	return call(SYS_unshare, CLONE_FILES); /* no namespace */
}

OPERATION(unshare_two)
{
	return call(SYS_unshare, CLONE_NEWIPC | CLONE_NEWUTS);
}

OPERATION(clone3)
{
	return clone3(0);
}

/* Joins a namespace that the process is in already. */
static long join(const char *file, long kind)
{
	long fd = TRY(call(SYS_open, file, O_RDONLY));

	return call(SYS_setns, fd, kind);
}

OPERATION(setns_mnt)
{
	return join("/proc/self/ns/mnt", CLONE_NEWNS);
}

OPERATION(setns_net)
{
	return join("/proc/self/ns/net", CLONE_NEWNET);
}

OPERATION(setns_ipc)
{
	return join("/proc/self/ns/ipc", CLONE_NEWIPC);
}

OPERATION(setns_uts)
{
	return join("/proc/self/ns/uts", CLONE_NEWUTS);
}

OPERATION(setns_cgroup)
{
	return join("/proc/self/ns/cgroup", CLONE_NEWCGROUP);
}

OPERATION(setns_any)
{
	return join("/proc/self/ns/uts", 0);
}
