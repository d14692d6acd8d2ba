// SPDX-License-Identifier: Apache-2.0

package probes

import "golang.org/x/sys/unix"

// The kernel asks for CAP_SYS_TIME before it looks at what these calls set.
const (
	before1970 = "the time of day may not be less than the time since boot: 1970 is refused"
	noZone     = "no zone is 16 hours from UTC: it is refused"
	noTick     = "a tick of 0 is out of range: it is refused"
)

var clockOperations = []Operation{
	{Name: "clock_settime", Does: "sets the time to one that is refused", Harmless: before1970, Root: "EINVAL", User: "EPERM",
		Capability: "CAP_SYS_TIME", Expect: seen{call("clock_settime", arg(0, unix.CLOCK_REALTIME))}},
	{Name: "clock_settime_monotonic", Does: "sets a clock that cannot be set", Root: "EINVAL",
		Expect: seen{call("clock_settime", arg(0, unix.CLOCK_MONOTONIC))}},
	{Name: "settimeofday", Does: "sets the time of day to one that is refused", Harmless: before1970, Root: "EINVAL",
		User: "EPERM", Capability: "CAP_SYS_TIME", Expect: seen{call("settimeofday")}},
	{Name: "settimeofday_zone", Does: "sets the time zone to one that is refused", Harmless: noZone, Root: "EINVAL",
		User: "EPERM", Capability: "CAP_SYS_TIME", Expect: seen{call("settimeofday")}},
	{Name: "adjtimex_query", Does: "asks how the clock is adjusted", Expect: seen{call("adjtimex")}},
	{Name: "adjtimex_set", Does: "adjusts the clock by what is refused", Harmless: noTick, Root: "EINVAL", User: "EPERM",
		Capability: "CAP_SYS_TIME", Expect: seen{call("adjtimex")}},
	{Name: "clock_adjtime_query", Does: "asks how a clock is adjusted", Expect: seen{call("clock_adjtime")}},
	{Name: "clock_adjtime_set", Does: "adjusts a clock by what is refused", Harmless: noTick, Root: "EINVAL", User: "EPERM",
		Capability: "CAP_SYS_TIME", Expect: seen{call("clock_adjtime")}},
	{Name: "clock_gettime", Does: "asks for the time", Expect: seen{call("clock_gettime")}},
	{Name: "nanosleep", Does: "sleeps for no time", Expect: seen{call("nanosleep")}},
	{Name: "timer_create_realtime", Does: "makes a timer",
		Expect: seen{call("timer_create", arg(0, unix.CLOCK_REALTIME))}},
	{Name: "timer_create_boottime_alarm", Does: "makes a timer that wakes the machine", Root: "ok|EOPNOTSUPP",
		User: "EPERM|EOPNOTSUPP", Capability: "CAP_WAKE_ALARM", Harmless: "it is never set", Kernel: "with a hardware clock",
		Expect: seen{call("timer_create", arg(0, unix.CLOCK_BOOTTIME_ALARM))}},
	{Name: "timerfd_create_monotonic", Does: "makes a timer's descriptor",
		Expect: seen{call("timerfd_create", arg(0, unix.CLOCK_MONOTONIC))}},
	{Name: "timerfd_create_realtime_alarm", Does: "makes a timer's descriptor that wakes the machine", User: "EPERM",
		Capability: "CAP_WAKE_ALARM", Harmless: "it is never set",
		Expect: seen{call("timerfd_create", arg(0, unix.CLOCK_REALTIME_ALARM))}},
	{Name: "setitimer", Does: "disarms a timer", Expect: seen{call("setitimer")}},
	{Name: "times", Does: "asks for its times", Expect: seen{call("times")}},
}
