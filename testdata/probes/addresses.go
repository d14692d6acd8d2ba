// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

const (
	tcp = unix.SOCK_STREAM
	udp = unix.SOCK_DGRAM
)

var addressOperations = []Operation{
	{Name: "bind_tcp_80", Does: "binds to TCP port 80", Capability: "CAP_NET_BIND_SERVICE", User: "EACCES|ok",
		Expect: bound(tcp, "0.0.0.0", 80)},
	{Name: "bind_tcp_8080", Does: "binds to TCP port 8080", Expect: bound(tcp, "0.0.0.0", 8080)},
	{Name: "bind_tcp_loopback", Does: "binds to a TCP port of the loopback address", Expect: bound(tcp, "127.0.0.1", 8081)},
	{Name: "bind_tcp_any_port", Does: "binds to a TCP port that the kernel chooses",
		Expect: seen{ok(inet(tcp)), call("bind"), address(trace.Address{Op: trace.AddressBind, Family: "AF_INET",
			Type: "SOCK_STREAM", IP: "0.0.0.0", Asked0: true})}},
	{Name: "bind_tcp_not_ours", Does: "binds to an address that is not this machine's", Root: "EADDRNOTAVAIL",
		Expect: bound(tcp, "192.0.2.1", 8082)},
	{Name: "bind_udp_53", Does: "binds to UDP port 53", Capability: "CAP_NET_BIND_SERVICE", User: "EACCES|ok",
		Expect: bound(udp, "0.0.0.0", 53)},
	{Name: "bind_udp_8080", Does: "binds to UDP port 8080", Expect: bound(udp, "0.0.0.0", 8080)},
	{Name: "bind_tcp6_80", Does: "binds to port 80 of IPv6 and IPv4", Capability: "CAP_NET_BIND_SERVICE", User: "EACCES|ok",
		Expect: seen{ok(inet6(tcp)), call("bind"), bind6(80, false)}},
	{Name: "bind_tcp6_8080", Does: "binds to port 8080 of IPv6 and IPv4",
		Expect: seen{ok(inet6(tcp)), call("bind"), bind6(8080, false)}},
	{Name: "bind_tcp6_v6only", Does: "binds to port 8080 of IPv6 only",
		Expect: seen{ok(inet6(tcp)), ok(call("setsockopt")), call("bind"), bind6(8080, true)}},
	{Name: "bind_packet", Does: "binds a packet socket to the loopback device", Capability: "CAP_NET_RAW", User: "EPERM",
		Expect: seen{ok(socketCall(unix.AF_PACKET, udp, 0)), call("bind"),
			address(trace.Address{Op: trace.AddressBind, Family: "AF_PACKET", Interface: 1})}},
	{Name: "bind_netlink", Does: "binds a netlink socket to a multicast group",
		Expect: seen{ok(socketCall(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)), call("bind"),
			address(trace.Address{Op: trace.AddressBind, Family: "AF_NETLINK"})}},
	{Name: "listen_tcp", Does: "listens on TCP port 8080",
		Expect: append(succeeded(bound(tcp, "0.0.0.0", 8080)), call("listen"),
			address(trace.Address{Op: trace.AddressListen, Family: "AF_INET", Type: "SOCK_STREAM", Port: 8080}))},
	{Name: "listen_tcp_unbound", Does: "listens on a TCP port that the kernel chooses",
		Expect: seen{ok(inet(tcp)), call("listen"),
			address(trace.Address{Op: trace.AddressListen, Family: "AF_INET", Type: "SOCK_STREAM", Asked0: true})}},
	{Name: "connect_tcp_refused", Does: "connects to a TCP port that nobody listens on", Root: "ECONNREFUSED",
		Expect: seen{ok(inet(tcp)), ok(call("setsockopt")), call("connect"), peer("connect", tcp, "127.0.0.1", 9)}},
	{Name: "connect_udp_loopback", Does: "connects a UDP socket to 127.0.0.1",
		Expect: seen{ok(inet(udp)), call("connect"), peer("connect", udp, "127.0.0.1", 8080)}},
	{Name: "connect_udp_loopback_2", Does: "connects a UDP socket to 127.0.0.2",
		Expect: seen{ok(inet(udp)), call("connect"), peer("connect", udp, "127.0.0.2", 8080)}},
	{Name: "connect_udp_outside", Does: "connects a UDP socket to 192.0.2.1", Root: "ENETUNREACH|ok",
		Expect: seen{ok(inet(udp)), call("connect"), peer("connect", udp, "192.0.2.1", 8080)}},
	{Name: "connect_udp6_loopback", Does: "connects a UDP socket to ::1",
		Expect: seen{ok(inet6(udp)), call("connect"), peer6("connect", 8080)}},
	{Name: "connect_unspecified", Does: "takes back a connection", Expect: seen{ok(inet(udp)), call("connect")}},
	{Name: "sendto_loopback", Does: "sends a packet to 127.0.0.1", Expect: sent("127.0.0.1")},
	{Name: "sendto_loopback_2", Does: "sends a packet to 127.0.0.2", Expect: sent("127.0.0.2")},
	{Name: "sendto_outside", Does: "sends a packet to 192.0.2.1", Root: "ENETUNREACH|ok", Expect: sent("192.0.2.1")},
	{Name: "sendto_loopback6", Does: "sends a packet to ::1",
		Expect: seen{ok(inet6(udp)), call("sendto"), peer6("send", 8080)}},
	{Name: "sendto_connected", Does: "sends a packet to the peer of a connected socket",
		Expect: seen{ok(inet(udp)), ok(call("connect")), ok(peer("connect", udp, "127.0.0.2", 8080)), call("sendto")}},
	{Name: "sendmsg_loopback", Does: "sends a packet with sendmsg(2)",
		Expect: seen{ok(inet(udp)), call("sendmsg"), peer("send", udp, "127.0.0.1", 8080)}},
	{Name: "sendmmsg_two_peers", Does: "sends two packets to two peers with one call",
		Expect: seen{ok(inet(udp)), call("sendmmsg"),
			peer("send", udp, "127.0.0.1", 8080), peer("send", udp, "127.0.0.2", 8080)}},
	{Name: "connect_tcp", Does: "connects to a TCP port of its own", Expect: connected()},
	{Name: "accept", Does: "accepts a connection",
		Expect: append(succeeded(connected()), call("accept"), accepted())},
	{Name: "accept4", Does: "accepts a connection with accept4(2)",
		Expect: append(succeeded(connected()), call("accept4"), accepted())},
}

