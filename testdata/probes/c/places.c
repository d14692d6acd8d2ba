/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reading, writing, creating and executing in the directories that directives rule. */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "probe.h"

static const char *const execute_true[] = {"probe", "--true", 0};

#define PLACE(place, directory)                                                                                        \
	OPERATION(read_##place)                                                                                        \
	{                                                                                                              \
		return call(SYS_open, directory "/file", O_RDONLY);                                                    \
	}                                                                                                              \
	OPERATION(write_##place)                                                                                       \
	{                                                                                                              \
		return call(SYS_open, directory "/file", O_WRONLY);                                                    \
	}                                                                                                              \
	OPERATION(create_##place)                                                                                      \
	{                                                                                                              \
		const char *name = self.uid ? directory "/new-user" : directory "/new-root";                           \
                                                                                                                       \
		return call(SYS_open, name, O_WRONLY | O_CREAT, 0644);                                                 \
	}                                                                                                              \
	OPERATION(execute_##place)                                                                                     \
	{                                                                                                              \
		return call(SYS_execve, directory "/program", execute_true, 0);                                        \
	}

PLACE(home, "/home/probe")
PLACE(root, "/root/probe")
PLACE(run_user, "/run/user/1000/probe")
PLACE(usr, "/usr/probe")
PLACE(boot, "/boot/probe")
PLACE(etc, "/etc/probe")
PLACE(var, "/var/probe")
PLACE(srv, "/srv/probe")
PLACE(opt, "/opt/probe")
PLACE(tmp, "/tmp/probe")
PLACE(var_tmp, "/var/tmp/probe")
PLACE(run, "/run/probe")
PLACE(dev_shm, "/dev/shm/probe")

#define LISTED(place, directory)                                                                                       \
	OPERATION(list_##place)                                                                                        \
	{                                                                                                              \
		return call(SYS_open, directory, O_RDONLY | O_DIRECTORY);                                              \
	}

LISTED(slash, "/")
LISTED(home, "/home")
LISTED(root, "/root")
LISTED(run_user, "/run/user")
LISTED(usr, "/usr")
LISTED(boot, "/boot")
LISTED(etc, "/etc")
LISTED(var, "/var")
LISTED(tmp, "/tmp")
LISTED(dev, "/dev")
LISTED(dev_shm, "/dev/shm")
LISTED(proc, "/proc")
LISTED(sys, "/sys")
LISTED(lib_modules, "/usr/lib/modules")

/* What has a name in a file system but writes to none. */

OPERATION(write_fifo_usr)
{
	return call(SYS_open, "/usr/probe/fifo", O_RDWR);
}

OPERATION(write_device_usr)
{
	return call(SYS_open, "/usr/probe/null", O_WRONLY);
}

OPERATION(connect_socket_usr)
{
	const struct sockaddr_un address = {AF_UNIX, "/usr/probe/socket"};
	long fd = TRY(call(SYS_socket, AF_UNIX, SOCK_DGRAM, 0));

	return call(SYS_connect, fd, &address, sizeof(address));
}

OPERATION(read_lib_modules)
{
	return call(SYS_open, "/usr/lib/modules/probe/file", O_RDONLY);
}
