/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every way to open a file. */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include "probe.h"

OPERATION(open_read)
{
	return call(SYS_open, area("open_read"), O_RDONLY);
}

OPERATION(open_write)
{
	return call(SYS_open, area("open_write"), O_WRONLY);
}

OPERATION(open_readwrite)
{
	return call(SYS_open, area("open_readwrite"), O_RDWR);
}

OPERATION(open_create)
{
	return call(SYS_open, area("open_create"), O_WRONLY | O_CREAT, 0644);
}

OPERATION(open_create_existing)
{
	return call(SYS_open, area("open_create_existing"), O_WRONLY | O_CREAT, 0644);
}

OPERATION(open_exclusive_existing)
{
	return call(SYS_open, area("open_exclusive_existing"), O_WRONLY | O_CREAT | O_EXCL, 0644);
}

OPERATION(open_create_setgid)
{
	return call(SYS_open, area("open_create_setgid"), O_WRONLY | O_CREAT, 02755);
}

OPERATION(open_read_setuid_mode)
{
	/* Without O_CREAT the mode means nothing. */
	return call(SYS_open, area("open_read_setuid_mode"), O_RDONLY, 04755);
}

OPERATION(open_truncate)
{
	return call(SYS_open, area("open_truncate"), O_WRONLY | O_TRUNC);
}

OPERATION(open_append)
{
	return call(SYS_open, area("open_append"), O_WRONLY | O_APPEND);
}

OPERATION(open_tmpfile)
{
	return call(SYS_open, area("open_tmpfile"), O_RDWR | O_TMPFILE, 0600);
}

OPERATION(open_path)
{
	return call(SYS_open, area("open_path"), O_PATH);
}

OPERATION(open_directory)
{
	return call(SYS_open, area("open_directory"), O_RDONLY | O_DIRECTORY);
}

OPERATION(open_through_link)
{
	return call(SYS_open, area("open_through_link"), O_RDONLY);
}

OPERATION(open_nofollow)
{
	return call(SYS_open, area("open_nofollow"), O_RDONLY | O_NOFOLLOW);
}

OPERATION(open_missing)
{
	return call(SYS_open, area("open_missing"), O_RDONLY);
}

OPERATION(open_noatime)
{
	return call(SYS_open, area("open_noatime"), O_RDONLY | O_NOATIME);
}

OPERATION(open_fifo)
{
	return call(SYS_open, area("open_fifo"), O_RDONLY | O_NONBLOCK);
}

OPERATION(open_relative)
{
	TRY(call(SYS_chdir, area("open_relative")));
	return call(SYS_open, "./below/../file", O_WRONLY);
}

OPERATION(creat)
{
	return call(SYS_creat, area("creat"), 0644);
}

OPERATION(creat_setuid)
{
	return call(SYS_creat, area("creat_setuid"), 04755);
}

OPERATION(openat_read)
{
	return call(SYS_openat, AT_FDCWD, area("openat_read"), O_RDONLY);
}

OPERATION(openat_directory_read)
{
	long dir = TRY(call(SYS_open, area("openat_directory_read"), O_PATH | O_DIRECTORY));

	return call(SYS_openat, dir, "file", O_RDONLY);
}

OPERATION(openat_directory_create)
{
	long dir = TRY(call(SYS_open, area("openat_directory_create"), O_PATH | O_DIRECTORY));

	return call(SYS_openat, dir, "file", O_WRONLY | O_CREAT, 0644);
}

OPERATION(openat_write)
{
	return call(SYS_openat, AT_FDCWD, area("openat_write"), O_WRONLY);
}

OPERATION(openat_create_setuid)
{
	return call(SYS_openat, AT_FDCWD, area("openat_create_setuid"), O_WRONLY | O_CREAT, 04755);
}

OPERATION(openat_create_setgid)
{
	return call(SYS_openat, AT_FDCWD, area("openat_create_setgid"), O_WRONLY | O_CREAT, 02755);
}

static long openat2(long dir, const char *name, long flags, long mode, long resolve)
{
	struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};

	return call(SYS_openat2, dir, name, &how, sizeof(how));
}

OPERATION(openat2_read)
{
	return openat2(AT_FDCWD, area("openat2_read"), O_RDONLY, 0, 0);
}

OPERATION(openat2_create)
{
	return openat2(AT_FDCWD, area("openat2_create"), O_WRONLY | O_CREAT, 0644, 0);
}

OPERATION(openat2_create_setgid)
{
	return openat2(AT_FDCWD, area("openat2_create_setgid"), O_WRONLY | O_CREAT, 02755, 0);
}

OPERATION(openat2_beneath)
{
	long dir = TRY(call(SYS_open, area("openat2_beneath"), O_PATH | O_DIRECTORY));

	return openat2(dir, "file", O_WRONLY, 0, RESOLVE_BENEATH);
}

OPERATION(openat2_escape)
{
	long dir = TRY(call(SYS_open, area("openat2_escape"), O_PATH | O_DIRECTORY));

	return openat2(dir, "../open_read_too", O_RDONLY, 0, RESOLVE_BENEATH);
}

OPERATION(openat2_in_root)
{
	long dir = TRY(call(SYS_open, area("openat2_in_root"), O_PATH | O_DIRECTORY));

	return openat2(dir, "/file", O_RDONLY, 0, RESOLVE_IN_ROOT);
}

OPERATION(openat2_no_symlinks)
{
	return openat2(AT_FDCWD, area("openat2_no_symlinks"), O_RDONLY, 0, RESOLVE_NO_SYMLINKS);
}
