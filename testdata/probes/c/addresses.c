/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Binding to internet addresses, connecting and sending to them. Peers are this
 * machine's, or 192.0.2.1, which is nobody's (RFC 5737). Connecting gives up after
 * 0.2 s: where a filter drops the packets there is no answer at all.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "probe.h"

#define PORT(number) ((number) >> 8 | ((number)&0xff) << 8)
#define IP4(a, b, c, d) ((d) << 24 | (c) << 16 | (b) << 8 | (a))

static const struct timeval patience = {0, 200000};

static struct sockaddr_in inet_at(unsigned int ip, unsigned int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = PORT(port), .sin_addr.s_addr = ip};
}

static struct sockaddr_in6 inet6_at(int last, unsigned int port)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = PORT(port)};

	address.sin6_addr.s6_addr[15] = last;
	return address;
}

static long bind_inet(long type, unsigned int ip, unsigned int port)
{
	const struct sockaddr_in address = inet_at(ip, port);
	long fd = TRY(call(SYS_socket, AF_INET, type, 0));

	return call(SYS_bind, fd, &address, sizeof(address));
}

OPERATION(bind_tcp_80)
{
	return bind_inet(SOCK_STREAM, 0, 80);
}

OPERATION(bind_tcp_8080)
{
	return bind_inet(SOCK_STREAM, 0, 8080);
}

OPERATION(bind_tcp_loopback)
{
	return bind_inet(SOCK_STREAM, IP4(127, 0, 0, 1), 8081);
}

OPERATION(bind_tcp_any_port)
{
	return bind_inet(SOCK_STREAM, 0, 0);
}

OPERATION(bind_tcp_not_ours)
{
	return bind_inet(SOCK_STREAM, IP4(192, 0, 2, 1), 8082);
}

OPERATION(bind_udp_53)
{
	return bind_inet(SOCK_DGRAM, 0, 53);
}

OPERATION(bind_udp_8080)
{
	return bind_inet(SOCK_DGRAM, 0, 8080);
}

OPERATION(bind_tcp6_80)
{
	const struct sockaddr_in6 address = inet6_at(0, 80);
	long fd = TRY(call(SYS_socket, AF_INET6, SOCK_STREAM, 0));

	return call(SYS_bind, fd, &address, sizeof(address));
}

OPERATION(bind_tcp6_8080)
{
	const struct sockaddr_in6 address = inet6_at(0, 8080);
	long fd = TRY(call(SYS_socket, AF_INET6, SOCK_STREAM, 0));

	return call(SYS_bind, fd, &address, sizeof(address));
}

OPERATION(bind_tcp6_v6only)
{
	const struct sockaddr_in6 address = inet6_at(0, 8080);
	long fd = TRY(call(SYS_socket, AF_INET6, SOCK_STREAM, 0));
	int yes = 1;

	TRY(call(SYS_setsockopt, fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes)));
	return call(SYS_bind, fd, &address, sizeof(address));
}

OPERATION(bind_packet)
{
	const struct sockaddr_ll loopback = {.sll_family = AF_PACKET, .sll_ifindex = 1};
	long fd = TRY(call(SYS_socket, AF_PACKET, SOCK_DGRAM, 0));

	return call(SYS_bind, fd, &loopback, sizeof(loopback));
}

OPERATION(bind_netlink)
{
	const struct sockaddr_nl links = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
	long fd = TRY(call(SYS_socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));

	return call(SYS_bind, fd, &links, sizeof(links));
}

OPERATION(listen_tcp)
{
	const struct sockaddr_in address = inet_at(0, 8080);
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_STREAM, 0));

	TRY(call(SYS_bind, fd, &address, sizeof(address)));
	return call(SYS_listen, fd, 1);
}

OPERATION(listen_tcp_unbound)
{
	/* The kernel chooses a port, as bind(2) to port 0 does. */
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_STREAM, 0));

	return call(SYS_listen, fd, 1);
}

static long connect_tcp(unsigned int ip, unsigned int port)
{
	const struct sockaddr_in address = inet_at(ip, port);
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_STREAM, 0));

	TRY(call(SYS_setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)));
	return call(SYS_connect, fd, &address, sizeof(address));
}

static long connect_udp(unsigned int ip)
{
	const struct sockaddr_in address = inet_at(ip, 8080);
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_DGRAM, 0));

	return call(SYS_connect, fd, &address, sizeof(address));
}

