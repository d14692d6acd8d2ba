/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looking at files without opening them for reading, and going to directories. */
#include <fcntl.h>
#include <linux/fanotify.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "probe.h"

OPERATION(stat)
{
	struct stat st;

	return call(SYS_stat, area("stat"), &st);
}

OPERATION(lstat)
{
	struct stat st;

	return call(SYS_lstat, area("lstat"), &st);
}

OPERATION(fstat)
{
	long file = TRY(call(SYS_open, area("fstat"), O_RDONLY));
	struct stat st;

	return call(SYS_fstat, file, &st);
}

OPERATION(newfstatat)
{
	struct stat st;

	return call(SYS_newfstatat, AT_FDCWD, area("newfstatat"), &st, 0);
}

OPERATION(stat_missing)
{
	struct stat st;

	return call(SYS_stat, area("stat_missing"), &st);
}

OPERATION(statx)
{
	struct statx st;

	return call(SYS_statx, AT_FDCWD, area("statx"), 0, STATX_BASIC_STATS, &st);
}

OPERATION(readlink)
{
	char target[64];

	return call(SYS_readlink, area("readlink"), target, sizeof(target));
}

OPERATION(readlinkat)
{
	char target[64];

	return call(SYS_readlinkat, AT_FDCWD, area("readlinkat"), target, sizeof(target));
}

OPERATION(statfs)
{
	struct statfs st;

	return call(SYS_statfs, area("statfs"), &st);
}

OPERATION(fstatfs)
{
	long file = TRY(call(SYS_open, area("fstatfs"), O_RDONLY));
	struct statfs st;

	return call(SYS_fstatfs, file, &st);
}

OPERATION(getdents)
{
	long dir = TRY(call(SYS_open, area("getdents"), O_RDONLY | O_DIRECTORY));
	char entries[1024];

	return call(SYS_getdents, dir, entries, sizeof(entries));
}

OPERATION(getdents64)
{
	long dir = TRY(call(SYS_open, area("getdents64"), O_RDONLY | O_DIRECTORY));
	char entries[1024];

	return call(SYS_getdents64, dir, entries, sizeof(entries));
}

OPERATION(getcwd)
{
	char path[4096];

	return call(SYS_getcwd, path, sizeof(path));
}

OPERATION(chdir)
{
	return call(SYS_chdir, area("chdir"));
}

OPERATION(chdir_relative)
{
	TRY(call(SYS_chdir, area("chdir_relative")));
	return call(SYS_chdir, "below");
}

OPERATION(fchdir)
{
	long dir = TRY(call(SYS_open, area("fchdir"), O_RDONLY | O_DIRECTORY));

	return call(SYS_fchdir, dir);
}

OPERATION(chroot)
{
	return call(SYS_chroot, area("chroot"));
}

OPERATION(chroot_open)
{
	TRY(call(SYS_chroot, area("chroot_open")));
	return call(SYS_open, "/file", O_RDONLY);
}

OPERATION(inotify_watch)
{
	long queue = TRY(call(SYS_inotify_init1, 0));

	return call(SYS_inotify_add_watch, queue, area("inotify_watch"), IN_CLOSE_WRITE);
}

OPERATION(fanotify_watch)
{
	long queue = TRY(call(SYS_fanotify_init, FAN_CLASS_NOTIF, O_RDONLY));

	return call(SYS_fanotify_mark, queue, FAN_MARK_ADD, FAN_CLOSE_WRITE, AT_FDCWD, area("fanotify_watch"));
}

OPERATION(fanotify_watch_by_id)
{
	/* The kind that needs no capability, from Linux 5.13 on. */
	long queue = TRY(call(SYS_fanotify_init, FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY));

	return call(SYS_fanotify_mark, queue, FAN_MARK_ADD, FAN_CLOSE_WRITE, AT_FDCWD, area("fanotify_watch_by_id"));
}

struct handle {
	struct file_handle head;
	unsigned char bytes[MAX_HANDLE_SZ];
};

OPERATION(name_to_handle)
{
	struct handle handle = {.head.handle_bytes = MAX_HANDLE_SZ};
	int mount;

	return call(SYS_name_to_handle_at, AT_FDCWD, area("name_to_handle"), &handle, &mount, 0);
}

OPERATION(open_by_handle)
{
	struct handle handle = {.head.handle_bytes = MAX_HANDLE_SZ};
	long dir = TRY(call(SYS_open, area("open_by_handle"), O_RDONLY | O_DIRECTORY));
	int mount;

	TRY(call(SYS_name_to_handle_at, dir, "file", &handle, &mount, 0));
	return call(SYS_open_by_handle_at, dir, &handle, O_RDONLY);
}
