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

// locked is the capability that spares a ring its part of the limit on locked memory.
var locked = seen{capable("CAP_IPC_LOCK")}

var ringOperations = []Operation{
	{Name: "io_uring_setup", Does: "makes a ring", Root: perhapsNoRings, Kernel: withRings, Perhaps: locked, Expect: seen{call("io_uring_setup")}},
	{Name: "ring_nop", Does: "submits nothing to a ring", Root: perhapsNoRings, Kernel: withRings, Perhaps: locked, Expect: submitted("nop")},
	{Name: "ring_openat", Does: "opens a file through a ring", Needs: items{regular()}, Root: perhapsNoRings, Kernel: withRings,
		Perhaps: locked, Behind: seen{file(trace.OpRead)}, Expect: submitted("openat")},
	{Name: "ring_openat_create", Does: "creates a file through a ring", Root: perhapsNoRings, Kernel: withRings,
		Perhaps: locked, Behind: seen{file(trace.OpCreate)}, Expect: submitted("openat")},
	{Name: "ring_write", Does: "writes to a file through a ring", Needs: items{regular()}, Root: perhapsNoRings, Kernel: withRings,
		Perhaps: locked, Expect: append(seen{ok(call("open")), ok(file(trace.OpWrite))}, submitted("write")...)},
	{Name: "ring_unlinkat", Does: "removes a file through a ring", Needs: items{regular()}, Root: perhapsNoRings, Kernel: withRings,
		Perhaps: locked, Behind: seen{file(trace.OpRemove)}, Expect: submitted("unlinkat")},
	{Name: "ring_mkdirat", Does: "makes a directory through a ring", Root: perhapsNoRings, Kernel: withRings + ", 5.15",
		Perhaps: locked, Behind: seen{file(trace.OpMkdir)}, Expect: submitted("mkdirat")},
	{Name: "ring_renameat", Does: "renames a file through a ring", Needs: items{regular()}, Root: perhapsNoRings, Kernel: withRings,
		Perhaps: locked, Behind: seen{file(trace.OpRenameFrom), file(trace.OpRenameTo, "ring_renameat_new")}, Expect: submitted("renameat")},
	{Name: "ring_linkat", Does: "gives a file another name through a ring", Needs: items{regular()}, Root: perhapsNoRings, Kernel: withRings + ", 5.15",
		Perhaps: locked, Behind: seen{file(trace.OpLinkFrom), file(trace.OpLinkTo, "ring_linkat_new")}, Expect: submitted("linkat")},
	{Name: "ring_symlinkat", Does: "makes a symbolic link through a ring", Root: perhapsNoRings, Kernel: withRings + ", 5.15",
		Perhaps: locked, Behind: seen{file(trace.OpSymlink)}, Expect: submitted("symlinkat")},
	{Name: "ring_socket", Does: "makes a socket through a ring", Root: perhapsNoRings + "|EINVAL", Kernel: withRings + ", 5.19",
		Perhaps: locked, Expect: submitted("socket")},
}

// submitted is what an operation on a new ring takes.
func submitted(op string) []trace.Observation {
	return seen{ok(call("io_uring_setup")), ok(mapped(unix.PROT_READ | unix.PROT_WRITE)),
		ok(mapped(unix.PROT_READ | unix.PROT_WRITE)), ok(call("io_uring_enter")), ring(op)}
}
