// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

const (
	perhapsNoRings = "ok|EPERM|ENOSYS"
	withRings      = "CONFIG_IO_URING, and kernel.io_uring_disabled=0 (6.6)"
)

var ringOperations = []Operation{
	{Name: "io_uring_setup", Does: "makes a ring", Root: perhapsNoRings, Kernel: withRings, Perhaps: throughRing(), Expect: seen{call("io_uring_setup")}},
	{Name: "ring_nop", Does: "submits nothing to a ring", Root: perhapsNoRings, Kernel: withRings, Perhaps: throughRing(), Expect: submitted("nop")},
	{Name: "ring_openat", Does: "opens a file through a ring", Needs: items{regular()}, Root: perhapsNoRings, Kernel: withRings,
		Perhaps: throughRing(file(trace.OpRead)), Expect: submitted("openat")},
	{Name: "ring_openat_create", Does: "creates a file through a ring", Root: perhapsNoRings, Kernel: withRings,
		Perhaps: throughRing(file(trace.OpCreate)), Expect: submitted("openat")},
	{Name: "ring_write", Does: "writes to a file through a ring", Needs: items{regular()}, Root: perhapsNoRings, Kernel: withRings,
		Perhaps: throughRing(), Expect: append(seen{ok(call("open")), ok(file(trace.OpWrite))}, submitted("write")...)},
	{Name: "ring_unlinkat", Does: "removes a file through a ring", Needs: items{regular()}, Root: perhapsNoRings, Kernel: withRings,
		Perhaps: throughRing(file(trace.OpRemove)), Expect: submitted("unlinkat")},
	{Name: "ring_mkdirat", Does: "makes a directory through a ring", Root: perhapsNoRings, Kernel: withRings + ", 5.15",
		Perhaps: throughRing(file(trace.OpMkdir)), Expect: submitted("mkdirat")},
	{Name: "ring_socket", Does: "makes a socket through a ring", Root: perhapsNoRings + "|EINVAL", Kernel: withRings + ", 5.19",
		Perhaps: throughRing(), Expect: submitted("socket")},
}

// submitted is what an operation on a new ring takes.
func submitted(op string) []trace.Observation {
	return seen{ok(call("io_uring_setup")), ok(mapped(unix.PROT_READ | unix.PROT_WRITE)),
		ok(mapped(unix.PROT_READ | unix.PROT_WRITE)), ok(call("io_uring_enter")), ring(op)}
}

// throughRing is what only a kernel with BPF LSM or fentry shows of an operation
// that was submitted, and the capability that spares a ring its part of the limit on
// locked memory.
func throughRing(observations ...trace.Observation) []trace.Observation {
	return append(observations, capable("CAP_IPC_LOCK"))
}
