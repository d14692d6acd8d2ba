// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// netRawEffective and netRawPermitted are the attribute of a file that carries CAP_NET_RAW
// (struct vfs_cap_data, version 2): in force at once, or once the program wants it.
const (
	netRawEffective = "\x01\x00\x00\x02" + netRaw
	netRawPermitted = "\x00\x00\x00\x02" + netRaw
	netRaw          = "\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
)

// The programs are copies of this one that end at once.
var executeOperations = []Operation{
	{Name: "execve", Does: "executes a program", Needs: items{program(0)},
		Expect: seen{call("execve"), file(trace.OpExecute)}},
	{Name: "execve_script", Does: "executes a script",
		Needs: items{Item{Mode: unix.S_IFREG | 0o755, Content: "#!" + Program + " --true\n"}},
		Expect: seen{call("execve"), interpreted(Program, file(trace.OpExecute)),
			file(trace.OpExecute, Program)}},
	{Name: "execve_not_executable", Does: "executes a file that it may not", Needs: items{regular()}, Root: "EACCES",
		Expect: seen{call("execve"), file(trace.OpExecute)}},
	{Name: "execve_missing", Does: "executes what does not exist", Root: "ENOENT",
		Expect: seen{call("execve"), file(trace.OpExecute)}},
	{Name: "execve_setuid", Does: "executes a set-user-id program, which fails if that had no effect",
		Needs:  items{program(unix.S_ISUID).of(OtherID)},
		Expect: seen{call("execve"), file(trace.OpExecute)}},
	{Name: "execve_setgid", Does: "executes a set-group-id program, which fails if that had no effect",
		Needs:  items{program(unix.S_ISGID).of(OtherID)},
		Expect: seen{call("execve"), file(trace.OpExecute)}},
	{Name: "execve_setuid_root", Does: "executes a program of root's with the set-user-id bit",
		Needs:    items{Item{Path: "/usr/libexec/probe-setuid", Mode: unix.S_IFREG | 0o4755, Program: true}},
		Harmless: "it does nothing for anybody", Expect: seen{call("execve"), file(trace.OpExecute, "/usr/libexec/probe-setuid")}},
	{Name: "execve_file_capability", Does: "executes a program with a file capability, which fails if the bounding set has it not",
		Harmless: "it does nothing for anybody",
		Needs:    items{program(0).carrying(netRawEffective)},
		Expect:   seen{call("execve"), carryingNetRaw(true, file(trace.OpExecute))}},
	{Name: "execve_file_capability_permitted", Does: "executes a program that may have a capability if it wants",
		Harmless: "it does nothing for anybody", Needs: items{program(0).carrying(netRawPermitted)},
		Expect: seen{call("execve"), carryingNetRaw(false, file(trace.OpExecute))}},
	{Name: "execve_file_capability_used", Does: "executes a program with a file capability, which fails if that had no effect",
		Harmless: "it does nothing for anybody", Needs: items{program(0).carrying(netRawEffective)},
		Expect: seen{call("execve"), carryingNetRaw(true, file(trace.OpExecute)), ok(call("capget"))}},
	{Name: "execveat", Does: "executes a program with execveat(2)", Needs: items{program(0)},
		Expect: seen{call("execveat"), file(trace.OpExecute)}},
	{Name: "execveat_descriptor", Does: "executes an open file", Needs: items{program(0)},
		Expect: seen{ok(call("open")), ok(file(trace.OpStat)), call("execveat"), file(trace.OpExecute)}},
	{Name: "execveat_memfd", Does: "executes a file in memory", Needs: items{program(0)}, Perhaps: seen{capable("CAP_SYS_ADMIN")},
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), ok(call("memfd_create")), ok(call("sendfile")),
			call("execveat")}},
	{Name: "mmap_exec_file", Does: "maps a file executable", Needs: items{program(0)},
		Expect: mappedExecutable("mmap_exec_file")},
	{Name: "mmap_exec_home", Does: "maps a file in /home/probe executable", Expect: mappedExecutable("/home/probe/program")},
	{Name: "mmap_exec_tmp", Does: "maps a file in /tmp/probe executable", Expect: mappedExecutable("/tmp/probe/program")},
	// Which file it is cannot be had where Linux 5.15 is the floor: bpf_find_vma is of 5.17.
	{Name: "mprotect_exec_file", Does: "makes a mapped file executable", Needs: items{program(0)},
		Expect: seen{ok(call("open")), ok(file(trace.OpRead)), ok(call("mmap", protection(unix.PROT_READ))),
			call("mprotect", protection(unix.PROT_READ|unix.PROT_EXEC))}},
	{Name: "uselib", Does: "asks for a library as a.out programs did", Root: "ENOSYS", Expect: seen{call("uselib")}},
}

func mappedExecutable(path string) []trace.Observation {
	return seen{ok(call("open")), ok(read(path)), call("mmap", protection(unix.PROT_READ|unix.PROT_EXEC)),
		file(trace.OpMapExec, path)}
}

func protection(bits uint64) trace.Arg {
	return arg(2, bits)
}

func interpreted(by string, o trace.Observation) trace.Observation {
	o.File.Interpreter = trace.Path(by)
	return o
}

func carryingNetRaw(effective bool, o trace.Observation) trace.Observation {
	o.File.FileCaps, o.File.Carries = true, &trace.FileCapabilities{Permitted: []string{"CAP_NET_RAW"}, Effective: effective}
	return o
}
