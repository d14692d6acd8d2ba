/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * System calls by the other two ABIs that a 64-bit process can use: i386's by
 * `int 0x80`, x32's by bit 30. Pointers must lie below 4 GiB for the first: this
 * program does, its stack does not.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "probe.h"

/* Of arch/x86/entry/syscalls/syscall_32.tbl. */
enum {
	I386_open = 5,
	I386_unlink = 10,
	I386_chmod = 15,
	I386_getpid = 20,
	I386_stime = 25,
	I386_old_mmap = 90,
	I386_socketcall = 102,
	I386_ipc = 117,
	I386_personality = 136,
	I386_mmap2 = 192,
	I386_setuid32 = 213,
	I386_openat = 295,
	I386_unshare = 310,
	I386_socket = 359,
};

OPERATION(i386_getpid)
{
	return i386_call(I386_getpid);
}

OPERATION(i386_open)
{
	return i386_call(I386_open, area("i386_open"), O_RDONLY);
}

OPERATION(i386_openat_create)
{
	return i386_call(I386_openat, AT_FDCWD, area("i386_openat_create"), O_WRONLY | O_CREAT, 0644);
}

OPERATION(i386_unlink)
{
	return i386_call(I386_unlink, area("i386_unlink"));
}

OPERATION(i386_chmod_setuid)
{
	return i386_call(I386_chmod, area("i386_chmod_setuid"), 04755);
}

OPERATION(i386_socket)
{
	return i386_call(I386_socket, AF_INET, SOCK_STREAM, 0);
}

OPERATION(i386_socketcall)
{
	static const unsigned int arguments[3] = {AF_INET, SOCK_STREAM, 0};

	return i386_call(I386_socketcall, 1 /* SYS_SOCKET */, arguments);
}

OPERATION(i386_mmap2_writable_executable)
{
	return i386_call(I386_mmap2, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

OPERATION(i386_old_mmap)
{
	static const unsigned int arguments[6] = {0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1U, 0};

	return i386_call(I386_old_mmap, arguments);
}

OPERATION(i386_ipc)
{
	return i386_call(I386_ipc, 1 /* SEMOP */, -1, 0, 0, 0);
}

OPERATION(i386_stime)
{
	static const int epoch; /* see clocks.c; this call does not say that it was refused */

	return i386_call(I386_stime, &epoch);
}

OPERATION(i386_setuid_other)
{
	return i386_call(I386_setuid32, OTHER_ID);
}

OPERATION(i386_personality_query)
{
	return i386_call(I386_personality, -1);
}

OPERATION(i386_unshare_uts)
{
	return i386_call(I386_unshare, 0x04000000 /* CLONE_NEWUTS */);
}

OPERATION(x32_getpid)
{
	return x32_call(SYS_getpid);
}

OPERATION(x32_open)
{
	return x32_call(SYS_open, area("x32_open"), O_RDONLY);
}
