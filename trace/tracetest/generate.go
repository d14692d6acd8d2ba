// SPDX-License-Identifier: Apache-2.0

// Package tracetest makes traces for tests and benchmarks.
package tracetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sbxprof/sbxprof/trace"
)

// Generate returns a trace of n different observations of a made-up service, the
// same for the same n and seed: some hundred system calls and capability checks,
// and for the rest files in folders that a service with a large store has. Its
// observations are in the order in which a trace is written.
func Generate(n int, seed uint64) *trace.Trace {
	g := generator{random: rand.New(rand.NewPCG(seed, 1))}
	t := &trace.Trace{Header: header()}
	for i := range n {
		t.Observations = append(t.Observations, g.observation(i, n))
	}
	return t
}

var begin = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func header() trace.Header {
	return trace.Header{
		Format: trace.Format, Version: trace.MajorVersion, Recorder: "sbxprof test", Run: "GENERATED",
		Unit: trace.Unit{
			Name:     "store.service",
			Settings: []trace.Setting{{Name: "ExecStart", Value: "/usr/sbin/stored"}},
			Commands: []trace.Command{{Line: "ExecStart", Argv: []string{"/usr/sbin/stored"}, Runs: 1}},
		},
		Host:  trace.Host{Systemd: "252.39-1~deb12u2", Features: "+SECCOMP", Kernel: "6.1.0-44-amd64", Arch: "x86_64"},
		Begin: begin, End: begin.Add(24 * time.Hour), Starts: 1,
		Sources: []trace.Source{
			{Name: "syscalls", Via: "tp_btf/sys_exit", Needed: true},
			{Name: "capabilities", Via: "fexit/cap_capable", Needed: true},
			{Name: "files", Via: "tp_btf/sys_exit", Needed: true},
		},
	}
}

type generator struct {
	random *rand.Rand
}

// observation makes the one at place i of n.
func (g *generator) observation(i, n int) trace.Observation {
	first := begin.Add(time.Duration(g.random.Int64N(int64(20 * time.Hour))))
	o := trace.Observation{
		Actor:   trace.Actor{Exe: "/usr/sbin/stored", UID: 110, GID: 115, Line: "ExecStart", Phase: trace.PhaseService},
		Outcome: trace.OutcomeOK,
		Count:   1 + g.random.Uint64N(1000),
		First:   first,
		Last:    first.Add(time.Duration(g.random.Int64N(int64(time.Hour)))),
		Example: &trace.Example{PID: 500 + g.random.Uint32N(100)},
	}
	calls := min(n/2, 300)
	switch {
	case i < calls:
		o.Kind = trace.KindSyscall
		o.Syscall = &trace.Syscall{ABI: "x86_64", Number: 1, Name: "write", Args: []trace.Arg{{Name: "fd", Index: 0, Value: uint64(i)}}}
	default:
		o.Kind = trace.KindFile
		o.File = g.file(i - calls)
	}
	return o
}

// file makes a different file for each i: below one of a hundred folders.
func (g *generator) file(i int) *trace.File {
	ops := []trace.FileOp{trace.OpRead, trace.OpWrite, trace.OpCreate, trace.OpRemove}
	return &trace.File{
		Path:   trace.Path(fmt.Sprintf("/var/lib/store/%02d/%08x/data-%07d.db", i/10000, i/100, i)),
		Op:     ops[g.random.IntN(len(ops))],
		Type:   trace.TypeRegular,
		FS:     "ext",
		Owner:  &trace.Owner{UID: 110, GID: 115, Mode: 0o640},
		Parent: &trace.Owner{UID: 110, GID: 115, Mode: 0o750},
	}
}