static long send_udp(unsigned int ip)
{
	const struct sockaddr_in address = inet_at(ip, 8080);
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_DGRAM, 0));

	return call(SYS_sendto, fd, "probe", 5, 0, &address, sizeof(address));
}

OPERATION(connect_tcp_refused)
{
	return connect_tcp(IP4(127, 0, 0, 1), 9);
}

OPERATION(connect_udp_loopback)
{
	return connect_udp(IP4(127, 0, 0, 1));
}

OPERATION(connect_udp_loopback_2)
{
	return connect_udp(IP4(127, 0, 0, 2));
}

OPERATION(connect_udp_outside)
{
	return connect_udp(IP4(192, 0, 2, 1));
}

OPERATION(connect_udp6_loopback)
{
	const struct sockaddr_in6 address = inet6_at(1, 8080);
	long fd = TRY(call(SYS_socket, AF_INET6, SOCK_DGRAM, 0));

	return call(SYS_connect, fd, &address, sizeof(address));
}

OPERATION(connect_unspecified)
{
	/* Takes back a connection: there is no peer in it. */
	const struct sockaddr none = {.sa_family = AF_UNSPEC};
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_DGRAM, 0));

	return call(SYS_connect, fd, &none, sizeof(none));
}

OPERATION(sendto_loopback)
{
	return send_udp(IP4(127, 0, 0, 1));
}

OPERATION(sendto_loopback_2)
{
	return send_udp(IP4(127, 0, 0, 2));
}

OPERATION(sendto_outside)
{
	return send_udp(IP4(192, 0, 2, 1));
}

OPERATION(sendto_loopback6)
{
	const struct sockaddr_in6 address = inet6_at(1, 8080);
	long fd = TRY(call(SYS_socket, AF_INET6, SOCK_DGRAM, 0));

	return call(SYS_sendto, fd, "probe", 5, 0, &address, sizeof(address));
}

OPERATION(sendto_connected)
{
	const struct sockaddr_in address = inet_at(IP4(127, 0, 0, 2), 8080);
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_DGRAM, 0));

	TRY(call(SYS_connect, fd, &address, sizeof(address)));
	return call(SYS_sendto, fd, "probe", 5, 0, 0, 0);
}

OPERATION(sendmsg_loopback)
{
	struct sockaddr_in address = inet_at(IP4(127, 0, 0, 1), 8080);
	struct iovec part = {"probe", 5};
	struct msghdr message = {
	    .msg_name = &address, .msg_namelen = sizeof(address), .msg_iov = &part, .msg_iovlen = 1};
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_DGRAM, 0));

	return call(SYS_sendmsg, fd, &message, 0);
}

OPERATION(sendmmsg_two_peers)
{
	struct sockaddr_in first = inet_at(IP4(127, 0, 0, 1), 8080), second = inet_at(IP4(127, 0, 0, 2), 8080);
	struct iovec part = {"probe", 5};
	struct mmsghdr messages[2] = {
	    {.msg_hdr = {.msg_name = &first, .msg_namelen = sizeof(first), .msg_iov = &part, .msg_iovlen = 1}},
	    {.msg_hdr = {.msg_name = &second, .msg_namelen = sizeof(second), .msg_iov = &part, .msg_iovlen = 1}},
	};
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_DGRAM, 0));

	return call(SYS_sendmmsg, fd, messages, 2, 0);
}

/* Connects to a listening socket of its own; the kernel does it without accept(2). */
static long connected(long *listening)
{
	const struct sockaddr_in address = inet_at(IP4(127, 0, 0, 1), 8083);
	long fd = TRY(call(SYS_socket, AF_INET, SOCK_STREAM, 0));
	long peer = TRY(call(SYS_socket, AF_INET, SOCK_STREAM, IPPROTO_TCP));
	int yes = 1;

	TRY(call(SYS_setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)));
	TRY(call(SYS_bind, fd, &address, sizeof(address)));
	TRY(call(SYS_listen, fd, 1));
	TRY(call(SYS_setsockopt, peer, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)));
	*listening = fd;
	return call(SYS_connect, peer, &address, sizeof(address));
}

OPERATION(connect_tcp)
{
	long fd;

	return connected(&fd);
}

OPERATION(accept)
{
	long fd;

	TRY(connected(&fd));
	return call(SYS_accept, fd, 0, 0);
}

OPERATION(accept4)
{
	long fd;

	TRY(connected(&fd));
	return call(SYS_accept4, fd, 0, 0, SOCK_CLOEXEC);
}
