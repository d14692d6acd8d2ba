// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

const (
	ignored    = "SIGURG is ignored by who has not asked for it"
	onlyAsks   = "signal 0 only asks whether the process exists"
	unaffected = "the process does not stop, and is let go when this one ends"
	onItself   = "it ends with the process"
)

// Of <linux/personality.h>.
const (
	linux32     = 0x0008
	noRandomize = 0x0040000
)

// Outside is the process of $PROBE_OUTSIDE, which must be one of the user OtherID.
var processOperations = []Operation{
	{Name: "fork", Does: "makes a child with fork(2)", Expect: child("fork")},
	{Name: "vfork", Does: "makes a child with vfork(2)", Expect: child("vfork")},
	{Name: "clone", Does: "makes a child with clone(2)",
		Expect: seen{call("clone", arg(0, 0)), ok(call("wait4"))}},
	{Name: "clone_thread", Does: "makes a thread and waits for its end",
		Expect: seen{call("clone", arg(0, 0)), ends(call("exit"), trace.OutcomeUnfinished)}},
	{Name: "wait4", Does: "waits without having a child", Root: "ECHILD", Expect: seen{call("wait4")}},
	{Name: "setsid", Does: "makes a session", Expect: seen{call("setsid")}},
	{Name: "getpgid", Does: "asks for its process group", Expect: seen{call("getpgid")}},
	{Name: "personality_query", Does: "asks for its personality", Expect: seen{call("personality", arg(0, 0xffffffff))}},
	{Name: "personality_linux", Does: "sets the usual personality", Expect: seen{call("personality", arg(0, 0))}},
	{Name: "personality_linux32", Does: "sets the personality of a 32-bit machine", Harmless: onItself,
		Expect: seen{call("personality", arg(0, linux32))}},
	{Name: "personality_no_randomize", Does: "asks for addresses that are not random", Harmless: onItself,
		Expect: seen{call("personality", arg(0, noRandomize))}},
	{Name: "ptrace_traceme", Does: "lets its parent trace it", User: "ok|EPERM",
		Kernel: "Yama may forbid it", Expect: seen{call("ptrace", arg(0, unix.PTRACE_TRACEME))}},
	{Name: "ptrace_seize", Does: "traces its child", Expect: traced(unix.PTRACE_SEIZE)},
	{Name: "ptrace_attach", Does: "attaches to its child", Expect: traced(unix.PTRACE_ATTACH)},
	{Name: "ptrace_seize_outside", Does: "traces a process outside", Harmless: unaffected,
		Root: "ok|EPERM", User: "EPERM", Kernel: "Yama may forbid it", Capability: "CAP_SYS_PTRACE", Expect: seen{call("ptrace", arg(0, unix.PTRACE_SEIZE))}},
	{Name: "process_vm_readv", Does: "reads its own memory as another process would",
		Expect: seen{ok(call("getpid")), call("process_vm_readv")}},
	{Name: "process_vm_writev", Does: "writes its own memory as another process would",
		Expect: seen{ok(call("getpid")), call("process_vm_writev")}},
	{Name: "process_vm_readv_outside", Does: "reads the memory of a process outside",
		Harmless: "there is nothing at address 0", Root: "EFAULT", User: "EPERM", Capability: "CAP_SYS_PTRACE",
		Expect: seen{call("process_vm_readv")}},
	{Name: "kcmp", Does: "compares itself with itself", Root: "ok|ENOSYS", Kernel: "CONFIG_KCMP",
		Expect: seen{ok(call("getpid")), call("kcmp")}},
	{Name: "pidfd_open", Does: "opens itself", Expect: seen{ok(call("getpid")), call("pidfd_open")}},
	{Name: "pidfd_getfd", Does: "takes a descriptor of its own", Kernel: "5.6",
		Expect: seen{ok(call("getpid")), ok(call("pidfd_open")), call("pidfd_getfd")}},
	{Name: "pidfd_send_signal", Does: "sends itself a signal by a descriptor", Harmless: ignored,
		Expect: seen{ok(call("getpid")), ok(call("pidfd_open")), call("pidfd_send_signal")}},
	{Name: "pidfd_send_signal_outside", Does: "sends a signal outside by a descriptor", Harmless: ignored,
		User: "EPERM", Capability: "CAP_KILL",
		Expect: seen{ok(call("pidfd_open")), call("pidfd_send_signal"), signal(int(unix.SIGURG))}},
	{Name: "kill_itself", Does: "sends itself a signal", Harmless: ignored,
		Expect: seen{ok(call("getpid")), call("kill")}},
	{Name: "kill_child", Does: "kills its child",
		Expect: append(stoppedChild(), ok(call("kill")), ok(call("wait4")))},
	{Name: "kill_init_exists", Does: "asks whether process 1 exists", Harmless: onlyAsks, User: "EPERM",
		Expect: seen{call("kill"), signal(0)}},
	{Name: "kill_outside", Does: "sends a signal outside", Harmless: ignored, User: "EPERM", Capability: "CAP_KILL",
		Expect: seen{call("kill"), signal(int(unix.SIGURG))}},
	{Name: "kill_outside_exists", Does: "asks whether a process outside exists", Harmless: onlyAsks, User: "EPERM",
		Capability: "CAP_KILL", Expect: seen{call("kill"), signal(0)}},
	{Name: "tkill", Does: "sends itself a signal with tkill(2)", Harmless: ignored,
		Expect: seen{ok(call("gettid")), call("tkill")}},
	{Name: "tgkill", Does: "sends itself a signal with tgkill(2)", Harmless: ignored,
		Expect: seen{ok(call("getpid")), call("tgkill")}},
	{Name: "tgkill_outside", Does: "sends a signal outside with tgkill(2)", Harmless: ignored, User: "EPERM",
		Capability: "CAP_KILL", Expect: seen{call("tgkill"), signal(int(unix.SIGURG))}},
	{Name: "rt_sigqueueinfo", Does: "queues a signal for itself", Harmless: ignored,
		Expect: seen{ok(call("getpid")), call("rt_sigqueueinfo")}},
	{Name: "rt_sigqueueinfo_outside", Does: "queues a signal outside", Harmless: ignored, User: "EPERM",
		Capability: "CAP_KILL", Expect: seen{call("rt_sigqueueinfo"), signal(int(unix.SIGURG))}},
	{Name: "rt_sigaction", Does: "asks for a signal's handler", Expect: seen{call("rt_sigaction")}},
	{Name: "rt_sigprocmask", Does: "asks for its blocked signals", Expect: seen{call("rt_sigprocmask")}},
}

// stoppedChild is what making a child that stops itself looks like.
func stoppedChild() []trace.Observation {
	return seen{ok(call("fork")), ok(prctl(unix.PR_SET_PDEATHSIG)), ok(call("getpid")), ok(call("kill")), ok(call("wait4"))}
}

// traced is what tracing a stopped child and ending it looks like.
func traced(request uint64) []trace.Observation {
	return append(stoppedChild(), call("ptrace", arg(0, request)), ok(call("kill")), ok(call("wait4")))
}
