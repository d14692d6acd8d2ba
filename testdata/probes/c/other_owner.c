/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a capability decides because a file or directory is somebody else's. */
#include <fcntl.h>
#include <sys/stat.h>

#include "probe.h"

OPERATION(other_read)
{
	return call(SYS_open, area("other_read"), O_RDONLY); /* mode 0600 */
}

OPERATION(other_write)
{
	return call(SYS_open, area("other_write"), O_WRONLY); /* mode 0644 */
}

OPERATION(other_search)
{
	return call(SYS_open, area("other_search/file"), O_RDONLY); /* of a directory 0700 */
}

OPERATION(other_list)
{
	return call(SYS_open, area("other_list"), O_RDONLY | O_DIRECTORY); /* mode 0711 */
}

OPERATION(other_create)
{
	return call(SYS_open, area("other_create/new"), O_WRONLY | O_CREAT, 0644); /* mode 0755 */
}

OPERATION(other_chmod)
{
	return call(SYS_chmod, area("other_chmod"), 0640);
}

OPERATION(other_chmod_setgid)
{
	/* Cleared silently without CAP_FSETID: the group is not the caller's. */
	return call(SYS_chmod, area("other_chmod_setgid"), 02750);
}

OPERATION(other_utimes)
{
	const struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};

	return call(SYS_utimensat, AT_FDCWD, area("other_utimes"), times, 0);
}

OPERATION(other_unlink_sticky)
{
	return call(SYS_unlink, area("other_unlink_sticky/file")); /* of a directory 1777 */
}

OPERATION(other_lease)
{
	long file = TRY(call(SYS_open, area("other_lease"), O_RDONLY)); /* mode 0644 */

	return call(SYS_fcntl, file, F_SETLEASE, F_RDLCK);
}

OPERATION(other_noatime)
{
	return call(SYS_open, area("other_noatime"), O_RDONLY | O_NOATIME); /* mode 0644 */
}
