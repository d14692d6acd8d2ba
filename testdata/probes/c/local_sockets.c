/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* AF_UNIX sockets: names in the file system and abstract ones. */
#include <sys/socket.h>
#include <sys/un.h>

#include "probe.h"
#include "text.h"

static struct sockaddr_un at_path(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	append(address.sun_path, path);
	return address;
}

/* An abstract name begins with a NUL and ends with the address. */
static const struct sockaddr_un abstract = {AF_UNIX, "\0probe"};
enum { ABSTRACT_SIZE = sizeof(sa_family_t) + 6 };

OPERATION(unix_bind)
{
	const struct sockaddr_un address = at_path(area("unix_bind"));
	long fd = TRY(call(SYS_socket, AF_UNIX, SOCK_STREAM, 0));

	return call(SYS_bind, fd, &address, sizeof(address));
}

OPERATION(unix_bind_existing)
{
	const struct sockaddr_un address = at_path(area("unix_bind_existing"));
	long fd = TRY(call(SYS_socket, AF_UNIX, SOCK_STREAM, 0));

	return call(SYS_bind, fd, &address, sizeof(address));
}

OPERATION(unix_bind_abstract)
{
	long fd = TRY(call(SYS_socket, AF_UNIX, SOCK_STREAM, 0));

	return call(SYS_bind, fd, &abstract, ABSTRACT_SIZE);
}

OPERATION(unix_listen)
{
	const struct sockaddr_un address = at_path(area("unix_listen"));
	long fd = TRY(call(SYS_socket, AF_UNIX, SOCK_STREAM, 0));

	TRY(call(SYS_bind, fd, &address, sizeof(address)));
	return call(SYS_listen, fd, 1);
}

OPERATION(unix_connect)
{
	const struct sockaddr_un address = at_path(area("unix_connect"));
	long fd = TRY(call(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
	long peer = TRY(call(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

	TRY(call(SYS_bind, fd, &address, sizeof(address)));
	TRY(call(SYS_listen, fd, 1));
	return call(SYS_connect, peer, &address, sizeof(address));
}

OPERATION(unix_connect_refused)
{
	/* To a socket that was bound once and that nobody listens on. */
	const struct sockaddr_un address = at_path(area("unix_connect_refused"));
	long fd = TRY(call(SYS_socket, AF_UNIX, SOCK_STREAM, 0));

	return call(SYS_connect, fd, &address, sizeof(address));
}

OPERATION(unix_connect_missing)
{
	const struct sockaddr_un address = at_path(area("unix_connect_missing"));
	long fd = TRY(call(SYS_socket, AF_UNIX, SOCK_STREAM, 0));

	return call(SYS_connect, fd, &address, sizeof(address));
}

OPERATION(unix_connect_abstract)
{
	long fd = TRY(call(SYS_socket, AF_UNIX, SOCK_STREAM, 0));

	return call(SYS_connect, fd, &abstract, ABSTRACT_SIZE);
}

OPERATION(unix_sendto)
{
	const struct sockaddr_un address = at_path(area("unix_sendto"));
	long fd = TRY(call(SYS_socket, AF_UNIX, SOCK_DGRAM, 0));

	TRY(call(SYS_bind, fd, &address, sizeof(address)));
	return call(SYS_sendto, fd, "probe", 5, 0, &address, sizeof(address));
}

OPERATION(unix_sendmsg)
{
	struct sockaddr_un address = at_path(area("unix_sendmsg"));
	struct iovec part = {"probe", 5};
	struct msghdr message = {
	    .msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = &part, .msg_iovlen = 1};
	long fd = TRY(call(SYS_socket, AF_UNIX, SOCK_DGRAM, 0));

	TRY(call(SYS_bind, fd, &address, sizeof(address)));
	return call(SYS_sendmsg, fd, &message, 0);
}
