// SPDX-License-Identifier: Apache-2.0

package probes

const removedAtOnce = "it is removed at once"

var basicOperations = []Operation{
	{Name: "getpid", Does: "asks for its process id", Expect: seen{call("getpid")}},
	{Name: "uname", Does: "asks for the system's name", Expect: seen{call("uname")}},
	{Name: "sysinfo", Does: "asks for the system's state", Expect: seen{call("sysinfo")}},
	{Name: "getrandom", Does: "asks for random bytes", Expect: seen{call("getrandom")}},
	{Name: "getcpu", Does: "asks which processor it runs on", Expect: seen{call("getcpu")}},
	{Name: "futex", Does: "wakes nobody", Expect: seen{call("futex")}},
	{Name: "pipe2", Does: "makes a pipe", Expect: seen{call("pipe2")}},
	{Name: "eventfd2", Does: "makes an event descriptor", Expect: seen{call("eventfd2")}},
	{Name: "epoll_wakeup", Does: "waits for an event that keeps the machine awake, if it may",
		Perhaps: seen{capable("CAP_BLOCK_SUSPEND")}, Harmless: "it does not wait",
		Expect: seen{ok(call("epoll_create1")), ok(call("eventfd2")), call("epoll_ctl")}},
	{Name: "poll", Does: "polls nothing", Expect: seen{call("poll")}},
	{Name: "bad_descriptor", Does: "reads from a descriptor that is none", Root: "EBADF", Expect: seen{call("read")}},
	{Name: "unknown_call", Does: "asks for a call that does not exist", Root: "ENOSYS", Expect: seen{call("")}},
	{Name: "io_setup", Does: "makes a context of asynchronous I/O", Root: "ok|ENOSYS", Kernel: "CONFIG_AIO",
		Expect: seen{call("io_setup")}},
	{Name: "mq_open", Does: "makes a POSIX message queue", Harmless: removedAtOnce, Root: "ok|ENOSYS",
		Kernel: "CONFIG_POSIX_MQUEUE", Perhaps: seen{capable("CAP_SYS_RESOURCE")}, Expect: seen{call("mq_open"), ok(call("mq_unlink"))}},
	{Name: "shmget", Does: "makes shared memory", Harmless: removedAtOnce,
		Expect: seen{ok(call("shmget")), call("shmctl")}},
	{Name: "semget", Does: "makes a semaphore", Harmless: removedAtOnce,
		Expect: seen{ok(call("semget")), call("semctl")}},
	{Name: "msgget", Does: "makes a message queue", Harmless: removedAtOnce,
		Expect: seen{ok(call("msgget")), call("msgctl")}},
	{Name: "msgsnd_not_allowed", Does: "sends to a message queue that nobody may write to", Harmless: removedAtOnce,
		Capability: "CAP_IPC_OWNER", User: "EACCES",
		Expect: seen{ok(call("msgget")), call("msgsnd"), ok(call("msgctl"))}},
}
