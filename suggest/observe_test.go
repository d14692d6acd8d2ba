// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"fmt"

	"github.com/sbxprof/sbxprof/trace"
)

// The users of the traces here.
const (
	daemonUID, daemonGID = 33, 33
	admGID               = 4
)

// daemon is a trace of a service that starts as root.
func daemon(observations ...trace.Observation) *trace.Trace {
	return &trace.Trace{
		Header: trace.Header{
			Format: trace.Format, Version: trace.MajorVersion, Starts: 1,
			Unit: trace.Unit{Name: "web.service", Fragment: "/lib/systemd/system/web.service",
				Users:  map[uint32]string{0: "root", 1: "daemon", daemonUID: "www-data"},
				Groups: map[uint32]string{0: "root", daemonGID: "www-data", admGID: "adm", 42: "shadow"}},
			Host: trace.Host{Systemd: "252", Kernel: "6.1.0", Arch: "x86_64", Features: "+SECCOMP"},
		},
		Observations: observations,
	}
}

func by(uid uint32, o trace.Observation) trace.Observation {
	o.Actor = trace.Actor{Exe: "/usr/sbin/web", UID: uid, GID: uid, Line: "ExecStart", Phase: trace.PhaseService}
	o.Count = 1
	if o.Outcome == "" {
		o.Outcome = trace.OutcomeOK
	}
	return o
}

func call(uid uint32, name string) trace.Observation {
	return by(uid, trace.Observation{Kind: trace.KindSyscall, Syscall: &trace.Syscall{ABI: "x86_64", Name: name}})
}

// flagged is a call of root's with flags as its first argument.
func flagged(name string, flags uint64) trace.Observation {
	o := call(0, name)
	o.Syscall.Args = []trace.Arg{{Name: "flags", Value: flags}}
	return o
}

// option is root's setting an option of a socket.
func option(n uint64) trace.Observation {
	o := call(0, "setsockopt")
	o.Syscall.Args = []trace.Arg{{Name: "level", Index: 1, Value: 1}, {Name: "optname", Index: 2, Value: n}}
	return o
}

// drops is a service becoming its user.
func drops() trace.Observation { return call(daemonUID, "read") }

// owned is an operation of root on a file, with owner and mode of the file and of its
// directory ("0:0 644"), "" for what is not known.
func owned(op trace.FileOp, path, file, dir string) trace.Observation {
	f := &trace.File{Op: op, Path: trace.Path(path), Type: trace.TypeRegular, Owner: ownerFrom(file), Parent: ownerFrom(dir)}
	if op == trace.OpMkdir || op == trace.OpList {
		f.Type = trace.TypeDirectory
	}
	return by(0, trace.Observation{Kind: trace.KindFile, File: f})
}

// already is root making a directory that was there.
func already(path string) trace.Observation {
	o := owned(trace.OpMkdir, path, users755, roots755)
	o.Outcome = "EEXIST"
	return o
}

// listed is a read of root's of a file with an access control list.
func listed(path, file string, list trace.ACL) trace.Observation {
	o := owned(trace.OpRead, path, file, roots755)
	o.File.Owner.ACL = list
	return o
}

// renamed is one half of a rename in the user's directory.
func renamed(path string, op trace.FileOp, peer trace.Path) trace.Observation {
	o := owned(op, path, roots644, users755)
	o.File.Peer = peer
	return o
}

func ownerFrom(s string) *trace.Owner {
	if s == "" {
		return nil
	}
	o := &trace.Owner{}
	if n, err := fmt.Sscanf(s, "%d:%d %o", &o.UID, &o.GID, &o.Mode); n != 3 || err != nil {
		panic(s)
	}
	return o
}

func capable(name string) trace.Observation {
	return by(0, trace.Observation{Kind: trace.KindCapability, Capability: &trace.Capability{Name: name, ABI: "x86_64", Syscall: "bind", Result: trace.OutcomeOK}})
}

// inCall is a capability that root needed in a call.
func inCall(name, call string) trace.Observation {
	o := capable(name)
	o.Capability.Syscall = call
	return o
}

func failed(o trace.Observation) trace.Observation {
	o.Outcome = "EPERM"
	return o
}

func as(exe trace.Path, o trace.Observation) trace.Observation {
	o.Actor.Exe = exe
	return o
}

// refused is a capability that the user does not have, and how the call ended.
func refused(name string, result trace.Outcome) trace.Observation {
	o := by(daemonUID, capable(name))
	c := *o.Capability
	c.Result = result
	o.Capability, o.Outcome = &c, "EPERM"
	return o
}

// asking is a capability that was asked for, and not checked.
func asking(o trace.Observation) trace.Observation {
	c := *o.Capability
	c.Asked, c.Syscall = true, "capset"
	o.Capability = &c
	return o
}

// refusedIn is a capability that the user does not have, in a call that went well.
func refusedIn(name, call string) trace.Observation {
	o := refused(name, trace.OutcomeOK)
	o.Capability.Syscall = call
	return o
}

func bound(port uint16) trace.Observation {
	return by(0, trace.Observation{Kind: trace.KindAddress, Address: &trace.Address{Op: trace.AddressBind, Family: "AF_INET", IP: "0.0.0.0", Port: port}})
}

const (
	roots755 = "0:0 755"
	roots644 = "0:0 644"
	users755 = "33:33 755"
)

// TestIdentity has for every rule a trace that it is about, and the nearest one that
// it is not.

// carrying is the user executing a file with a capability.
func carrying(file string) trace.Observation {
	o := by(daemonUID, owned(trace.OpExecute, file, "0:0 755", roots755))
	o.Actor.Exe, o.File.FileCaps = trace.Path(file), true
	o.File.Carries = &trace.FileCapabilities{Permitted: []string{"CAP_NET_RAW"}, Effective: true}
	return o
}

// executes is root becoming another program.
func executes(exe, file, interpreter string) trace.Observation {
	o := owned(trace.OpExecute, file, "0:0 755", roots755)
	o.Actor.Exe, o.File.Interpreter = trace.Path(exe), trace.Path(interpreter)
	return o
}
