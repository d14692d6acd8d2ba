// SPDX-License-Identifier: Apache-2.0

package main

import "strings"

// peer is another tracer, which starts the loop. What it writes goes to a file: that
// is what it is for.
type peer struct {
	name string
	args []string
	work work
	// stops is set if the loop waits for the tracer at every call: what a call costs is
	// then the time that passes. Elsewhere it is the thread's own CPU time.
	stops bool
}

var peers = []peer{
	{byStrace, []string{"strace", "-f", "-o", "strace.out", "--"}, slow, true},
	{"strace -f --seccomp-bpf -e trace=file", []string{"strace", "-f", "--seccomp-bpf", "-e", "trace=file", "-o", "strace.out", "--"}, slow, true},
	{"perf trace -s", []string{"perf", "trace", "-s", "-o", "/dev/null", "--"}, slow, false},
	{byBPF, []string{"bpftrace", "-e", "tracepoint:raw_syscalls:sys_enter { @[comm, args->id] = count(); }", "-c"}, fast, false},
}

// tracerCommand is a command that runs the loop under a tracer, in a mount namespace of
// its own: perf and bpftrace look for tracefs in places where not every system has it.
func tracerCommand(tracer, loop []string) []string {
	const script = `mount --make-rprivate /
mount -t tracefs tracefs /sys/kernel/tracing
[ ! -d /sys/kernel/debug ] || mount -t debugfs debugfs /sys/kernel/debug
exec "$@"`
	args := append([]string{"sh", "-ec", script, "sh"}, tracer...)
	if tracer[len(tracer)-1] == "-c" {
		return append(args, strings.Join(loop, " "))
	}
	return append(args, loop...)
}
