// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// The sysctl kernel.io_uring_disabled (6.6) and kernels without CONFIG_IO_URING.
const perhapsNoRings = "ok|EPERM|ENOSYS"

var ringOperations = []Operation{
	{Name: "io_uring_setup", Does: "makes a ring", Root: perhapsNoRings, Expect: seen{call("io_uring_setup")}},
	{Name: "ring_nop", Does: "submits nothing to a ring", Root: perhapsNoRings, Expect: submitted("nop")},
	{Name: "ring_openat", Does: "opens a file through a ring", Needs: items{regular()}, Root: perhapsNoRings,
		Expect: append(submitted("openat"), file(trace.OpRead))},
	{Name: "ring_openat_create", Does: "creates a file through a ring", Root: perhapsNoRings,
		Expect: append(submitted("openat"), file(trace.OpCreate), file(trace.OpWrite))},
	{Name: "ring_write", Does: "writes to a file through a ring", Needs: items{regular()}, Root: perhapsNoRings,
		Expect: append(seen{ok(call("open")), ok(file(trace.OpWrite))}, submitted("write")...)},
	{Name: "ring_unlinkat", Does: "removes a file through a ring", Needs: items{regular()}, Root: perhapsNoRings,
		Expect: append(submitted("unlinkat"), file(trace.OpRemove))},
	{Name: "ring_mkdirat", Does: "makes a directory through a ring", Root: perhapsNoRings, Kernel: "5.15",
		Expect: append(submitted("mkdirat"), file(trace.OpMkdir))},
	{Name: "ring_socket", Does: "makes a socket through a ring", Root: perhapsNoRings + "|EINVAL", Kernel: "5.19",
		Expect: submitted("socket")},
}

// submitted is what an operation on a new ring takes.
func submitted(op string) []trace.Observation {
	return seen{ok(call("io_uring_setup")), ok(mapped(unix.PROT_READ | unix.PROT_WRITE)),
		ok(mapped(unix.PROT_READ | unix.PROT_WRITE)), ok(call("io_uring_enter")), ring(op)}
}
