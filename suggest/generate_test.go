// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"path"

	"pgregory.net/rapid"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/trace"
)

// traces draws traces of a service under hardly any sandbox.
func traces() *rapid.Generator[*trace.Trace] {
	return rapid.Custom(func(t *rapid.T) *trace.Trace {
		return &trace.Trace{
			Header: trace.Header{
				Format: trace.Format, Version: trace.MajorVersion, Starts: 1,
				Unit: trace.Unit{Name: "daemon.service", Users: map[uint32]string{0: "root", 33: "www-data"},
					Groups: map[uint32]string{0: "root", 33: "www-data", 4: "adm", 42: "shadow"}, Settings: unitSettings().Draw(t, "settings")},
				Host: trace.Host{Systemd: rapid.SampledFrom([]string{"237", "247.3", "252.39-1~deb12u2", "257.13", "262.1"}).Draw(t, "systemd"),
					Kernel: "6.1.0", Arch: "x86_64", Features: "+SECCOMP +BPF_FRAMEWORK"},
			},
			Observations: rapid.SliceOfN(observations(), 0, 40).Draw(t, "observations"),
		}
	})
}

// unitSettings draws what the unit itself says.
func unitSettings() *rapid.Generator[[]trace.Setting] {
	return rapid.SliceOfNDistinct(rapid.SampledFrom([]trace.Setting{
		{Name: "ExecStart", Value: "/usr/sbin/daemon"}, {Name: "ExecReload", Value: "/bin/kill -HUP $MAINPID"},
		{Name: "ExecStop", Value: "-/bin/kill $MAINPID"}, {Name: "RuntimeDirectory", Value: "daemon"}, {Name: "StateDirectory", Value: "daemon"},
		{Name: "PrivateTmp", Value: "no"}, {Name: "ProtectSystem", Value: "full"}, {Name: "CapabilityBoundingSet", Value: "~CAP_SYS_TIME"},
		{Name: "SupplementaryGroups", Value: "adm"}, {Name: "UMask", Value: "0027"},
	}), 0, 4, func(s trace.Setting) string { return s.Name })
}

func observations() *rapid.Generator[trace.Observation] {
	return rapid.Custom(func(t *rapid.T) trace.Observation {
		o := trace.Observation{
			Actor: trace.Actor{Exe: "/usr/sbin/daemon", UID: rapid.SampledFrom([]uint32{0, 33}).Draw(t, "uid"),
				Line: rapid.SampledFrom([]string{"ExecStart", "ExecStart", "ExecStartPre", "ExecReload", "ExecStop", ""}).Draw(t, "line"), Phase: rapid.SampledFrom([]trace.Phase{trace.PhaseService, trace.PhaseService, trace.PhaseSetup}).Draw(t, "phase")},
			Outcome: rapid.SampledFrom([]trace.Outcome{trace.OutcomeOK, trace.OutcomeOK, trace.OutcomeOK, "ENOENT", "EACCES", "EPERM", "ENOSYS"}).Draw(t, "outcome"),
			Count:   1,
		}
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			o.Kind, o.Syscall = trace.KindSyscall, syscalls().Draw(t, "call")
		case 1:
			o.Kind, o.Capability = trace.KindCapability, capabilities().Draw(t, "capability")
		case 2:
			o.Kind, o.File = trace.KindFile, files().Draw(t, "file")
		case 3:
			o.Kind, o.Address = trace.KindAddress, addresses().Draw(t, "address")
		case 4:
			o.Kind, o.Signal = trace.KindSignal, &trace.Signal{Number: rapid.IntRange(0, 15).Draw(t, "signal"), UID: rapid.SampledFrom([]uint32{0, 33, 1000}).Draw(t, "target")}
		case 5:
			o.Kind, o.IOUring = trace.KindIOUring, &trace.IOUring{Op: rapid.SampledFrom([]string{"openat", "send", "unlinkat", "connect"}).Draw(t, "op")}
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
			Syscall: rapid.SampledFrom([]string{"", "mmap", "chown", "bind", "kill", "newfstatat", "openat", "access", "prctl", "clone"}).Draw(t, "syscall"),
			Asked:   rapid.Bool().Draw(t, "asked"), ForeignNS: rapid.Bool().Draw(t, "foreign"),
		}
	})
}

func files() *rapid.Generator[*trace.File] {
	dirs := []string{"/", "/etc", "/run", "/run/daemon", "/var/lib/daemon", "/var/log", "/var/log/daemon", "/var/cache/daemon/a/b",
		"/tmp", "/var/tmp/x", "/home/u", "/root", "/usr/lib/modules/6.1", "/dev", "/dev/shm", "/proc", "/proc/self", "/proc/[pid]",
		"/proc/sys/kernel", "/etc/ssh", "/usr/bin", "/var/spool/daemon", "/var/cache", "/sys/fs/cgroup/a", "/srv/a b", "/opt/%n", "/var/lib/evil\n[Service]\nExecStartPre="}
	ops := []trace.FileOp{trace.OpRead, trace.OpWrite, trace.OpCreate, trace.OpMkdir, trace.OpMknod, trace.OpRemove, trace.OpRmdir,
		trace.OpRenameFrom, trace.OpRenameTo, trace.OpLinkTo, trace.OpSymlink, trace.OpChmod, trace.OpExecute, trace.OpMapExec,
		trace.OpBind, trace.OpConnect, trace.OpStat, trace.OpList, trace.OpChown, trace.OpTruncate, trace.OpMount, trace.OpIoctl, trace.OpXattr,
		trace.OpAskRead, trace.OpAskWrite, trace.OpAskExecute}
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
			f.Owner, f.Parent = anOwner().Draw(t, "owner"), anOwner().Draw(t, "parent")
		}
		switch rapid.IntRange(0, 15).Draw(t, "odd") {
		case 0:
			f.Partial = true
		case 1:
			f.Chroot = true
		case 2:
			f.Path, f.Folded = trace.Path(path.Join(path.Dir(string(f.Path)), "*")), true
		case 3:
			f.FileCaps = true
			if carried := rapid.SampledFrom([]string{"", "CAP_NET_RAW", "CAP_MKNOD", "CAP_KILL"}).Draw(t, "carried"); carried != "" {
				f.Carries = &trace.FileCapabilities{Permitted: []string{carried}, Effective: rapid.Bool().Draw(t, "effective")}
			}
		case 4:
			f.Given = drawPath(t, dirs)
		}
		return f
	})
}

func anOwner() *rapid.Generator[*trace.Owner] {
	return rapid.Custom(func(t *rapid.T) *trace.Owner {
		return &trace.Owner{UID: rapid.SampledFrom([]uint32{0, 33}).Draw(t, "uid"), GID: rapid.SampledFrom([]uint32{0, 4, 33, 42}).Draw(t, "gid"),
			Mode: rapid.SampledFrom([]uint32{0o755, 0o750, 0o700, 0o644, 0o640, 0o600, 0o4755, 0o1777}).Draw(t, "mode")}
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
			Family: "AF_INET", IP: rapid.SampledFrom([]string{"127.0.0.1", "0.0.0.0", "192.0.2.1", "10.1.2.3", "198.41.0.4", "fe80::1", "::1", "::ffff:127.0.0.1"}).Draw(t, "ip"),
			Port: rapid.Uint16().Draw(t, "port"),
		}
	})
}
