// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"github.com/sbxprof/sbxprof/trace"
)

// seen is short for what an operation's trace holds.
type seen = []trace.Observation

// call is a system call of the native ABI with those of its arguments that decide
// something.
func call(name string, args ...trace.Arg) trace.Observation {
	return byABI("x86_64", name, args)
}

func i386(name string, args ...trace.Arg) trace.Observation {
	return byABI("i386", name, args)
}

func x32(name string, args ...trace.Arg) trace.Observation {
	return byABI("x32", name, args)
}

func byABI(abi, name string, args []trace.Arg) trace.Observation {
	return trace.Observation{
		Kind:    trace.KindSyscall,
		Syscall: &trace.Syscall{ABI: abi, Name: name, Args: args},
	}
}

// arg is the register argument i.
func arg(i int, value uint64) trace.Arg {
	return trace.Arg{Index: i, Value: value}
}

// fact is an argument that was read from memory.
func fact(name string, value uint64) trace.Arg {
	return trace.Arg{Name: name, Index: -1, Value: value}
}

// file is an operation on the file of the operation's own name in the working
// area, on another one there, or on an absolute path.
func file(op trace.FileOp, path ...string) trace.Observation {
	f := &trace.File{Op: op}
	if len(path) > 0 {
		f.Path = trace.Path(path[0])
	}
	return trace.Observation{Kind: trace.KindFile, File: f}
}

func address(a trace.Address) trace.Observation {
	return trace.Observation{Kind: trace.KindAddress, Address: &a}
}

// signal is one that was sent to the process outside.
func signal(number int) trace.Observation {
	return trace.Observation{Kind: trace.KindSignal, Signal: &trace.Signal{Number: number}}
}

func ring(op string) trace.Observation {
	return trace.Observation{Kind: trace.KindIOUring, IOUring: &trace.IOUring{Op: op}, Outcome: trace.OutcomeOK}
}

// capable is a capability that was asked for and granted.
func capable(name string) trace.Observation {
	return trace.Observation{
		Kind:       trace.KindCapability,
		Capability: &trace.Capability{Name: name},
		Outcome:    trace.OutcomeOK,
	}
}

// ok is what an operation does first and what must succeed for it to go on.
func ok(o trace.Observation) trace.Observation {
	o.Outcome = trace.OutcomeOK
	return o
}

// ends is what fails with an outcome of its own, or never returns.
func ends(o trace.Observation, outcome trace.Outcome) trace.Observation {
	o.Outcome = outcome
	return o
}

// unnamed is an operation on a file that was made in a directory of the working
// area with O_TMPFILE.
func unnamed(dir string, op trace.FileOp) trace.Observation {
	o := file(op, dir+"/#[inode]")
	o.File.Unlinked = true
	return o
}

// given is an operation on a file that the program called by another name.
func given(name string, o trace.Observation) trace.Observation {
	o.File.Given = trace.Path(name)
	return o
}

// typed is an operation on something else than a regular file or a directory.
func typed(t trace.FileType, o trace.Observation) trace.Observation {
	o.File.Type = t
	return o
}
