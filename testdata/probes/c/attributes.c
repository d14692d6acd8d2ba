/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Changing what belongs to a file: its mode, owner, times, attributes and length. */
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/time.h>
#include <time.h>
#include <utime.h>

#include "probe.h"

static const struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
static const struct timeval times_us[2] = {{1000000000, 0}, {1000000000, 0}};

OPERATION(chmod)
{
	return call(SYS_chmod, area("chmod"), 0600);
}

OPERATION(chmod_setuid)
{
	return call(SYS_chmod, area("chmod_setuid"), 04755);
}

OPERATION(chmod_setgid)
{
	return call(SYS_chmod, area("chmod_setgid"), 02755);
}

OPERATION(chmod_sticky)
{
	return call(SYS_chmod, area("chmod_sticky"), 01755);
}

OPERATION(chmod_directory)
{
	return call(SYS_chmod, area("chmod_directory"), 0700);
}

OPERATION(fchmod)
{
	long file = TRY(call(SYS_open, area("fchmod"), O_RDONLY));

	return call(SYS_fchmod, file, 0600);
}

OPERATION(fchmod_setgid)
{
	long file = TRY(call(SYS_open, area("fchmod_setgid"), O_RDONLY));

	return call(SYS_fchmod, file, 02755);
}

OPERATION(fchmodat)
{
	return call(SYS_fchmodat, AT_FDCWD, area("fchmodat"), 0600);
}

OPERATION(fchmodat_setuid)
{
	return call(SYS_fchmodat, AT_FDCWD, area("fchmodat_setuid"), 04755);
}

OPERATION(fchmodat2)
{
	return call(NR_fchmodat2, AT_FDCWD, area("fchmodat2"), 0600, AT_SYMLINK_NOFOLLOW);
}

OPERATION(fchmodat2_setgid)
{
	return call(NR_fchmodat2, AT_FDCWD, area("fchmodat2_setgid"), 02755, AT_SYMLINK_NOFOLLOW);
}

OPERATION(chown)
{
	return call(SYS_chown, area("chown"), self.uid, self.gid);
}

OPERATION(chown_other)
{
	return call(SYS_chown, area("chown_other"), OTHER_ID, OTHER_ID);
}

OPERATION(lchown)
{
	return call(SYS_lchown, area("lchown"), self.uid, self.gid);
}

OPERATION(fchown)
{
	long file = TRY(call(SYS_open, area("fchown"), O_RDONLY));

	return call(SYS_fchown, file, self.uid, self.gid);
}

OPERATION(fchownat)
{
	return call(SYS_fchownat, AT_FDCWD, area("fchownat"), self.uid, self.gid, 0);
}

OPERATION(fchownat_empty_path)
{
	long file = TRY(call(SYS_open, area("fchownat_empty_path"), O_PATH));

	return call(SYS_fchownat, file, "", self.uid, self.gid, AT_EMPTY_PATH);
}

OPERATION(utime)
{
	const struct utimbuf both = {1000000000, 1000000000};

	return call(SYS_utime, area("utime"), &both);
}

OPERATION(utimes)
{
	return call(SYS_utimes, area("utimes"), times_us);
}

OPERATION(futimesat)
{
	return call(SYS_futimesat, AT_FDCWD, area("futimesat"), times_us);
}

OPERATION(utimensat)
{
	return call(SYS_utimensat, AT_FDCWD, area("utimensat"), times, 0);
}

OPERATION(utimensat_now)
{
	return call(SYS_utimensat, AT_FDCWD, area("utimensat_now"), 0, 0);
}

OPERATION(utimensat_descriptor)
{
	/* What futimens(3) does. */
	long file = TRY(call(SYS_open, area("utimensat_descriptor"), O_RDONLY));

	return call(SYS_utimensat, file, 0, times, 0);
}

OPERATION(setxattr)
{
	return call(SYS_setxattr, area("setxattr"), "user.probe", "1", 1, 0);
}

OPERATION(setxattr_trusted)
{
	return call(SYS_setxattr, area("setxattr_trusted"), "trusted.probe", "1", 1, 0);
}

OPERATION(setxattr_capability)
{
	/* Version 2, no effective bit, no capability at all. */
	static const unsigned int no_capabilities[5] = {0x02000000};

	return call(SYS_setxattr, area("setxattr_capability"), "security.capability", no_capabilities,
		    sizeof(no_capabilities), 0);
}

OPERATION(lsetxattr)
{
	return call(SYS_lsetxattr, area("lsetxattr"), "user.probe", "1", 1, 0);
}

OPERATION(fsetxattr)
{
	long file = TRY(call(SYS_open, area("fsetxattr"), O_RDONLY));

	return call(SYS_fsetxattr, file, "user.probe", "1", 1, 0);
}

OPERATION(removexattr)
{
	return call(SYS_removexattr, area("removexattr"), "user.prepared");
}

OPERATION(setxattrat)
{
	const struct {
		unsigned long long value;
		unsigned int size, flags;
	} arguments = {(unsigned long)"1", 1, 0};

	return call(NR_setxattrat, AT_FDCWD, area("setxattrat"), 0, "user.probe", &arguments, sizeof(arguments));
}

OPERATION(getxattr)
{
	char value[8];

	return call(SYS_getxattr, area("getxattr"), "user.prepared", value, sizeof(value));
}

OPERATION(listxattr)
{
	char names[256];

	return call(SYS_listxattr, area("listxattr"), names, sizeof(names));
}

OPERATION(truncate)
{
	return call(SYS_truncate, area("truncate"), 1);
}

OPERATION(ftruncate)
{
	long file = TRY(call(SYS_open, area("ftruncate"), O_WRONLY));

	return call(SYS_ftruncate, file, 1);
}

OPERATION(fallocate)
{
	long file = TRY(call(SYS_open, area("fallocate"), O_WRONLY));

	return call(SYS_fallocate, file, FALLOC_FL_KEEP_SIZE, 0, 4096);
}

OPERATION(getflags)
{
	long file = TRY(call(SYS_open, area("getflags"), O_RDONLY));
	int flags;

	return call(SYS_ioctl, file, FS_IOC_GETFLAGS, &flags);
}

OPERATION(setflags)
{
	long file = TRY(call(SYS_open, area("setflags"), O_RDONLY));
	int flags;

	TRY(call(SYS_ioctl, file, FS_IOC_GETFLAGS, &flags)); /* some cannot be cleared */
	return call(SYS_ioctl, file, FS_IOC_SETFLAGS, &flags);
}

OPERATION(setflags_append)
{
	long file = TRY(call(SYS_open, area("setflags_append"), O_RDONLY));
	int before, flags;

	TRY(call(SYS_ioctl, file, FS_IOC_GETFLAGS, &before));
	flags = before | FS_APPEND_FL;
	TRY(call(SYS_ioctl, file, FS_IOC_SETFLAGS, &flags));
	return call(SYS_ioctl, file, FS_IOC_SETFLAGS, &before); /* or nobody could remove it */
}
