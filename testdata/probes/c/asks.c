/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Asking what may be done, and not doing it. */
#include <fcntl.h>
#include <unistd.h>

#include "probe.h"

#define ASKS(op, path, mode)                                                                                           \
	OPERATION(op)                                                                                                  \
	{                                                                                                              \
		return call(SYS_access, path, mode);                                                                   \
	}
#define ASKS_IN(place, directory)                                                                                      \
	ASKS(access_read_##place, directory "/file", R_OK)                                                             \
	ASKS(access_write_##place, directory "/file", W_OK)                                                            \
	ASKS(access_execute_##place, directory "/program", X_OK)
#define ASKS_OF(place, directory)                                                                                      \
	ASKS(access_list_##place, directory, R_OK)                                                                     \
	ASKS(access_create_##place, directory, W_OK | X_OK)                                                            \
	ASKS(access_search_##place, directory, X_OK)

ASKS_IN(home, "/home/probe")
ASKS_IN(root, "/root/probe")
ASKS_IN(usr, "/usr/probe")
ASKS_IN(etc, "/etc/probe")
ASKS_IN(srv, "/srv/probe")
ASKS_IN(dev_shm, "/dev/shm/probe")

ASKS_OF(slash, "/")
ASKS_OF(home, "/home")
ASKS_OF(root, "/root")
ASKS_OF(srv, "/srv")
ASKS_OF(srv_probe, "/srv/probe")
ASKS_OF(tmp, "/tmp")
ASKS_OF(dev, "/dev")

ASKS(access_write_fifo_usr, "/usr/probe/fifo", W_OK)
ASKS(access_write_device_usr, "/usr/probe/null", W_OK)
ASKS(access_write_socket_usr, "/usr/probe/socket", W_OK)

ASKS(access_read_null, "/dev/null", R_OK)
ASKS(access_write_null, "/dev/null", W_OK)
ASKS(access_exists_kmsg, "/dev/kmsg", F_OK)
ASKS(access_read_kmsg, "/dev/kmsg", R_OK)
ASKS(access_write_kmsg, "/dev/kmsg", W_OK)
ASKS(access_read_sda, "/dev/probe-sda", R_OK)
ASKS(access_write_sda, "/dev/probe-sda", W_OK)

ASKS(access_read_proc_kmsg, "/proc/kmsg", R_OK)
ASKS(access_read_proc_kallsyms, "/proc/kallsyms", R_OK)
ASKS(access_write_proc_sys_kernel, "/proc/sys/kernel/panic", W_OK)

OPERATION(access_exists)
{
	return call(SYS_access, area("access_exists"), F_OK);
}

OPERATION(access_missing)
{
	return call(SYS_access, area("access_missing"), W_OK);
}

OPERATION(access_read)
{
	return call(SYS_access, area("access_read"), R_OK);
}

OPERATION(access_write)
{
	return call(SYS_access, area("access_write"), W_OK);
}

OPERATION(access_execute)
{
	return call(SYS_access, area("access_execute"), X_OK);
}

OPERATION(access_execute_data)
{
	return call(SYS_access, area("access_execute_data"), X_OK); /* mode 0644 */
}

OPERATION(access_readwrite)
{
	return call(SYS_access, area("access_readwrite"), R_OK | W_OK);
}

OPERATION(access_directory)
{
	return call(SYS_access, area("access_directory"), R_OK | W_OK | X_OK);
}

OPERATION(faccessat)
{
	return call(SYS_faccessat, AT_FDCWD, area("faccessat"), W_OK);
}

OPERATION(faccessat2)
{
	return call(SYS_faccessat2, AT_FDCWD, area("faccessat2"), R_OK, AT_EACCESS);
}

OPERATION(faccessat2_write)
{
	return call(SYS_faccessat2, AT_FDCWD, area("faccessat2_write"), W_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW);
}

OPERATION(faccessat2_open)
{
	long fd = TRY(call(SYS_open, area("faccessat2_open"), O_RDONLY));

	return call(SYS_faccessat2, fd, "", W_OK, AT_EMPTY_PATH);
}

OPERATION(other_access_read)
{
	return call(SYS_access, area("other_access_read"), R_OK); /* mode 0600 */
}

OPERATION(other_access_write)
{
	return call(SYS_access, area("other_access_write"), W_OK); /* mode 0644 */
}
