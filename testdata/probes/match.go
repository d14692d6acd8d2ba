// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"encoding/json"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// Match compares what was recorded of one operation, run as root and with the
// outcome that is usual, with what the table expects: a line for each observation
// that is missing, and for each one in the service's phase that should not be
// there. It is empty if the recording is exact.
func Match(op Operation, recorded []trace.Observation) []string {
	expected, perhaps := expectedOf(op), perhapsOf(op)
	met := make([]bool, len(expected))
	var differences []string
	for _, o := range recorded {
		if o.Actor.Phase != trace.PhaseService {
			continue
		}
		known := inFrame(o) || slices.ContainsFunc(perhaps, func(p trace.Observation) bool { return isPerhaps(p, o) })
		for i, e := range expected {
			if matches(e, o) {
				met[i], known = true, true
			}
		}
		if !known {
			differences = append(differences, "unexpected: "+describe(o))
		}
	}
	for i, e := range expected {
		if !met[i] {
			differences = append(differences, "missing: "+describe(e))
		}
	}
	if op.Capability != "" && !granted(op.Capability, recorded) {
		differences = append(differences, "missing: a check that grants "+op.Capability)
	}
	return differences
}

// granted tells whether one of the capabilities was asked for and granted.
func granted(capabilities string, recorded []trace.Observation) bool {
	return slices.ContainsFunc(recorded, func(o trace.Observation) bool {
		return o.Actor.Phase == trace.PhaseService && o.Capability != nil && o.Outcome == trace.OutcomeOK &&
			slices.Contains(strings.Split(capabilities, "|"), o.Capability.Name)
	})
}

// expectedOf is what the table says, with the outcomes and paths filled in.
func expectedOf(op Operation) []trace.Observation {
	outcome := trace.Outcome(op.Outcomes(true)[0])
	expected := slices.Clone(op.Expect)
	for i := range expected {
		e := &expected[i]
		if e.Outcome == "" {
			e.Outcome = outcome
		}
		if e.File != nil {
			file := *e.File
			file.Path = inArea(op, file.Path)
			if file.Given != "" {
				file.Given = inArea(op, file.Given)
			}
			e.File = &file
		}
	}
	return expected
}

// perhapsOf is what may be there besides. Which of several capabilities that each
// are enough is asked for depends on the kernel.
func perhapsOf(op Operation) []trace.Observation {
	perhaps := slices.Clone(op.Perhaps)
	for name := range strings.SplitSeq(op.Capability, "|") {
		perhaps = append(perhaps, capable(name))
	}
	return perhaps
}

func isPerhaps(p, o trace.Observation) bool {
	p.Outcome = o.Outcome
	return matches(p, o)
}

func inArea(op Operation, p trace.Path) trace.Path {
	switch {
	case p == "":
		return trace.Path(path.Join(Area, op.Name))
	case strings.HasPrefix(string(p), "/"):
		return p
	}
	return trace.Path(Area+"/") + p
}

// inFrame tells what every recording of an operation holds, whatever it is: the
// program is executed, and it ends.
func inFrame(o trace.Observation) bool {
	switch {
	case o.Syscall != nil:
		s := o.Syscall
		return s.Name == "exit_group" && o.Outcome == trace.OutcomeUnfinished ||
			s.Name == "execve" && o.Outcome == trace.OutcomeOK
	case o.File != nil:
		return o.File.Op == trace.OpExecute && o.File.Path == o.Actor.Exe
	case o.Capability != nil:
		return opportunistic(o)
	}
	return false
}

// opportunistic checks grant nothing that an operation would fail without.
func opportunistic(o trace.Observation) bool {
	// What may be reserved when memory is short: the kernel asks for CAP_SYS_ADMIN each
	// time. There is one stack for each call and capability, and not always.
	c := o.Capability
	return slices.Contains(c.Stack, "security_vm_enough_memory_mm") ||
		len(c.Stack) == 0 && c.Name == "CAP_SYS_ADMIN" && slices.Contains(memoryCalls, c.Syscall)
}

var memoryCalls = []string{"mmap", "mmap2", "mprotect", "pkey_mprotect", "mremap", "brk", "execve", "execveat", "fork", "vfork", "clone", "clone3"}

// matches tells whether o is what was expected.
func matches(expected, o trace.Observation) bool {
	if expected.Kind != o.Kind || expected.Outcome != o.Outcome {
		return false
	}
	switch {
	case expected.Syscall != nil:
		return sameCall(expected.Syscall, o.Syscall)
	case expected.File != nil:
		return sameFile(expected.File, o.File)
	case expected.Address != nil:
		return sameAddress(expected.Address, o.Address)
	case expected.Signal != nil:
		return expected.Signal.Number == o.Signal.Number
	case expected.IOUring != nil:
		return expected.IOUring.Op == o.IOUring.Op
	case expected.Capability != nil:
		return expected.Capability.Name == o.Capability.Name && (o.Capability.Asked || !expected.Capability.Asked)
	}
	return false
}

func sameCall(expected, s *trace.Syscall) bool {
	if expected.ABI != s.ABI || expected.Name != s.Name || s.Filtered {
		return false
	}
	for _, a := range expected.Args {
		value, ok := s.Arg(a.Index)
		if a.Index < 0 {
			value, ok = s.Fact(a.Name)
		}
		if !ok || value != a.Value {
			return false
		}
	}
	return true
}

func sameFile(expected, f *trace.File) bool {
	return expected.Op == f.Op && expected.Path == f.Path && !f.Partial &&
		expected.Chroot == f.Chroot && expected.Unlinked == f.Unlinked && expected.Given == f.Given &&
		(expected.Type == "" || expected.Type == f.Type) &&
		(expected.Interpreter == "" || expected.Interpreter == f.Interpreter) &&
		expected.Request == f.Request && expected.FileCaps == f.FileCaps && reflect.DeepEqual(expected.Carries, f.Carries)
}

// sameAddress leaves the protocol aside, and the port of a peer that connected,
// which the kernel chose.
func sameAddress(expected, a *trace.Address) bool {
	e, b := *expected, *a
	e.Protocol, b.Protocol = 0, 0
	if e.Type == "" {
		b.Type = ""
	}
	if e.Op == trace.AddressAccept {
		b.Port = 0
	}
	return e == b
}

// describe is an observation in a line.
func describe(o trace.Observation) string {
	what := map[trace.Kind]any{trace.KindSyscall: o.Syscall, trace.KindFile: o.File, trace.KindAddress: o.Address,
		trace.KindSignal: o.Signal, trace.KindIOUring: o.IOUring, trace.KindCapability: o.Capability, trace.KindMove: o.Move}
	text, err := json.Marshal(what[o.Kind])
	if err != nil {
		text = []byte(err.Error())
	}
	return fmt.Sprintf("%s %s: %s", o.Kind, text, o.Outcome)
}
