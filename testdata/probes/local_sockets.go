// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

var localSocketOperations = []Operation{
	{Name: "unix_bind", Does: "binds a socket to a path", Expect: seen{ok(local(tcp)), call("bind"), onSocket(trace.OpBind)}},
	{Name: "unix_bind_existing", Does: "binds a socket to a path that is there", Needs: items{regular()}, Root: "EADDRINUSE",
		Expect: seen{ok(local(tcp)), call("bind"), file(trace.OpBind)}},
	{Name: "unix_bind_abstract", Does: "binds a socket to an abstract name",
		Expect: seen{ok(local(tcp)), call("bind"), abstract(trace.AddressBind)}},
	{Name: "unix_listen", Does: "listens on a path",
		Expect: seen{ok(local(tcp)), ok(call("bind")), ok(onSocket(trace.OpBind)), call("listen")}},
	{Name: "unix_connect", Does: "connects to a path that it listens on",
		Expect: seen{ok(local(tcp)), ok(local(tcp)), ok(call("bind")), ok(onSocket(trace.OpBind)), ok(call("listen")),
			call("connect"), onSocket(trace.OpConnect)}},
	{Name: "unix_connect_refused", Does: "connects to a socket that nobody listens on", Needs: items{socket()},
		Root: "ECONNREFUSED", Expect: seen{ok(local(tcp)), call("connect"), onSocket(trace.OpConnect)}},
	{Name: "unix_connect_missing", Does: "connects to a path that does not exist", Root: "ENOENT",
		Expect: seen{ok(local(tcp)), call("connect"), file(trace.OpConnect)}},
	{Name: "unix_connect_abstract", Does: "connects to an abstract name that nobody has", Root: "ECONNREFUSED",
		Expect: seen{ok(local(tcp)), call("connect"), abstract(trace.AddressConnect)}},
	{Name: "unix_sendto", Does: "sends a packet to a path of its own",
		Expect: seen{ok(local(udp)), ok(call("bind")), ok(onSocket(trace.OpBind)), call("sendto"), onSocket(trace.OpConnect)}},
	{Name: "unix_sendmsg", Does: "sends a packet to a path with sendmsg(2)",
		Expect: seen{ok(local(udp)), ok(call("bind")), ok(onSocket(trace.OpBind)), call("sendmsg"), onSocket(trace.OpConnect)}},
}

func local(kind uint64) trace.Observation {
	return socketCall(unix.AF_UNIX, kind, 0)
}

func onSocket(op trace.FileOp) trace.Observation {
	return typed(trace.TypeSocket, file(op))
}

func abstract(op trace.AddressOp) trace.Observation {
	return address(trace.Address{Op: op, Family: "AF_UNIX", Type: "SOCK_STREAM", Abstract: "probe"})
}
