// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/sbxprof/sbxprof/trace"
)

// program is one program and where it is attached.
type program struct {
	name   string
	via    string
	attach func(*ebpf.Program) ([]io.Closer, error)
	// function is where it is attached if that is not what its section names.
	function string
	// beside are the programs without which it sees nothing, or not all.
	beside []program
}

// attachTracing attaches to a raw tracepoint with types, or to a function.
func attachTracing(p *ebpf.Program) ([]io.Closer, error) {
	l, err := link.AttachTracing(link.TracingOptions{Program: p})
	if err != nil {
		return nil, err
	}
	return []io.Closer{l}, nil
}

func tracing(name, via string) program { return program{name: name, via: via, attach: attachTracing} }

// entry is attached while it is needed, see entries.
var entry = tracing(sbxProgSbxSysEnter, "tp_btf/sys_enter")

// required are the programs without which nothing is recorded, in the order in
// which they are attached: first what tells whose a task is.
var required = []program{
	tracing(sbxProgSbxMkdir, "tp_btf/cgroup_mkdir"),
	tracing(sbxProgSbxRmdir, "tp_btf/cgroup_rmdir"),
	tracing(sbxProgSbxAttach, "tp_btf/cgroup_attach_task"),
	tracing(sbxProgSbxFork, "tp_btf/sched_process_fork"),
	tracing(sbxProgSbxExec, "tp_btf/sched_process_exec"),
	tracing(sbxProgSbxExit, "tp_btf/sched_process_exit"),
	entry,
	tracing(sbxProgSbxSysExit, "tp_btf/sys_exit"),
	{name: sbxProgSbxTasks, via: "iter/task"},
	{name: sbxProgSbxSelf, via: "raw_tp"},
}

// attachable are the required programs but those that are run otherwise.
func attachable() []program {
	return slices.DeleteFunc(slices.Clone(required), func(p program) bool { return p.attach == nil })
}

// source is one thing to see, with the ways to see it, the best first.
type source struct {
	name   string
	hides  string
	needed bool
	ways   []program
}

var optionalSources = []source{
	{
		name: "capabilities", needed: true,
		hides: "which capabilities the unit needs",
		ways: []program{
			tracing(sbxProgSbxCheckFunction, "fexit/cap_capable"),
			tracing(sbxProgSbxCheckTracepoint, "tp_btf/cap_capable"),
		},
	},
	{
		name:  "signals",
		hides: "signals to processes outside of the unit",
		ways:  []program{tracing(sbxProgSbxSignal, "tp_btf/signal_generate")},
	},
	{
		name:  "io_uring",
		hides: "operations that are submitted through io_uring, without a system call of their own",
		ways: []program{
			tracing(sbxProgSbxUringRequest, "tp_btf/io_uring_submit_req"),
			tracing(sbxProgSbxUringEntry, "tp_btf/io_uring_submit_sqe"),
		},
	},
	{
		name:  "uring_files",
		hides: "the files that are opened, made, renamed, linked and removed through io_uring",
		ways:  []program{uringFiles()},
	},
}

// requiredSources are what the required programs see.
var requiredSources = []trace.Source{
	{Name: "syscalls", Via: "tp_btf/sys_enter, tp_btf/sys_exit", Needed: true},
	{Name: "files", Via: "tp_btf/sys_exit", Needed: true},
	{Name: "addresses", Via: "tp_btf/sys_exit"},
}

// choose tries the ways one after the other, until one loads and attaches.
func (s source) choose(try func(program) error) trace.Source {
	result := trace.Source{Name: s.name, Needed: s.needed}
	var why []string
	for _, p := range s.ways {
		err := try(p)
		if err == nil {
			result.Via = p.via
			return result
		}
		why = append(why, fmt.Sprintf("%s: %v", p.via, firstLine(err)))
	}
	result.Missing, result.Hides = strings.Join(why, "; "), s.hides
	return result
}

// memlockHint is what the library says of every EPERM. Since Linux 5.11 the limit does not
// count what BPF takes.
const memlockHint = " (MEMLOCK may be too low, consider rlimit.RemoveMemlock)"

// firstLine is an error's text without the verifier's log, and without misleading advice.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.ReplaceAll(line, memlockHint, "")
}
