/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Clocks and timers. Nothing ever sets a clock: each call that could has a value that
 * the kernel refuses *after* it has asked for CAP_SYS_TIME. 1970 is refused because
 * the time of day must not be less than the time since boot (Linux 4.3); a zone must
 * be within 15 hours of UTC; a tick of 0 is out of range.
 */
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>

#include "probe.h"

static const struct timespec epoch;

OPERATION(clock_settime)
{
	return call(SYS_clock_settime, CLOCK_REALTIME, &epoch);
}

OPERATION(clock_settime_monotonic)
{
	return call(SYS_clock_settime, CLOCK_MONOTONIC, &epoch);
}

OPERATION(settimeofday)
{
	const struct timeval epoch_us = {0, 0};

	return call(SYS_settimeofday, &epoch_us, 0);
}

OPERATION(settimeofday_zone)
{
	const struct timezone nowhere = {16 * 60, 0};

	return call(SYS_settimeofday, 0, &nowhere);
}

OPERATION(adjtimex_query)
{
	struct timex query = {.modes = 0};

	return call(SYS_adjtimex, &query);
}

OPERATION(adjtimex_set)
{
	struct timex tick = {.modes = ADJ_TICK, .tick = 0};

	return call(SYS_adjtimex, &tick);
}

OPERATION(clock_adjtime_query)
{
	struct timex query = {.modes = 0};

	return call(SYS_clock_adjtime, CLOCK_REALTIME, &query);
}

OPERATION(clock_adjtime_set)
{
	struct timex tick = {.modes = ADJ_TICK, .tick = 0};

	return call(SYS_clock_adjtime, CLOCK_REALTIME, &tick);
}

OPERATION(clock_gettime)
{
	struct timespec now;

	return call(SYS_clock_gettime, CLOCK_REALTIME, &now);
}

OPERATION(nanosleep)
{
	return call(SYS_nanosleep, &epoch, 0);
}

OPERATION(timer_create_realtime)
{
	int timer;

	return call(SYS_timer_create, CLOCK_REALTIME, 0, &timer);
}

OPERATION(timer_create_boottime_alarm)
{
	int timer;

	return call(SYS_timer_create, CLOCK_BOOTTIME_ALARM, 0, &timer);
}

OPERATION(timerfd_create_monotonic)
{
	return call(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
}

OPERATION(timerfd_create_realtime_alarm)
{
	return call(SYS_timerfd_create, CLOCK_REALTIME_ALARM, 0);
}

OPERATION(setitimer)
{
	const struct itimerval never = {{0, 0}, {0, 0}};

	return call(SYS_setitimer, ITIMER_REAL, &never, 0);
}

OPERATION(times)
{
	long ticks[4];

	return call(SYS_times, ticks);
}
