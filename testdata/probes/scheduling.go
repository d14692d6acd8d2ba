// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

const resetOnFork = 0x40000000 // SCHED_RESET_ON_FORK

var schedulingOperations = []Operation{
	{Name: "setpriority_lower", Does: "lowers its priority", Expect: seen{call("setpriority")}},
	{Name: "setpriority_raise", Does: "raises its priority", Harmless: onItself, User: "EACCES",
		Capability: "CAP_SYS_NICE", Expect: seen{call("setpriority")}},
	{Name: "getpriority", Does: "asks for its priority", Expect: seen{call("getpriority")}},
	{Name: "sched_setscheduler_other", Does: "asks for the usual scheduling", Expect: scheduled(unix.SCHED_NORMAL)},
	{Name: "sched_setscheduler_other_reset", Does: "asks for the usual scheduling, of its children too",
		Expect: scheduled(unix.SCHED_NORMAL | resetOnFork)},
	{Name: "sched_setscheduler_batch", Does: "asks for batch scheduling", Expect: scheduled(unix.SCHED_BATCH)},
	{Name: "sched_setscheduler_idle", Does: "asks for idle scheduling", Expect: scheduled(unix.SCHED_IDLE)},
	{Name: "sched_setscheduler_fifo", Does: "asks for FIFO scheduling", Harmless: onItself, User: "EPERM",
		Capability: "CAP_SYS_NICE", Expect: scheduled(unix.SCHED_FIFO)},
	{Name: "sched_setscheduler_rr", Does: "asks for round-robin scheduling", Harmless: onItself, User: "EPERM",
		Capability: "CAP_SYS_NICE", Expect: scheduled(unix.SCHED_RR)},
	{Name: "sched_setattr_other", Does: "asks for the usual scheduling with sched_setattr(2)",
		Expect: seen{call("sched_setattr", fact("policy", unix.SCHED_NORMAL))}},
	{Name: "sched_setattr_fifo", Does: "asks for FIFO scheduling with sched_setattr(2)", Harmless: onItself,
		User: "EPERM", Capability: "CAP_SYS_NICE", Expect: seen{call("sched_setattr", fact("policy", unix.SCHED_FIFO))}},
	{Name: "sched_setattr_deadline", Does: "asks for deadline scheduling", Harmless: onItself, Root: "ok|EBUSY|EPERM",
		Kernel: "with time left, and for a process that may use every processor",
		User:   "EPERM", Capability: "CAP_SYS_NICE", Expect: seen{call("sched_setattr", fact("policy", unix.SCHED_DEADLINE))}},
	{Name: "sched_setparam", Does: "sets the priority of the usual scheduling", Expect: seen{call("sched_setparam")}},
	{Name: "sched_getscheduler", Does: "asks for its scheduling", Expect: seen{call("sched_getscheduler")}},
	{Name: "sched_setaffinity", Does: "asks to run on every processor", Expect: seen{call("sched_setaffinity")}},
	{Name: "sched_yield", Does: "lets others run", Expect: seen{call("sched_yield")}},
	{Name: "ioprio_set", Does: "lowers its I/O priority", Expect: seen{call("ioprio_set")}},
	{Name: "ioprio_set_realtime", Does: "asks for real-time I/O", Harmless: onItself, User: "EPERM",
		Capability: "CAP_SYS_ADMIN", Expect: seen{call("ioprio_set")}},
	{Name: "prlimit_query", Does: "asks for a limit", Expect: seen{call("prlimit64")}},
	{Name: "prlimit_lower", Does: "lowers a limit", Expect: seen{call("prlimit64")}},
	{Name: "prlimit_raise", Does: "raises a hard limit", Harmless: onItself, User: "EPERM",
		Root: "ok|EPERM", Kernel: "some containers have no CAP_SYS_RESOURCE", Capability: "CAP_SYS_RESOURCE", Expect: seen{call("prlimit64")}},
	{Name: "setrlimit_lower", Does: "lowers a limit with setrlimit(2)", Expect: seen{call("setrlimit")}},
	{Name: "getrlimit", Does: "asks for a limit with getrlimit(2)", Expect: seen{call("getrlimit")}},
	{Name: "umask", Does: "sets its umask", Expect: seen{call("umask", arg(0, 0o77))}},
}

func scheduled(policy uint64) []trace.Observation {
	return seen{call("sched_setscheduler", arg(1, policy))}
}
