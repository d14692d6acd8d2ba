// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

var contentOperations = []Operation{
	{Name: "read", Does: "reads from a file", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), call("read")}},
	{Name: "write", Does: "writes to a file", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpWrite)), call("write")}},
	{Name: "pwritev2", Does: "writes to a file with pwritev2(2)", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpWrite)), call("pwritev2")}},
	{Name: "fsync", Does: "brings a file to the disk", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpWrite)), call("fsync")}},
	{Name: "flock", Does: "locks a file", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), call("flock")}},
	{Name: "fcntl_lock", Does: "locks a file with fcntl(2)", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpWrite)), call("fcntl")}},
	{Name: "mmap_shared_write", Does: "writes to a file that is mapped", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), ok(file(trace.OpWrite)), call("mmap", protection(unix.PROT_READ|unix.PROT_WRITE))}},
	{Name: "mmap_private_read", Does: "maps a file for reading", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), call("mmap", protection(unix.PROT_READ))}},
	{Name: "sendfile", Does: "copies a file with sendfile(2)", Needs: items{regular(), regular("sendfile_to")},
		Expect: copied("sendfile", "sendfile_to")},
	{Name: "copy_file_range", Does: "copies a file with copy_file_range(2)",
		Needs:  items{regular(), regular("copy_file_range_to")},
		Expect: copied("copy_file_range", "copy_file_range_to")},
	{Name: "splice", Does: "moves a file's contents to a pipe", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), ok(call("pipe2")), call("splice")}},
	{Name: "splice_write", Does: "moves a pipe's contents to a file", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpWrite)), ok(call("pipe2")), ok(call("write")), call("splice")}},
	{Name: "write_unlinked", Does: "writes to a file that it has removed", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), ok(file(trace.OpWrite)),
			ok(call("unlink")), ok(file(trace.OpRemove)), call("write")}},
	{Name: "cachestat", Does: "asks what of a file is in memory", Needs: items{regular()},
		Root: "ok|ENOSYS", Kernel: "6.5",
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), call("cachestat")}},
}

func copied(name, to string) []trace.Observation {
	return seen{ok(call("open")), ok(file(trace.OpRead)), ok(call("open")), ok(file(trace.OpWrite, to)), call(name)}
}
