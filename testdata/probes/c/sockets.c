/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Making sockets of every family, and setting options that need a capability. */
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "probe.h"

#define MAKES(op, family, type, protocol)                                                                              \
	OPERATION(socket_##op)                                                                                         \
	{                                                                                                              \
		return call(SYS_socket, family, type, protocol);                                                       \
	}

MAKES(unix_stream, AF_UNIX, SOCK_STREAM, 0)
MAKES(unix_dgram, AF_UNIX, SOCK_DGRAM, 0)
MAKES(unix_seqpacket, AF_UNIX, SOCK_SEQPACKET, 0)
MAKES(inet_stream, AF_INET, SOCK_STREAM, 0)
MAKES(inet_dgram, AF_INET, SOCK_DGRAM, 0)
MAKES(inet_stream_flags, AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP)
MAKES(inet_raw, AF_INET, SOCK_RAW, IPPROTO_ICMP)
MAKES(inet_ping, AF_INET, SOCK_DGRAM, IPPROTO_ICMP)
MAKES(inet6_stream, AF_INET6, SOCK_STREAM, 0)
MAKES(inet6_dgram, AF_INET6, SOCK_DGRAM, 0)
MAKES(inet6_raw, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)
MAKES(netlink_route, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)
MAKES(netlink_uevent, AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT)
MAKES(netlink_generic, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC)
MAKES(netlink_audit, AF_NETLINK, SOCK_RAW, NETLINK_AUDIT)
MAKES(packet_raw, AF_PACKET, SOCK_RAW, 0)
MAKES(packet_dgram, AF_PACKET, SOCK_DGRAM, 0)
MAKES(vsock, AF_VSOCK, SOCK_STREAM, 0)
MAKES(alg, AF_ALG, SOCK_SEQPACKET, 0)
MAKES(bluetooth, AF_BLUETOOTH, SOCK_RAW, 1)
MAKES(key, AF_KEY, SOCK_RAW, 2)
MAKES(can, AF_CAN, SOCK_RAW, 1)
MAKES(xdp, AF_XDP, SOCK_RAW, 0)
MAKES(tipc, AF_TIPC, SOCK_DGRAM, 0)
MAKES(rds, AF_RDS, SOCK_SEQPACKET, 0)
MAKES(smc, AF_SMC, SOCK_STREAM, 0)
MAKES(qipcrtr, AF_QIPCRTR, SOCK_DGRAM, 0)
MAKES(appletalk, AF_APPLETALK, SOCK_DGRAM, 0)
MAKES(x25, AF_X25, SOCK_SEQPACKET, 0)
MAKES(ax25, AF_AX25, SOCK_DGRAM, 0)
MAKES(unspecified, AF_UNSPEC, SOCK_STREAM, 0)
MAKES(unknown_family, 200, SOCK_STREAM, 0)

OPERATION(socketpair)
{
	int ends[2];

	return call(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, ends);
}

OPERATION(socketpair_inet)
{
	int ends[2];

	return call(SYS_socketpair, AF_INET, SOCK_STREAM, 0, ends);
}

static long set_option(long level, long option, const void *value, long size)
{
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_DGRAM, 0));

	return call(SYS_setsockopt, fd, level, option, value, size);
}

static const int one = 1, seven = 7;

OPERATION(setsockopt_reuseaddr)
{
	return set_option(SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
}

OPERATION(setsockopt_mark)
{
	return set_option(SOL_SOCKET, SO_MARK, &one, sizeof(one));
}

OPERATION(setsockopt_bindtodevice)
{
	return set_option(SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
}

OPERATION(setsockopt_sndbufforce)
{
	return set_option(SOL_SOCKET, SO_SNDBUFFORCE, &one, sizeof(one));
}

OPERATION(setsockopt_priority)
{
	/* Priorities above 6 need CAP_NET_ADMIN or CAP_NET_RAW. */
	return set_option(SOL_SOCKET, SO_PRIORITY, &seven, sizeof(seven));
}

OPERATION(setsockopt_transparent)
{
	return set_option(IPPROTO_IP, IP_TRANSPARENT, &one, sizeof(one));
}

OPERATION(getsockopt)
{
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_STREAM, 0));
	int value, size = sizeof(value);

	return call(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &value, &size);
}
