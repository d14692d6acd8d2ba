// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// A kernel without CONFIG_IA32_EMULATION, or told ia32_emulation=off, answers int
// $0x80 with SIGSEGV; one without CONFIG_X86_X32_ABI knows no x32 calls.
const (
	perhapsNo386 = "ok|SIGSEGV"
	perhapsNoX32 = "ENOSYS|ok"
	ia32         = "CONFIG_IA32_EMULATION"
)

var foreignOperations = []Operation{
	{Name: "i386_getpid", Does: "asks for its process id as a 32-bit program", Root: perhapsNo386, Kernel: ia32, Expect: seen{i386("getpid")}},
	{Name: "i386_open", Does: "opens a file as a 32-bit program", Needs: items{regular()}, Root: perhapsNo386, Kernel: ia32,
		Expect: seen{i386("open"), file(trace.OpRead)}},
	{Name: "i386_openat_create", Does: "creates a file as a 32-bit program", Root: perhapsNo386, Kernel: ia32,
		Expect: seen{i386("openat"), file(trace.OpCreate)}},
	{Name: "i386_unlink", Does: "removes a file as a 32-bit program", Needs: items{regular()}, Root: perhapsNo386, Kernel: ia32,
		Expect: seen{i386("unlink"), file(trace.OpRemove)}},
	{Name: "i386_chmod_setuid", Does: "sets a file's set-user-id bit as a 32-bit program", Needs: items{regular()},
		Root: perhapsNo386, Kernel: ia32, Expect: seen{i386("chmod", arg(1, unix.S_ISUID)), file(trace.OpChmod)}},
	{Name: "i386_socket", Does: "makes a socket as a 32-bit program", Root: perhapsNo386, Kernel: ia32,
		Expect: seen{i386("socket", arg(0, unix.AF_INET), arg(1, unix.SOCK_STREAM), arg(2, 0))}},
	{Name: "i386_socketcall", Does: "makes a socket with socketcall(2), whose family no filter sees", Root: perhapsNo386, Kernel: ia32,
		Expect: seen{i386("socketcall", arg(0, 1))}},
	{Name: "i386_mmap2_writable_executable", Does: "maps memory writable and executable as a 32-bit program",
		Root: perhapsNo386, Kernel: ia32, Expect: seen{i386("mmap2", protection(readWriteExecute))}},
	{Name: "i386_old_mmap", Does: "maps memory with the old call", Root: perhapsNo386, Kernel: ia32, Expect: seen{i386("mmap")}},
	{Name: "i386_ipc", Does: "uses a semaphore that does not exist with ipc(2)", Root: "EINVAL|SIGSEGV",
		Expect: seen{i386("ipc", arg(0, 1))}},
	{Name: "i386_stime", Does: "sets the time to one that is refused without a word", Harmless: before1970, Root: perhapsNo386, Kernel: ia32,
		User: "EPERM|SIGSEGV", Capability: "CAP_SYS_TIME", Expect: seen{i386("stime")}},
	{Name: "i386_setuid_other", Does: "becomes another user as a 32-bit program", Root: perhapsNo386, Kernel: ia32, User: "EPERM|SIGSEGV",
		Capability: "CAP_SETUID", Expect: seen{i386("setuid32", arg(0, OtherID))}},
	{Name: "i386_personality_query", Does: "asks for its personality as a 32-bit program", Root: perhapsNo386, Kernel: ia32,
		Expect: seen{i386("personality", arg(0, 0xffffffff))}},
	{Name: "i386_unshare_uts", Does: "unshares its uts namespace as a 32-bit program", Root: perhapsNo386, Kernel: ia32,
		User: "EPERM|SIGSEGV", Capability: "CAP_SYS_ADMIN", Expect: seen{i386("unshare", arg(0, unix.CLONE_NEWUTS))}},
	{Name: "x32_getpid", Does: "asks for its process id by x32", Root: perhapsNoX32, Expect: seen{x32("getpid")}},
	{Name: "x32_open", Does: "opens a file by x32", Needs: items{regular()}, Root: perhapsNoX32,
		Expect: seen{x32("open"), file(trace.OpRead)}},
}
