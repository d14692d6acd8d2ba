// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// askedIn are the places in which operations ask of files, and askedOf the directories of
// which they ask; user is what those who are not root get who would write there.
var (
	askedIn = []string{"home", "root", "usr", "etc", "srv", "dev_shm"}
	askedOf = []struct{ name, path, user string }{
		{"slash", "/", "EACCES"}, {"home", "/home", "EACCES"}, {"root", "/root", "EACCES"}, {"srv", "/srv", "EACCES"},
		{"srv_probe", "/srv/probe", ""}, {"tmp", "/tmp", "ok|EACCES"}, {"dev", "/dev", "EACCES"},
	}
)

// askedFile is one that operations ask of, somewhere.
type askedFile struct {
	name, path string
	op         trace.FileOp
	kind       trace.FileType
	root, user string
}

// The nodes are those that other operations need.
var askedFiles = []askedFile{
	{name: "access_write_fifo_usr", path: "/usr/probe/fifo", op: trace.OpAskWrite, kind: trace.TypeFIFO},
	{name: "access_write_device_usr", path: "/usr/probe/null", op: trace.OpAskWrite, kind: trace.TypeCharDev},
	{name: "access_write_socket_usr", path: "/usr/probe/socket", op: trace.OpAskWrite, kind: trace.TypeSocket},
	{name: "access_read_null", path: "/dev/null", op: trace.OpAskRead, kind: trace.TypeCharDev},
	{name: "access_write_null", path: "/dev/null", op: trace.OpAskWrite, kind: trace.TypeCharDev},
	{name: "access_exists_kmsg", path: "/dev/kmsg", op: trace.OpStat, kind: trace.TypeCharDev},
	{name: "access_read_kmsg", path: "/dev/kmsg", op: trace.OpAskRead, kind: trace.TypeCharDev},
	{name: "access_write_kmsg", path: "/dev/kmsg", op: trace.OpAskWrite, kind: trace.TypeCharDev, user: "EACCES|ok"},
	{name: "access_read_sda", path: "/dev/probe-sda", op: trace.OpAskRead, kind: trace.TypeBlockDev},
	{name: "access_write_sda", path: "/dev/probe-sda", op: trace.OpAskWrite, kind: trace.TypeBlockDev},
	{name: "access_read_proc_kmsg", path: "/proc/kmsg", op: trace.OpAskRead, user: "EACCES"},
	{name: "access_read_proc_kallsyms", path: "/proc/kallsyms", op: trace.OpAskRead},
	{name: "access_write_proc_sys_kernel", path: "/proc/sys/kernel/panic", op: trace.OpAskWrite, root: "ok|EROFS", user: "EACCES"},
}

