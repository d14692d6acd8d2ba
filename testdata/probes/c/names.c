/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Making, linking, moving and removing names: what needs a directory to be writable. */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>

#include "probe.h"

/* The numbers of /dev/null: a node of it gives no access to anything. */
enum { NULL_DEVICE = 1 << 8 | 3, NO_BLOCK_DEVICE = 8 << 8 | 240 };

OPERATION(unlink)
{
	return call(SYS_unlink, area("unlink"));
}

OPERATION(unlink_missing)
{
	return call(SYS_unlink, area("unlink_missing"));
}

OPERATION(unlinkat)
{
	return call(SYS_unlinkat, AT_FDCWD, area("unlinkat"), 0);
}

OPERATION(unlinkat_directory)
{
	long dir = TRY(call(SYS_open, area("unlinkat_directory"), O_PATH | O_DIRECTORY));

	return call(SYS_unlinkat, dir, "file", 0);
}

OPERATION(unlinkat_removedir)
{
	return call(SYS_unlinkat, AT_FDCWD, area("unlinkat_removedir"), AT_REMOVEDIR);
}

OPERATION(rmdir)
{
	return call(SYS_rmdir, area("rmdir"));
}

OPERATION(rmdir_not_empty)
{
	return call(SYS_rmdir, area("rmdir_not_empty"));
}

OPERATION(mkdir)
{
	return call(SYS_mkdir, area("mkdir"), 0755);
}

OPERATION(mkdir_existing)
{
	return call(SYS_mkdir, area("mkdir_existing"), 0755);
}

OPERATION(mkdir_setgid)
{
	return call(SYS_mkdir, area("mkdir_setgid"), 02755);
}

OPERATION(mkdirat)
{
	return call(SYS_mkdirat, AT_FDCWD, area("mkdirat"), 0755);
}

OPERATION(mkdirat_setgid)
{
	return call(SYS_mkdirat, AT_FDCWD, area("mkdirat_setgid"), 02755);
}

OPERATION(mknod_fifo)
{
	return call(SYS_mknod, area("mknod_fifo"), S_IFIFO | 0644, 0);
}

OPERATION(mknod_socket)
{
	return call(SYS_mknod, area("mknod_socket"), S_IFSOCK | 0644, 0);
}

OPERATION(mknod_regular)
{
	return call(SYS_mknod, area("mknod_regular"), S_IFREG | 0644, 0);
}

OPERATION(mknod_setuid)
{
	return call(SYS_mknod, area("mknod_setuid"), S_IFREG | 04755, 0);
}

OPERATION(mknod_char)
{
	return call(SYS_mknod, area("mknod_char"), S_IFCHR | 0644, NULL_DEVICE);
}

OPERATION(mknod_block)
{
	return call(SYS_mknod, area("mknod_block"), S_IFBLK | 0600, NO_BLOCK_DEVICE);
}

OPERATION(mknodat_fifo)
{
	return call(SYS_mknodat, AT_FDCWD, area("mknodat_fifo"), S_IFIFO | 0644, 0);
}

OPERATION(mknodat_char)
{
	return call(SYS_mknodat, AT_FDCWD, area("mknodat_char"), S_IFCHR | 0644, NULL_DEVICE);
}

OPERATION(mknodat_setgid)
{
	return call(SYS_mknodat, AT_FDCWD, area("mknodat_setgid"), S_IFREG | 02755, 0);
}

OPERATION(link)
{
	return call(SYS_link, area("link"), area("link_new"));
}

OPERATION(linkat)
{
	return call(SYS_linkat, AT_FDCWD, area("linkat"), AT_FDCWD, area("linkat_new"), 0);
}

OPERATION(linkat_tmpfile)
{
	long file = TRY(call(SYS_open, area("linkat_tmpfile"), O_WRONLY | O_TMPFILE, 0600));
	char name[] = "/proc/self/fd/0";

	name[sizeof(name) - 2] += file;
	return call(SYS_linkat, AT_FDCWD, name, AT_FDCWD, area("linkat_tmpfile/new"), AT_SYMLINK_FOLLOW);
}

OPERATION(linkat_empty_path)
{
	long file = TRY(call(SYS_open, area("linkat_empty_path"), O_RDONLY));

	return call(SYS_linkat, file, "", AT_FDCWD, area("linkat_empty_path_new"), AT_EMPTY_PATH);
}

OPERATION(symlink)
{
	return call(SYS_symlink, "target", area("symlink"));
}

OPERATION(symlinkat)
{
	return call(SYS_symlinkat, "target", AT_FDCWD, area("symlinkat"));
}

OPERATION(rename)
{
	return call(SYS_rename, area("rename"), area("rename_new"));
}

OPERATION(rename_over)
{
	return call(SYS_rename, area("rename_over"), area("rename_over_existing"));
}

OPERATION(rename_directory)
{
	return call(SYS_rename, area("rename_directory"), area("rename_directory_new"));
}

OPERATION(rename_missing)
{
	return call(SYS_rename, area("rename_missing"), area("rename_missing_new"));
}

OPERATION(renameat)
{
	return call(SYS_renameat, AT_FDCWD, area("renameat"), AT_FDCWD, area("renameat_new"));
}

OPERATION(renameat_directory)
{
	long dir = TRY(call(SYS_open, area("renameat_directory"), O_PATH | O_DIRECTORY));

	return call(SYS_renameat, dir, "file", dir, "new");
}

OPERATION(renameat2)
{
	return call(SYS_renameat2, AT_FDCWD, area("renameat2"), AT_FDCWD, area("renameat2_new"), 0);
}

OPERATION(renameat2_noreplace)
{
	return call(SYS_renameat2, AT_FDCWD, area("renameat2_noreplace"), AT_FDCWD, area("renameat2_noreplace_new"),
		    RENAME_NOREPLACE);
}

OPERATION(renameat2_exchange)
{
	return call(SYS_renameat2, AT_FDCWD, area("renameat2_exchange"), AT_FDCWD, area("renameat2_exchange_other"),
		    RENAME_EXCHANGE);
}

OPERATION(renameat2_whiteout)
{
	return call(SYS_renameat2, AT_FDCWD, area("renameat2_whiteout"), AT_FDCWD, area("renameat2_whiteout_new"),
		    RENAME_WHITEOUT);
}
