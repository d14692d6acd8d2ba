// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

const (
	readWrite        = unix.PROT_READ | unix.PROT_WRITE
	readExecute      = unix.PROT_READ | unix.PROT_EXEC
	readWriteExecute = readWrite | readExecute
	shmExec          = 0o100000 // SHM_EXEC of <linux/shm.h>
)

var memoryOperations = []Operation{
	{Name: "mmap", Does: "maps memory", Expect: seen{mapped(readWrite)}},
	{Name: "mmap_writable_executable", Does: "maps memory that is writable and executable",
		Expect: seen{mapped(readWriteExecute)}},
	{Name: "mmap_executable", Does: "maps memory that is executable", Expect: seen{mapped(readExecute)}},
	{Name: "mmap_locked", Does: "maps memory that is locked", Root: "ok|EAGAIN", Kernel: "RLIMIT_MEMLOCK", Perhaps: seen{capable("CAP_IPC_LOCK")},
		Expect: seen{mapped(readWrite)}},
	{Name: "mprotect", Does: "makes memory read-only",
		Expect: protected("mprotect", readWrite, unix.PROT_READ)},
	{Name: "mprotect_executable", Does: "makes memory executable",
		Expect: protected("mprotect", readWrite, readExecute)},
	{Name: "mprotect_writable_executable", Does: "makes memory writable and executable",
		Expect: protected("mprotect", readWrite, readWriteExecute)},
	{Name: "mprotect_executable_again", Does: "makes executable memory executable",
		Expect: protected("mprotect", readExecute, readExecute)},
	{Name: "pkey_mprotect_executable", Does: "makes memory executable with pkey_mprotect(2)",
		Expect: protected("pkey_mprotect", readWrite, readExecute)},
	{Name: "shmat", Does: "attaches shared memory", Expect: attached(0)},
	{Name: "shmat_executable", Does: "attaches shared memory that is executable", Expect: attached(shmExec)},
	{Name: "shmat_readonly_executable", Does: "attaches shared memory that is executable and read-only",
		Expect: attached(shmExec)},
	{Name: "memfd_create", Does: "makes a file in memory", Expect: seen{call("memfd_create")}},
	{Name: "memfd_secret", Does: "makes a file in memory that the kernel cannot read", Root: "ok|ENOSYS",
		Kernel: "5.14, enabled by default from 6.5 on", Expect: seen{call("memfd_secret")}},
	{Name: "mlock", Does: "locks memory", Expect: seen{ok(mapped(unix.PROT_READ)), call("mlock")}},
	{Name: "mlock2", Does: "locks memory when it is used", Expect: seen{ok(mapped(unix.PROT_READ)), call("mlock2")}},
	{Name: "mlockall", Does: "locks all its memory", Expect: seen{call("mlockall")}},
	{Name: "munlockall", Does: "unlocks all its memory", Expect: seen{call("munlockall")}},
	{Name: "mseal", Does: "seals a mapping", Root: "ok|ENOSYS", Kernel: "6.10",
		Expect: seen{ok(mapped(unix.PROT_READ)), call("mseal")}},
	{Name: "madvise", Does: "gives memory back", Expect: seen{ok(mapped(unix.PROT_READ)), call("madvise")}},
	{Name: "mremap", Does: "makes a mapping larger", Expect: seen{ok(mapped(unix.PROT_READ)), call("mremap")}},
	{Name: "brk", Does: "asks for the end of its data", Expect: seen{call("brk")}},
	{Name: "membarrier", Does: "asks for the kinds of membarrier(2)", Expect: seen{call("membarrier")}},
	{Name: "set_mempolicy", Does: "sets the default memory policy", Root: "ok|ENOSYS", Kernel: "CONFIG_NUMA",
		Expect: seen{call("set_mempolicy")}},
	{Name: "migrate_pages", Does: "moves its pages from a memory node to itself", Root: "ok|ENOSYS", Kernel: "CONFIG_NUMA",
		Perhaps: seen{capable("CAP_SYS_NICE")}, Expect: seen{call("migrate_pages")}},
	{Name: "userfaultfd", Does: "asks to handle its own page faults, the kernel's too", Capability: "CAP_SYS_PTRACE",
		User: "EPERM|ok", Expect: seen{call("userfaultfd")}},
	{Name: "userfaultfd_user_only", Does: "asks to handle its own page faults", Kernel: "5.11",
		Expect: seen{call("userfaultfd")}},
	{Name: "remap_file_pages", Does: "maps a page of a mapping elsewhere",
		Expect: seen{ok(mapped(unix.PROT_READ)), call("remap_file_pages")}},
}

func mapped(bits uint64) trace.Observation {
	return call("mmap", protection(bits))
}

func protected(name string, before, after uint64) []trace.Observation {
	return seen{ok(mapped(before)), call(name, protection(after))}
}

func attached(flags uint64) []trace.Observation {
	return seen{ok(call("shmget")), call("shmat", arg(2, flags)), ok(call("shmctl"))}
}
