/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Executing programs and mapping files for it. The programs are copies of this one. */
#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/mman.h>

#include "probe.h"

static long execute(const char *path, const char *option)
{
	const char *const arguments[] = {"probe", option, 0};

	return call(SYS_execve, path, arguments, 0);
}

OPERATION(execve)
{
	return execute(area("execve"), "--true");
}

OPERATION(execve_script)
{
	return execute(area("execve_script"), "");
}

OPERATION(execve_not_executable)
{
	return execute(area("execve_not_executable"), "--true");
}

OPERATION(execve_missing)
{
	return execute(area("execve_missing"), "--true");
}

OPERATION(execve_setuid)
{
	return execute(area("execve_setuid"), "--is-setuid");
}

OPERATION(execve_setgid)
{
	return execute(area("execve_setgid"), "--is-setgid");
}

OPERATION(execve_setuid_root)
{
	return execute("/usr/libexec/probe-setuid", "--true");
}

OPERATION(execve_file_capability)
{
	/* Fails when the capability is not in the bounding set. */
	return execute(area("execve_file_capability"), "--true");
}

OPERATION(execve_file_capability_permitted)
{
	return execute(area("execve_file_capability_permitted"), "--true");
}

OPERATION(execve_file_capability_used)
{
	return execute(area("execve_file_capability_used"), "--has-net-raw");
}

OPERATION(execveat)
{
	const char *const arguments[] = {"probe", "--true", 0};

	return call(SYS_execveat, AT_FDCWD, area("execveat"), arguments, 0, 0);
}

OPERATION(execveat_descriptor)
{
	const char *const arguments[] = {"probe", "--true", 0};
	long file = TRY(call(SYS_open, area("execveat_descriptor"), O_PATH | O_CLOEXEC));

	return call(SYS_execveat, file, "", arguments, 0, AT_EMPTY_PATH);
}

OPERATION(execveat_memfd)
{
	const char *const arguments[] = {"probe", "--true", 0};
	long from = TRY(call(SYS_open, area("execveat_memfd"), O_RDONLY));
	long to = TRY(call(SYS_memfd_create, "probe", MFD_CLOEXEC));

	TRY(call(SYS_sendfile, to, from, 0, 1 << 20));
	return call(SYS_execveat, to, "", arguments, 0, AT_EMPTY_PATH);
}

OPERATION(mmap_exec_file)
{
	long file = TRY(call(SYS_open, area("mmap_exec_file"), O_RDONLY));

	return call(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
}

OPERATION(mmap_exec_home)
{
	long file = TRY(call(SYS_open, "/home/probe/program", O_RDONLY));

	return call(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
}

OPERATION(mmap_exec_tmp)
{
	long file = TRY(call(SYS_open, "/tmp/probe/program", O_RDONLY));

	return call(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
}

OPERATION(mprotect_exec_file)
{
	long file = TRY(call(SYS_open, area("mprotect_exec_file"), O_RDONLY));
	long bytes = TRY(call(SYS_mmap, 0, 4096, PROT_READ, MAP_PRIVATE, file, 0));

	return call(SYS_mprotect, bytes, 4096, PROT_READ | PROT_EXEC);
}

OPERATION(uselib)
{
	return call(SYS_uselib, area("uselib"));
}
