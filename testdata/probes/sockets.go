// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// made is a kind of socket, and the outcomes of asking for one.
type made struct {
	name                   string
	family, kind, protocol uint64
	root, user             string
	capability             string
	perhaps                []trace.Observation
}

// Before Linux 5.17 only CAP_NET_ADMIN counts for marks and priorities.
const rawOrAdmin = "CAP_NET_RAW|CAP_NET_ADMIN"

// EAFNOSUPPORT is what a kernel says that is built without the family, and what
// RestrictAddressFamilies= says.
const perhapsNoFamily = "ok|EAFNOSUPPORT"

var kindsOfSockets = []made{
	{name: "unix_stream", family: unix.AF_UNIX, kind: unix.SOCK_STREAM},
	{name: "unix_dgram", family: unix.AF_UNIX, kind: unix.SOCK_DGRAM},
	{name: "unix_seqpacket", family: unix.AF_UNIX, kind: unix.SOCK_SEQPACKET},
	{name: "inet_stream", family: unix.AF_INET, kind: unix.SOCK_STREAM},
	{name: "inet_dgram", family: unix.AF_INET, kind: unix.SOCK_DGRAM},
	{name: "inet_stream_flags", family: unix.AF_INET, kind: unix.SOCK_STREAM, protocol: unix.IPPROTO_TCP},
	{name: "inet_raw", family: unix.AF_INET, kind: unix.SOCK_RAW, protocol: unix.IPPROTO_ICMP, user: "EPERM", capability: "CAP_NET_RAW"},
	{name: "inet_ping", family: unix.AF_INET, kind: unix.SOCK_DGRAM, protocol: unix.IPPROTO_ICMP, root: "EACCES|ok", user: "EACCES|ok"},
	{name: "inet6_stream", family: unix.AF_INET6, kind: unix.SOCK_STREAM},
	{name: "inet6_dgram", family: unix.AF_INET6, kind: unix.SOCK_DGRAM},
	{name: "inet6_raw", family: unix.AF_INET6, kind: unix.SOCK_RAW, protocol: unix.IPPROTO_ICMPV6, user: "EPERM", capability: "CAP_NET_RAW"},
	{name: "netlink_route", family: unix.AF_NETLINK, kind: unix.SOCK_RAW, protocol: unix.NETLINK_ROUTE},
	{name: "netlink_uevent", family: unix.AF_NETLINK, kind: unix.SOCK_RAW, protocol: unix.NETLINK_KOBJECT_UEVENT},
	{name: "netlink_generic", family: unix.AF_NETLINK, kind: unix.SOCK_RAW, protocol: unix.NETLINK_GENERIC},
	{name: "netlink_audit", family: unix.AF_NETLINK, kind: unix.SOCK_RAW, protocol: unix.NETLINK_AUDIT, root: "ok|EPROTONOSUPPORT"},
	{name: "packet_raw", family: unix.AF_PACKET, kind: unix.SOCK_RAW, user: "EPERM", capability: "CAP_NET_RAW"},
	{name: "packet_dgram", family: unix.AF_PACKET, kind: unix.SOCK_DGRAM, user: "EPERM", capability: "CAP_NET_RAW"},
	{name: "vsock", family: unix.AF_VSOCK, kind: unix.SOCK_STREAM, root: perhapsNoFamily, perhaps: seen{capable("CAP_NET_ADMIN")}},
	{name: "alg", family: unix.AF_ALG, kind: unix.SOCK_SEQPACKET, root: perhapsNoFamily},
	{name: "bluetooth", family: unix.AF_BLUETOOTH, kind: unix.SOCK_RAW, protocol: 1, root: perhapsNoFamily, user: "EPERM|EAFNOSUPPORT|ok"},
	{name: "key", family: unix.AF_KEY, kind: unix.SOCK_RAW, protocol: 2, root: perhapsNoFamily, user: "EPERM|EAFNOSUPPORT", capability: "CAP_NET_ADMIN"},
	{name: "can", family: unix.AF_CAN, kind: unix.SOCK_RAW, protocol: unix.CAN_RAW, root: perhapsNoFamily},
	{name: "xdp", family: unix.AF_XDP, kind: unix.SOCK_RAW, root: perhapsNoFamily, user: "EPERM|EAFNOSUPPORT", capability: "CAP_NET_RAW"},
	{name: "tipc", family: unix.AF_TIPC, kind: unix.SOCK_DGRAM, root: perhapsNoFamily},
	{name: "rds", family: unix.AF_RDS, kind: unix.SOCK_SEQPACKET, root: perhapsNoFamily},
	{name: "smc", family: unix.AF_SMC, kind: unix.SOCK_STREAM, root: perhapsNoFamily},
	{name: "qipcrtr", family: unix.AF_QIPCRTR, kind: unix.SOCK_DGRAM, root: perhapsNoFamily},
	{name: "appletalk", family: unix.AF_APPLETALK, kind: unix.SOCK_DGRAM, root: perhapsNoFamily},
	{name: "x25", family: unix.AF_X25, kind: unix.SOCK_SEQPACKET, root: perhapsNoFamily},
	{name: "ax25", family: unix.AF_AX25, kind: unix.SOCK_DGRAM, root: perhapsNoFamily},
	{name: "unspecified", family: unix.AF_UNSPEC, kind: unix.SOCK_STREAM, root: "EAFNOSUPPORT"},
	{name: "unknown_family", family: 200, kind: unix.SOCK_STREAM, root: "EAFNOSUPPORT"},
}