var askOperations = slices.Concat(asksInPlaces(), asksOfDirectories(), asksOfFiles(), []Operation{
	{Name: "access_exists", Does: "asks whether a file is there", Needs: items{regular()},
		Expect: seen{call("access"), file(trace.OpStat)}},
	{Name: "access_missing", Does: "asks whether it may write what is not there", Root: "ENOENT",
		Expect: seen{call("access"), file(trace.OpAskWrite)}},
	{Name: "access_read", Does: "asks whether it may read a file", Needs: items{regular()},
		Expect: seen{call("access"), file(trace.OpAskRead)}},
	{Name: "access_write", Does: "asks whether it may write a file", Needs: items{regular()},
		Expect: seen{call("access"), file(trace.OpAskWrite)}},
	{Name: "access_execute", Does: "asks whether it may execute a file", Needs: items{regular().with(0o755)},
		Expect: seen{call("access"), file(trace.OpAskExecute)}},
	{Name: "access_execute_data", Does: "asks whether it may execute what nobody may", Needs: items{regular()},
		Root: "EACCES", Expect: seen{call("access"), file(trace.OpAskExecute)}},
	{Name: "access_readwrite", Does: "asks whether it may read and write a file", Needs: items{regular()},
		Expect: seen{call("access"), file(trace.OpAskRead), file(trace.OpAskWrite)}},
	{Name: "access_directory", Does: "asks what it may do with a directory", Needs: items{directory()},
		Expect: seen{call("access"), file(trace.OpAskRead), file(trace.OpAskWrite), file(trace.OpAskExecute)}},
	{Name: "faccessat", Does: "asks with faccessat(2)", Needs: items{regular()},
		Expect: seen{call("faccessat"), file(trace.OpAskWrite)}},
	{Name: "faccessat2", Does: "asks with faccessat2(2)", Needs: items{regular()},
		Kernel: "5.8", Expect: seen{call("faccessat2"), file(trace.OpAskRead)}},
	{Name: "faccessat2_write", Does: "asks with faccessat2(2) whether it may write a file, whoever it is at the moment", Needs: items{regular()},
		Kernel: "5.8", Expect: seen{call("faccessat2"), file(trace.OpAskWrite)}},
	{Name: "faccessat2_open", Does: "asks of an open file whether it may write it", Needs: items{regular()},
		Kernel: "5.8", Expect: seen{ok(call("open")), ok(file(trace.OpRead)), call("faccessat2"), file(trace.OpAskWrite)}},
	{Name: "other_access_read", Does: "asks whether it may read somebody else's file", Needs: items{regular().of(OtherID).with(0o600)},
		Capability: readOrOverride, User: "EACCES", Expect: seen{call("access"), file(trace.OpAskRead)}},
	{Name: "other_access_write", Does: "asks whether it may write somebody else's file", Needs: items{regular().of(OtherID).with(0o644)},
		Capability: "CAP_DAC_OVERRIDE", User: "EACCES", Expect: seen{call("access"), file(trace.OpAskWrite)}},
})

func asksInPlaces() []Operation {
	var operations []Operation
	for _, p := range places {
		if !slices.Contains(askedIn, p.name) {
			continue
		}
		user := rootOnly(p.name)
		operations = append(operations,
			Operation{Name: "access_read_" + p.name, Does: "asks whether it may read a file in " + p.path, User: user,
				Expect: seen{call("access"), file(trace.OpAskRead, p.path+"/file")}},
			Operation{Name: "access_write_" + p.name, Does: "asks whether it may write a file in " + p.path, User: user,
				Expect: seen{call("access"), file(trace.OpAskWrite, p.path+"/file")}},
			Operation{Name: "access_execute_" + p.name, Does: "asks whether it may execute a program in " + p.path, User: user,
				Expect: seen{call("access"), file(trace.OpAskExecute, p.path+"/program")}})
	}
	return operations
}

func asksOfDirectories() []Operation {
	var operations []Operation
	for _, d := range askedOf {
		user := rootOnly(d.name)
		operations = append(operations,
			Operation{Name: "access_list_" + d.name, Does: "asks whether it may list " + d.path, User: user,
				Expect: seen{call("access"), file(trace.OpAskRead, d.path)}},
			Operation{Name: "access_create_" + d.name, Does: "asks whether it may make something in " + d.path, User: d.user,
				Expect: seen{call("access"), file(trace.OpAskWrite, d.path), file(trace.OpAskExecute, d.path)}},
			Operation{Name: "access_search_" + d.name, Does: "asks whether it may search " + d.path, User: user,
				Expect: seen{call("access"), file(trace.OpAskExecute, d.path)}})
	}
	return operations
}

func asksOfFiles() []Operation {
	var operations []Operation
	for _, f := range askedFiles {
		op := Operation{Name: f.name, Does: "asks of " + f.path, Root: f.root, User: f.user,
			Expect: seen{call("access"), typed(f.kind, file(f.op, f.path))}}
		if f.root != "" {
			op.Kernel = "where it may be written"
		}
		operations = append(operations, op)
	}
	return operations
}
