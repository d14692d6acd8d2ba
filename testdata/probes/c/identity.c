/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who the process is and what it may do: ids, capabilities, prctl(2), seccomp(2). */
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>

#include "probe.h"

OPERATION(setuid_same)
{
	return call(SYS_setuid, self.uid);
}

OPERATION(setuid_other)
{
	return call(SYS_setuid, OTHER_ID);
}

OPERATION(setgid_other)
{
	return call(SYS_setgid, OTHER_ID);
}

OPERATION(setreuid_other)
{
	return call(SYS_setreuid, OTHER_ID, OTHER_ID);
}

OPERATION(setregid_other)
{
	return call(SYS_setregid, OTHER_ID, OTHER_ID);
}

OPERATION(setresuid_other)
{
	return call(SYS_setresuid, OTHER_ID, OTHER_ID, OTHER_ID);
}

OPERATION(setresgid_other)
{
	return call(SYS_setresgid, OTHER_ID, OTHER_ID, OTHER_ID);
}

OPERATION(setgroups)
{
	const unsigned int groups[] = {OTHER_ID};

	return call(SYS_setgroups, 1, groups);
}

OPERATION(setfsuid_other)
{
	return call(SYS_setfsuid, OTHER_ID); /* returns the old id, whatever it does */
}

OPERATION(setfsgid_other)
{
	return call(SYS_setfsgid, OTHER_ID);
}

OPERATION(getuid)
{
	return call(SYS_getuid);
}

static long set_capabilities(unsigned int permitted, unsigned int inheritable)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	const struct __user_cap_data_struct sets[2] = {{permitted, permitted, inheritable}};

	return call(SYS_capset, &header, sets);
}

OPERATION(capset_drop)
{
	return set_capabilities(0, 0);
}

OPERATION(capset_keep_one)
{
	return set_capabilities(1 << CAP_NET_RAW, 0);
}

OPERATION(capget)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct sets[2];

	return call(SYS_capget, &header, sets);
}

#define PRCTL(op, ...)                                                                                                 \
	OPERATION(prctl_##op)                                                                                          \
	{                                                                                                              \
		return call(SYS_prctl, __VA_ARGS__);                                                                   \
	}

PRCTL(no_new_privs, PR_SET_NO_NEW_PRIVS, 1)
PRCTL(keepcaps, PR_SET_KEEPCAPS, 1)
PRCTL(not_dumpable, PR_SET_DUMPABLE, 0)
PRCTL(pdeathsig, PR_SET_PDEATHSIG, 0)
PRCTL(name, PR_SET_NAME, "probe")
PRCTL(ptracer, PR_SET_PTRACER, 0)
PRCTL(timerslack, PR_SET_TIMERSLACK, 0)
PRCTL(mdwe, 65 /* PR_SET_MDWE */, 1 /* PR_MDWE_REFUSE_EXEC_GAIN */)
PRCTL(capbset_read, PR_CAPBSET_READ, CAP_NET_RAW)
PRCTL(capbset_drop, PR_CAPBSET_DROP, CAP_NET_RAW)
PRCTL(securebits, PR_SET_SECUREBITS, SECBIT_NOROOT)
PRCTL(ambient_clear, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
PRCTL(subreaper, PR_SET_CHILD_SUBREAPER, 1)

OPERATION(prctl_ambient_raise)
{
	TRY(set_capabilities(1 << CAP_NET_RAW, 1 << CAP_NET_RAW));
	return call(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW);
}

/* A filter that allows everything. */
static struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
static struct sock_fprog filter = {LENGTH(allow), allow};

OPERATION(prctl_seccomp)
{
	return call(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

OPERATION(seccomp)
{
	return call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
}

OPERATION(seccomp_no_new_privs)
{
	TRY(call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1));
	return call(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
}

OPERATION(seccomp_action_available)
{
	unsigned int action = SECCOMP_RET_ALLOW;

	return call(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
}

OPERATION(landlock_version)
{
	return call(SYS_landlock_create_ruleset, 0, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

OPERATION(landlock_create_ruleset)
{
	const struct landlock_ruleset_attr rules = {.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE};

	return call(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
}

OPERATION(landlock_restrict_self)
{
	const struct landlock_ruleset_attr rules = {.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE};
	long fd = TRY(call(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0));

	TRY(call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1));
	return call(SYS_landlock_restrict_self, fd, 0);
}