func inet6(kind uint64) trace.Observation {
	return socketCall(unix.AF_INET6, kind, 0)
}

func typeName(kind uint64) string {
	if kind == tcp {
		return "SOCK_STREAM"
	}
	return "SOCK_DGRAM"
}

func bound(kind uint64, ip string, port uint16) []trace.Observation {
	return seen{ok(inet(kind)), call("bind"), address(trace.Address{Op: trace.AddressBind, Family: "AF_INET",
		Type: typeName(kind), IP: ip, Port: port})}
}

func bind6(port uint16, only bool) trace.Observation {
	return address(trace.Address{Op: trace.AddressBind, Family: "AF_INET6", Type: "SOCK_STREAM", IP: "::",
		Port: port, V6Only: only})
}

func peer(op trace.AddressOp, kind uint64, ip string, port uint16) trace.Observation {
	return address(trace.Address{Op: op, Family: "AF_INET", Type: typeName(kind), IP: ip, Port: port})
}

func peer6(op trace.AddressOp, port uint16) trace.Observation {
	return address(trace.Address{Op: op, Family: "AF_INET6", Type: "SOCK_DGRAM", IP: "::1", Port: port})
}

func sent(ip string) []trace.Observation {
	return seen{ok(inet(udp)), call("sendto"), peer("send", udp, ip, 8080)}
}

// connected is what a connection to a socket of its own takes.
func connected() []trace.Observation {
	return seen{
		ok(inet(tcp)), ok(socketCall(unix.AF_INET, tcp, unix.IPPROTO_TCP)), ok(call("setsockopt")), ok(call("bind")),
		ok(address(trace.Address{Op: trace.AddressBind, Family: "AF_INET", Type: "SOCK_STREAM", IP: "127.0.0.1", Port: 8083})),
		ok(call("listen")),
		ok(address(trace.Address{Op: trace.AddressListen, Family: "AF_INET", Type: "SOCK_STREAM", Port: 8083})),
		ok(call("setsockopt")), call("connect"), peer("connect", tcp, "127.0.0.1", 8083),
	}
}

// accepted is a connection from a port that the kernel chose.
func accepted() trace.Observation {
	return address(trace.Address{Op: trace.AddressAccept, Family: "AF_INET", Type: "SOCK_STREAM", IP: "127.0.0.1"})
}

// succeeded is what must have succeeded for an operation to go on.
func succeeded(observations []trace.Observation) []trace.Observation {
	observations = slices.Clone(observations)
	for i := range observations {
		if observations[i].Outcome == "" {
			observations[i].Outcome = trace.OutcomeOK
		}
	}
	return observations
}
