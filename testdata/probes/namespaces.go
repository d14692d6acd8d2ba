// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// unprivileged user namespaces may be forbidden by sysctl or AppArmor.
var namespaces = []struct {
	kind string
	flag uint64
	user string
}{
	{"user", unix.CLONE_NEWUSER, "ok|EPERM|EACCES|ENOSPC"},
	{"mnt", unix.CLONE_NEWNS, "EPERM"},
	{"pid", unix.CLONE_NEWPID, "EPERM"},
	{"net", unix.CLONE_NEWNET, "EPERM"},
	{"ipc", unix.CLONE_NEWIPC, "EPERM"},
	{"uts", unix.CLONE_NEWUTS, "EPERM"},
	{"cgroup", unix.CLONE_NEWCGROUP, "EPERM"},
}

var namespaceOperations = slices.Concat(newNamespaces(), []Operation{
	{Name: "unshare_time", Does: "unshares the time namespace", Root: "ok|EINVAL", User: "EPERM|EINVAL", Kernel: "5.6",
		Capability: "CAP_SYS_ADMIN", Expect: seen{call("unshare", arg(0, unix.CLONE_NEWTIME))}},
	{Name: "unshare_files", Does: "unshares the table of files, which is no namespace", Expect: seen{call("unshare", arg(0, 0))}},
	{Name: "unshare_two", Does: "unshares two namespaces at once", User: "EPERM", Capability: "CAP_SYS_ADMIN",
		Expect: seen{call("unshare", arg(0, unix.CLONE_NEWIPC|unix.CLONE_NEWUTS))}},
	{Name: "clone3", Does: "makes a child with clone3(2)",
		Expect: seen{call("clone3", fact("flags", 0)), ok(call("wait4"))}},
	joined("setns_mnt", "mnt", unix.CLONE_NEWNS, capable("CAP_SYS_CHROOT")),
	joined("setns_net", "net", unix.CLONE_NEWNET),
	joined("setns_ipc", "ipc", unix.CLONE_NEWIPC),
	joined("setns_uts", "uts", unix.CLONE_NEWUTS),
	joined("setns_cgroup", "cgroup", unix.CLONE_NEWCGROUP),
	joined("setns_any", "uts", 0),
})

func newNamespaces() []Operation {
	var operations []Operation
	for _, n := range namespaces {
		operations = append(operations,
			Operation{Name: "unshare_" + n.kind, Does: "unshares its " + n.kind + " namespace",
				Expect: seen{call("unshare", arg(0, n.flag))}},
			Operation{Name: "clone_" + n.kind, Does: "makes a child in a new " + n.kind + " namespace",
				Expect: seen{call("clone", arg(0, n.flag)), ok(call("wait4"))}},
			Operation{Name: "clone3_" + n.kind, Does: "makes a child in a new " + n.kind + " namespace with clone3(2)",
				Expect: seen{call("clone3", fact("flags", n.flag)), ok(call("wait4"))}})
		for i := len(operations) - 3; i < len(operations); i++ {
			operations[i].User = n.user
			if n.kind != "user" {
				operations[i].Capability = "CAP_SYS_ADMIN"
			}
		}
	}
	return operations
}

// joined is setns(2) to the namespace that the process is in already.
func joined(name, kind string, flag uint64, more ...trace.Observation) Operation {
	return Operation{
		Name: name, Does: "joins its own " + kind + " namespace", User: "EPERM", Capability: "CAP_SYS_ADMIN",
		// The file is one of nsfs, which has no place in the tree.
		Expect: append(seen{ok(call("open")), call("setns", arg(1, flag))}, more...),
	}
}

// child is what making a process and waiting for it looks like.
func child(name string) []trace.Observation {
	return seen{call(name), ok(call("wait4"))}
}
