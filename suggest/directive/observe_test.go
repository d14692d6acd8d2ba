// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// ok completes an observation of the service's main process.
func ok(o trace.Observation) trace.Observation {
	o.Actor = trace.Actor{Exe: "/usr/sbin/daemon", Line: "ExecStart", Phase: trace.PhaseService}
	if o.Outcome == "" {
		o.Outcome = trace.OutcomeOK
	}
	o.Count = 1
	return o
}

// call is a native system call with register arguments.
func sys(name string, args ...trace.Arg) trace.Observation {
	return ok(trace.Observation{Kind: trace.KindSyscall, Syscall: &trace.Syscall{ABI: "x86_64", Name: name, Args: args}})
}

func arg(i int, v uint64) trace.Arg { return trace.Arg{Name: "arg", Index: i, Value: v} }

func file(op trace.FileOp, path string) trace.Observation {
	return ok(trace.Observation{Kind: trace.KindFile, File: &trace.File{Op: op, Path: trace.Path(path), Type: trace.TypeRegular}})
}

func capability(name, call string) trace.Observation {
	return ok(trace.Observation{Kind: trace.KindCapability,
		Capability: &trace.Capability{Name: name, ABI: "x86_64", Syscall: call, Result: trace.OutcomeOK}})
}

func failed(o trace.Observation, with trace.Outcome) trace.Observation {
	o.Outcome = with
	return o
}

func target(t *testing.T, version string) systemd.Target {
	t.Helper()
	v, err := systemd.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	return systemd.Target{Systemd: v, Kernel: systemd.KernelVersion{Major: 6, Minor: 1}, Arch: "x86_64",
		Features: systemd.ParseFeatures("+SECCOMP +BPF_FRAMEWORK +APPARMOR -SMACK")}
}

// settings reads lines as in a unit file.
func settings(lines string) []trace.Setting {
	var list []trace.Setting
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		list = append(list, trace.Setting{Name: name, Value: value})
	}
	return list
}
