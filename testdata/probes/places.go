// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// places are directories that directives rule, by the names in operations; every
// user may write to them.
var places = []struct{ name, path string }{
	{"home", "/home/probe"},
	{"root", "/root/probe"},
	{"run_user", "/run/user/1000/probe"},
	{"usr", "/usr/probe"},
	{"boot", "/boot/probe"},
	{"etc", "/etc/probe"},
	{"var", "/var/probe"},
	{"srv", "/srv/probe"},
	{"opt", "/opt/probe"},
	{"tmp", "/tmp/probe"},
	{"var_tmp", "/var/tmp/probe"},
	{"run", "/run/probe"},
	{"dev_shm", "/dev/shm/probe"},
}

// created are the files that operations create there, root's and users' in turn:
// neither may write to the other's.
var created = []string{"new-root", "new-user"}

// listed are directories of the system.
var listed = []struct{ name, path string }{
	{"slash", "/"},
	{"home", "/home"},
	{"root", "/root"},
	{"run_user", "/run/user"},
	{"usr", "/usr"},
	{"boot", "/boot"},
	{"etc", "/etc"},
	{"var", "/var"},
	{"tmp", "/tmp"},
	{"dev", "/dev"},
	{"dev_shm", "/dev/shm"},
	{"proc", "/proc"},
	{"sys", "/sys"},
	{"lib_modules", "/usr/lib/modules"},
}

var placeOperations = slices.Concat(inPlaces(), listings(), []Operation{
	{Name: "write_fifo_usr", Does: "opens a FIFO in /usr for writing, which writes to no file system",
		Needs:  items{fifo("/usr/probe/fifo")},
		Expect: seen{call("open"), read("/usr/probe/fifo"), write("/usr/probe/fifo")}},
	{Name: "write_device_usr", Does: "opens a device node in /usr for writing, which writes to no file system",
		Needs:  items{char("/usr/probe/null", 1, 3)},
		Expect: seen{call("open"), typed(trace.TypeCharDev, write("/usr/probe/null"))}},
	{Name: "connect_socket_usr", Does: "connects to a socket in /usr, which writes to no file system",
		Needs: items{socket("/usr/probe/socket")}, Root: "ECONNREFUSED",
		Expect: seen{ok(call("socket", arg(0, 1), arg(1, 2))),
			call("connect"), typed(trace.TypeSocket, file(trace.OpConnect, "/usr/probe/socket"))}},
	{Name: "read_lib_modules", Does: "opens a kernel module's file for reading",
		Needs:  items{directory("/usr/lib/modules/probe"), regular("/usr/lib/modules/probe/file")},
		Expect: seen{call("open"), read("/usr/lib/modules/probe/file")}},
})

// rootOnly is what a user gets below /root, which most systems close to him.
func rootOnly(place string) string {
	if place == "root" {
		return "EACCES"
	}
	return ""
}

func inPlaces() []Operation {
	var operations []Operation
	for _, p := range places {
		user := rootOnly(p.name)
		operations = append(operations,
			Operation{Name: "read_" + p.name, Does: "opens a file in " + p.path + " for reading", User: user,
				Needs:  items{directory(p.path), regular(p.path, "file"), program(0, p.path, "program")},
				Expect: seen{call("open"), read(p.path + "/file")}},
			Operation{Name: "write_" + p.name, Does: "opens a file in " + p.path + " for writing", User: user,
				Expect: seen{call("open"), write(p.path + "/file")}},
			Operation{Name: "create_" + p.name, Does: "creates a file in " + p.path, User: user,
				Expect: seen{call("open"), file(trace.OpCreate, p.path+"/new-root")}},
			Operation{Name: "execute_" + p.name, Does: "executes a program in " + p.path, User: user,
				Expect: seen{call("execve"), file(trace.OpExecute, p.path+"/program")}})
	}
	return operations
}

func listings() []Operation {
	var operations []Operation
	for _, p := range listed {
		operations = append(operations, Operation{
			Name: "list_" + p.name, Does: "opens the directory " + p.path, User: rootOnly(p.name),
			Expect: seen{call("open"), file(trace.OpList, p.path)},
		})
	}
	return operations
}

func read(path string) trace.Observation {
	return file(trace.OpRead, path)
}

func write(path string) trace.Observation {
	return file(trace.OpWrite, path)
}
