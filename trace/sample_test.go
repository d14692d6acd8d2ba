// SPDX-License-Identifier: Apache-2.0

package trace

import "time"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

// sample returns a trace with an observation of every kind, in canonical order,
// and with every field of each set.
func sample() *Trace {
	return &Trace{Header: sampleHeader(), Observations: sampleObservations()}
}

func sampleHeader() Header {
	port := uint16(80)
	return Header{
		Format: Format, Version: MajorVersion, Recorder: "sbxprof 0.1.0", Run: "RUN1",
		Unit: Unit{
			Name: "web@a.service", Fragment: "/usr/lib/systemd/system/web@.service", DropIns: []Path{"/etc/systemd/system/web@.service.d/a.conf"},
			Settings: []Setting{{Name: "User", Value: "www-data"}},
			Commands: []Command{
				{Line: "ExecStart", Argv: []string{"/usr/sbin/web", "-D"}, Program: "/usr/sbin/web2", Runs: 1},
				{Line: "ExecReload", Argv: []string{"/bin/kill", "-HUP", "$MAINPID"}, Prefix: "-"},
			},
			Sockets: []string{"a.socket"}, Users: map[uint32]string{33: "www-data"}, Groups: map[uint32]string{33: "www-data"}, Members: map[uint32][]uint32{33: {33, 4}},
		},
		Host: Host{
			Systemd: "252.39-1~deb12u2", Features: "+PAM -BPF_FRAMEWORK", Kernel: "6.1.0-44-amd64", Arch: "x86_64",
			Libc: "glibc 2.36", OS: "Debian GNU/Linux 12 (bookworm)", UnprivilegedPort: &port, MergedUsr: true, SELinux: true,
		},
		Begin: noon, End: noon.Add(time.Hour), Starts: 1,
		Sources: []Source{
			{Name: "syscalls", Via: "tp_btf/sys_exit", Needed: true},
			{Name: "io_uring", Missing: "no such tracepoint", Hides: "operations submitted through io_uring"},
		},
		Losses:      []Loss{{Reason: "ring_full", Count: 0, Hides: "names of files"}},
		Uncounted:   4,
		Peaks:       &Peaks{Tasks: 7, Memory: 1 << 20, OpenFiles: 30},
		Footprint:   &Footprint{Kernel: 40 << 20, Process: 30 << 20},
		OpenAtBegin: []Path{"/var/log/web.log", "/var/\xff\n"},
		Mentions:    []Mention{{Path: "/var/log/web.log", File: "/etc/web.conf", Line: 12, Text: "log = /var/log/web.log"}},
		Names:       []NameCount{{Directory: "/var/lib", Names: 57}},
	}
}

func sampleObservations() []Observation {
	yes := true
	actor := Actor{Exe: "/usr/sbin/web", UID: 33, GID: 33, Line: "ExecStart", Phase: PhaseService}
	seen := func(kind Kind, outcome Outcome) Observation {
		return Observation{Kind: kind, Actor: actor, Outcome: outcome, Count: 3, First: noon, Last: noon.Add(time.Minute), Example: &Example{PID: 42}}
	}
	call := seen(KindSyscall, OutcomeOK)
	call.Syscall = &Syscall{ABI: "x86_64", Number: 41, Name: "socket", Args: []Arg{{"family", 0, 2}, {"flags", -1, 1 << 63}}, Filtered: true}
	capability := seen(KindCapability, "EPERM")
	capability.Actor.Privileged = true
	capability.Capability = &Capability{
		Name: "CAP_NET_BIND_SERVICE", ABI: "x86_64", Syscall: "bind", Result: "EACCES", ForeignNS: true, Overridden: true,
		Audited: &yes, Asked: true, Stack: []string{"cap_capable", "inet_bind"},
	}
	file := seen(KindFile, OutcomeOK)
	file.File = &File{
		Path: "/var/lib/\xff\"\\\n", Op: OpWrite, Given: "/var/lib/x", Peer: "/var/lib/<&>", Partial: true, Chroot: true, Unlinked: true, Folded: true,
		Type: TypeRegular, FS: "ext", Dev: "8:1", Owner: &Owner{UID: 33, GID: 33, Mode: 0o644, ACL: "user::rw-,user:7:r--,group::r--,mask::r--,other::r--"}, Parent: &Owner{GID: 33, Mode: 0o2755, DefaultACL: "user::rwx,group::r-x,other::---"}, FileCaps: true,
		Carries:     &FileCapabilities{Permitted: []string{"CAP_NET_RAW"}, Inheritable: []string{"CAP_CHOWN"}, Effective: true, RootID: 1000},
		Interpreter: "/bin/sh", Request: 21505,
	}
	address := seen(KindAddress, OutcomeOK)
	address.Address = &Address{
		Op: AddressBind, Family: "AF_INET6", Type: "SOCK_STREAM", Protocol: 6, IP: "::1", Port: 80, Asked0: true, V6Only: true,
		Abstract: "x\x00y", Interface: 3,
	}
	signal := seen(KindSignal, OutcomeOK)
	signal.Signal = &Signal{Number: 15, UID: 33, Exe: "/usr/bin/other"}
	uring := seen(KindIOUring, OutcomeOK)
	uring.IOUring = &IOUring{Op: "read", Number: 22}
	move := seen(KindMove, OutcomeOK)
	move.Move = &Move{Cgroup: "/user.slice", In: true}
	return []Observation{call, capability, file, address, signal, uring, move}
}
