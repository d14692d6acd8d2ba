/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Priorities and limits, all of the process itself, which ends at once. */
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/resource.h>

#include "probe.h"

OPERATION(setpriority_lower)
{
	return call(SYS_setpriority, PRIO_PROCESS, 0, 5);
}

OPERATION(setpriority_raise)
{
	return call(SYS_setpriority, PRIO_PROCESS, 0, -5);
}

OPERATION(getpriority)
{
	return call(SYS_getpriority, PRIO_PROCESS, 0);
}

static long policy(long policy, int priority)
{
	return call(SYS_sched_setscheduler, 0, policy, &priority);
}

OPERATION(sched_setscheduler_other)
{
	return policy(SCHED_NORMAL, 0);
}

OPERATION(sched_setscheduler_other_reset)
{
	return policy(SCHED_NORMAL | SCHED_RESET_ON_FORK, 0);
}

OPERATION(sched_setscheduler_batch)
{
	return policy(SCHED_BATCH, 0);
}

OPERATION(sched_setscheduler_idle)
{
	return policy(SCHED_IDLE, 0);
}

OPERATION(sched_setscheduler_fifo)
{
	return policy(SCHED_FIFO, 1);
}

OPERATION(sched_setscheduler_rr)
{
	return policy(SCHED_RR, 1);
}

static long attributes(unsigned int policy, unsigned int priority, unsigned long long runtime)
{
	struct sched_attr attributes = {
	    .size = sizeof(attributes),
	    .sched_policy = policy,
	    .sched_priority = priority,
	    .sched_runtime = runtime,
	    .sched_deadline = 100 * runtime,
	    .sched_period = 100 * runtime,
	};

	return call(SYS_sched_setattr, 0, &attributes, 0);
}

OPERATION(sched_setattr_other)
{
	return attributes(SCHED_NORMAL, 0, 0);
}

OPERATION(sched_setattr_fifo)
{
	return attributes(SCHED_FIFO, 1, 0);
}

OPERATION(sched_setattr_deadline)
{
	return attributes(SCHED_DEADLINE, 0, 1000000);
}

OPERATION(sched_setparam)
{
	int priority = 0;

	return call(SYS_sched_setparam, 0, &priority);
}

OPERATION(sched_getscheduler)
{
	return call(SYS_sched_getscheduler, 0);
}

OPERATION(sched_setaffinity)
{
	unsigned long all = ~0UL;

	return call(SYS_sched_setaffinity, 0, sizeof(all), &all);
}

OPERATION(sched_yield)
{
	return call(SYS_sched_yield);
}

OPERATION(ioprio_set)
{
	return call(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 7));
}

OPERATION(ioprio_set_realtime)
{
	return call(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_RT, 7));
}

OPERATION(prlimit_query)
{
	struct rlimit64 now;

	return call(SYS_prlimit64, 0, RLIMIT_MSGQUEUE, 0, &now);
}

OPERATION(prlimit_lower)
{
	const struct rlimit64 low = {1, 1};

	return call(SYS_prlimit64, 0, RLIMIT_MSGQUEUE, &low, 0);
}

OPERATION(prlimit_raise)
{
	/* The hard limit of a thing that has a finite one everywhere. */
	const struct rlimit64 unlimited = {RLIM64_INFINITY, RLIM64_INFINITY};

	return call(SYS_prlimit64, 0, RLIMIT_MSGQUEUE, &unlimited, 0);
}

OPERATION(setrlimit_lower)
{
	const struct rlimit64 low = {1, 1};

	return call(SYS_setrlimit, RLIMIT_MSGQUEUE, &low);
}

OPERATION(getrlimit)
{
	struct rlimit64 now;

	return call(SYS_getrlimit, RLIMIT_NOFILE, &now);
}

OPERATION(umask)
{
	return call(SYS_umask, 077);
}
