// SPDX-License-Identifier: Apache-2.0

package probes

import "github.com/sbxprof/sbxprof/trace"

var lookOperations = []Operation{
	{Name: "stat", Does: "looks at a file", Needs: items{regular()},
		Expect: seen{call("stat"), file(trace.OpStat)}},
	{Name: "lstat", Does: "looks at a symbolic link", Needs: items{linkTo("stat")},
		Expect: seen{call("lstat"), file(trace.OpStat)}},
	{Name: "fstat", Does: "looks at an open file", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), call("fstat")}},
	{Name: "newfstatat", Does: "looks at a file with newfstatat(2)", Needs: items{regular()},
		Expect: seen{call("newfstatat"), file(trace.OpStat)}},
	{Name: "stat_missing", Does: "looks at what does not exist", Root: "ENOENT",
		Expect: seen{call("stat"), file(trace.OpStat)}},
	{Name: "statx", Does: "looks at a file with statx(2)", Needs: items{regular()},
		Expect: seen{call("statx"), file(trace.OpStat)}},
	{Name: "readlink", Does: "reads a symbolic link", Needs: items{linkTo("stat")},
		Expect: seen{call("readlink"), file(trace.OpStat)}},
	{Name: "readlinkat", Does: "reads a symbolic link with readlinkat(2)", Needs: items{linkTo("stat")},
		Expect: seen{call("readlinkat"), file(trace.OpStat)}},
	{Name: "statfs", Does: "looks at a file system", Needs: items{regular()},
		Expect: seen{call("statfs"), file(trace.OpStat)}},
	{Name: "fstatfs", Does: "looks at the file system of an open file", Needs: items{regular()},
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), call("fstatfs")}},
	{Name: "getdents", Does: "lists a directory with getdents(2)", Needs: items{directory()},
		Expect: seen{ok(call("open")), ok(file(trace.OpList)), call("getdents")}},
	{Name: "getdents64", Does: "lists a directory", Needs: items{directory()},
		Expect: seen{ok(call("open")), ok(file(trace.OpList)), call("getdents64")}},
	{Name: "getcwd", Does: "asks for its working directory", Expect: seen{call("getcwd")}},
	{Name: "chdir", Does: "changes its working directory", Needs: items{directory()},
		Expect: seen{call("chdir"), file(trace.OpChdir)}},
	{Name: "chdir_relative", Does: "changes its working directory to one below it",
		Needs:  items{directory(), directory("chdir_relative/below")},
		Expect: seen{ok(call("chdir")), ok(file(trace.OpChdir)), call("chdir"), file(trace.OpChdir, "chdir_relative/below")}},
	{Name: "fchdir", Does: "changes its working directory by a descriptor", Needs: items{directory()},
		Expect: seen{ok(call("open")), ok(file(trace.OpList)), call("fchdir"), file(trace.OpChdir)}},
	{Name: "chroot", Does: "changes its root", Needs: items{directory()},
		Capability: "CAP_SYS_CHROOT", User: "EPERM", Expect: seen{call("chroot"), file(trace.OpChdir)}},
	{Name: "chroot_open", Does: "opens a file below its new root",
		Needs:      items{directory(), regular("chroot_open/file")},
		Capability: "CAP_SYS_CHROOT", User: "EPERM",
		Expect: seen{ok(call("chroot")), ok(file(trace.OpChdir)),
			call("open"), chrooted(file(trace.OpRead, "chroot_open/file"))}},
	{Name: "inotify_watch", Does: "watches a directory with inotify", Needs: items{directory()},
		Expect: seen{ok(call("inotify_init1")), call("inotify_add_watch"), file(trace.OpWatch)}},
	{Name: "fanotify_watch", Does: "watches a directory with fanotify", Needs: items{directory()},
		Capability: "CAP_SYS_ADMIN", User: "EPERM",
		Expect: seen{ok(call("fanotify_init")), call("fanotify_mark"), file(trace.OpWatch)}},
	{Name: "fanotify_watch_by_id", Does: "watches a directory with the fanotify that needs no capability",
		Needs: items{directory()}, Kernel: "5.13", Perhaps: seen{capable("CAP_SYS_ADMIN")},
		Expect: seen{ok(call("fanotify_init")), call("fanotify_mark"), file(trace.OpWatch)}},
	{Name: "name_to_handle", Does: "asks for a file's handle", Needs: items{regular()},
		Expect: seen{call("name_to_handle_at"), file(trace.OpStat)}},
	{Name: "open_by_handle", Does: "opens a file by its handle",
		Needs:      items{directory(), regular("open_by_handle/file")},
		Capability: "CAP_DAC_READ_SEARCH", User: "EPERM",
		Expect: seen{ok(call("open")), ok(file(trace.OpList)),
			ok(call("name_to_handle_at")), ok(file(trace.OpStat, "open_by_handle/file")),
			call("open_by_handle_at"), file(trace.OpRead, "open_by_handle/file")}},
}

// chrooted is an operation after the process's root was changed.
func chrooted(o trace.Observation) trace.Observation {
	o.File.Chroot = true
	return o
}
