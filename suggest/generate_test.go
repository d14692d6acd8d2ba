// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"pgregory.net/rapid"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/trace"
)

// traces draws traces of a service under no sandbox at all.
func traces() *rapid.Generator[*trace.Trace] {
	return rapid.Custom(func(t *rapid.T) *trace.Trace {
		return &trace.Trace{
			Header: trace.Header{
				Format: trace.Format, Version: trace.MajorVersion, Starts: 1,
				Unit: trace.Unit{Name: "daemon.service", Users: map[uint32]string{0: "root", 33: "www-data"}},
				Host: trace.Host{Systemd: rapid.SampledFrom([]string{"237", "247.3", "252.39-1~deb12u2", "257.13", "262.1"}).Draw(t, "systemd"),
					Kernel: "6.1.0", Arch: "x86_64", Features: "+SECCOMP +BPF_FRAMEWORK"},
			},
			Observations: rapid.SliceOfN(observations(), 0, 40).Draw(t, "observations"),
		}
	})
}

func observations() *rapid.Generator[trace.Observation] {
	return rapid.Custom(func(t *rapid.T) trace.Observation {
		o := trace.Observation{
			Actor: trace.Actor{Exe: "/usr/sbin/daemon", UID: rapid.SampledFrom([]uint32{0, 33}).Draw(t, "uid"),
				Line: "ExecStart", Phase: rapid.SampledFrom([]trace.Phase{trace.PhaseService, trace.PhaseService, trace.PhaseSetup}).Draw(t, "phase")},
			Outcome: rapid.SampledFrom([]trace.Outcome{trace.OutcomeOK, trace.OutcomeOK, trace.OutcomeOK, "ENOENT", "EACCES", "EPERM", "ENOSYS"}).Draw(t, "outcome"),
			Count:   1,
		}
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			o.Kind, o.Syscall = trace.KindSyscall, syscalls().Draw(t, "call")
		case 1:
			o.Kind, o.Capability = trace.KindCapability, capabilities().Draw(t, "capability")
		case 2:
			o.Kind, o.File = trace.KindFile, files().Draw(t, "file")
		case 3:
			o.Kind, o.Address = trace.KindAddress, addresses().Draw(t, "address")
		}
		return o
	})
}

func syscalls() *rapid.Generator[*trace.Syscall] {
	names := seccomp.Names(seccomp.ABIX86_64)
	decisive := []string{"socket", "mmap", "mprotect", "clone", "clone3", "unshare", "setns", "openat", "chmod", "sched_setscheduler", "personality", "rseq", "mseal"}
	return rapid.Custom(func(t *rapid.T) *trace.Syscall {
		s := &trace.Syscall{ABI: rapid.SampledFrom([]string{"x86_64", "x86_64", "x86_64", "i386"}).Draw(t, "abi")}
		s.Name = rapid.OneOf(rapid.SampledFrom(names), rapid.SampledFrom(decisive)).Draw(t, "name")
		for i := range rapid.IntRange(0, 4).Draw(t, "args") {
			s.Args = append(s.Args, trace.Arg{Name: "arg", Index: i,
				Value: rapid.OneOf(rapid.Uint64Range(0, 50), rapid.SampledFrom([]uint64{0x10000000, 0x20000, 0o4755, 0x80})).Draw(t, "value")})
		}
		return s
	})
}

func capabilities() *rapid.Generator[*trace.Capability] {
	return rapid.Custom(func(t *rapid.T) *trace.Capability {
		return &trace.Capability{
			Name:    rapid.SampledFrom(directive.CapabilityNames()).Draw(t, "name"),
			Syscall: rapid.SampledFrom([]string{"", "mmap", "chown", "bind"}).Draw(t, "syscall"),
			Asked:   rapid.Bool().Draw(t, "asked"), ForeignNS: rapid.Bool().Draw(t, "foreign"),
		}
	})
}

func files() *rapid.Generator[*trace.File] {
	dirs := []string{"/", "/etc", "/run", "/run/daemon", "/var/lib/daemon", "/var/log", "/var/log/daemon", "/var/cache/daemon/a/b",
		"/tmp", "/var/tmp/x", "/home/u", "/root", "/usr/lib/modules/6.1", "/dev", "/dev/shm", "/proc", "/proc/self", "/proc/[pid]",
		"/proc/sys/kernel", "/sys/fs/cgroup/a", "/srv/a b", "/opt/%n", "/var/lib/evil\n[Service]\nExecStartPre="}
	ops := []trace.FileOp{trace.OpRead, trace.OpWrite, trace.OpCreate, trace.OpMkdir, trace.OpMknod, trace.OpRemove, trace.OpRmdir,
		trace.OpRenameFrom, trace.OpRenameTo, trace.OpLinkTo, trace.OpSymlink, trace.OpChmod, trace.OpExecute, trace.OpMapExec,
		trace.OpBind, trace.OpConnect, trace.OpStat, trace.OpList}
	types := []trace.FileType{trace.TypeRegular, trace.TypeRegular, trace.TypeDirectory, trace.TypeCharDev, trace.TypeSocket}
	return rapid.Custom(func(t *rapid.T) *trace.File {
		f := &trace.File{Op: rapid.SampledFrom(ops).Draw(t, "op"), Type: rapid.SampledFrom(types).Draw(t, "type")}
		f.Path = drawPath(t, dirs)
		if f.Op == trace.OpRenameTo || f.Op == trace.OpRenameFrom || f.Op == trace.OpLinkTo {
			f.Peer = drawPath(t, dirs)
		}
		if f.Type == trace.TypeCharDev {
			f.Dev = rapid.SampledFrom([]string{"1:3", "10:200", "8:0"}).Draw(t, "dev")
		}
		if rapid.Bool().Draw(t, "owned") {
			f.Owner = &trace.Owner{UID: rapid.SampledFrom([]uint32{0, 33}).Draw(t, "owner"), Mode: rapid.SampledFrom([]uint32{0o755, 0o600, 0o4755}).Draw(t, "mode")}
			f.Parent = f.Owner
		}
		return f
	})
}

func drawPath(t *rapid.T, dirs []string) trace.Path {
	dir := rapid.SampledFrom(dirs).Draw(t, "dir")
	name := rapid.SampledFrom([]string{"a", "b", "c d", "e\"f", "\xff"}).Draw(t, "name")
	if dir == "/" {
		return trace.Path("/" + name)
	}
	return trace.Path(dir + "/" + name)
}

func addresses() *rapid.Generator[*trace.Address] {
	return rapid.Custom(func(t *rapid.T) *trace.Address {
		return &trace.Address{
			Op:     rapid.SampledFrom([]trace.AddressOp{trace.AddressBind, trace.AddressConnect, trace.AddressAccept, trace.AddressSend}).Draw(t, "op"),
			Family: "AF_INET", IP: rapid.SampledFrom([]string{"127.0.0.1", "0.0.0.0", "192.0.2.1", "::1", "::ffff:127.0.0.1"}).Draw(t, "ip"),
			Port: rapid.Uint16().Draw(t, "port"),
		}
	})
}