var socketOperations = slices.Concat(socketsMade(), []Operation{
	{Name: "socketpair", Does: "makes a pair of AF_UNIX sockets",
		Expect: seen{call("socketpair", arg(0, unix.AF_UNIX))}},
	{Name: "socketpair_inet", Does: "is refused a pair of AF_INET sockets", Root: "EOPNOTSUPP",
		Expect: seen{call("socketpair", arg(0, unix.AF_INET))}},
	{Name: "setsockopt_reuseaddr", Does: "lets an address be used again", Expect: option()},
	{Name: "setsockopt_mark", Does: "marks a socket's packets", Capability: rawOrAdmin, User: "EPERM", Expect: option()},
	{Name: "setsockopt_bindtodevice", Does: "binds a socket to a network device", Expect: option()},
	{Name: "setsockopt_sndbufforce", Does: "makes a socket's buffer larger than allowed",
		Capability: "CAP_NET_ADMIN", User: "EPERM", Expect: option()},
	{Name: "setsockopt_priority", Does: "gives a socket's packets a high priority",
		Capability: rawOrAdmin, User: "EPERM", Expect: option()},
	{Name: "setsockopt_transparent", Does: "makes a socket a transparent proxy's",
		Capability: rawOrAdmin, User: "EPERM", Expect: option()},
	{Name: "getsockopt", Does: "asks for a socket's type",
		Expect: seen{ok(inet(unix.SOCK_STREAM)), call("getsockopt")}},
})

func socketsMade() []Operation {
	var operations []Operation
	for _, s := range kindsOfSockets {
		op := Operation{
			Name: "socket_" + s.name, Does: "makes a socket: " + s.name, Root: s.root, User: s.user,
			Capability: s.capability, Perhaps: s.perhaps, Expect: seen{socketCall(s.family, s.kind, s.protocol)},
		}
		if strings.Contains(s.root, "|E") {
			op.Kernel = "with the address family or protocol"
		}
		operations = append(operations, op)
	}
	return operations
}

// socketCall is socket(2) without SOCK_CLOEXEC and SOCK_NONBLOCK, which decide nothing.
func socketCall(family, kind, protocol uint64) trace.Observation {
	return call("socket", arg(0, family), arg(1, kind), arg(2, protocol))
}

func inet(kind uint64) trace.Observation {
	return socketCall(unix.AF_INET, kind, 0)
}

func option() []trace.Observation {
	return seen{ok(inet(unix.SOCK_DGRAM)), call("setsockopt")}
}
