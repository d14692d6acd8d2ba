// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"testing"

	"github.com/cilium/ebpf/asm"
)

const (
	// maxStack is what all functions on the way down from a program share up to
	// Linux 6.12; later each has as much for itself.
	maxStack = 512
	// frameUnit is what the verifier of Linux 6.1 rounds each frame up to; that of
	// 6.12 takes 16.
	frameUnit = 32
)

// TestStackFits adds up what the verifier of an older kernel does: the kernel that
// runs here may not mind.
func TestStackFits(t *testing.T) {
	for name, program := range loadSpec(t).Programs {
		depth, way := functionsOf(program.Instructions).deepest(program.Instructions.Name())
		if depth == 0 {
			t.Errorf("%s has no stack: were its instructions walked?", name)
		}
		if depth > maxStack {
			t.Errorf("%s needs %d bytes of stack, and there are %d: %v", name, depth, maxStack, way)
		}
	}
}

// function is one of a program's: how much stack it uses, and what it calls.
type function struct {
	frame int
	calls []string
}

type functions map[string]*function

// deepest returns the way down from a function that needs most stack.
func (f functions) deepest(name string) (depth int, way []string) {
	for _, callee := range f[name].calls {
		if d, w := f.deepest(callee); d > depth {
			depth, way = d, w
		}
	}
	frame := max(1, f[name].frame)
	return depth + (frame+frameUnit-1)/frameUnit*frameUnit, append([]string{name}, way...)
}

// functionsOf reads the instructions of a program and of all that it calls.
func functionsOf(instructions asm.Instructions) functions {
	starts := map[string]bool{instructions.Name(): true}
	for _, name := range instructions.FunctionReferences() {
		starts[name] = true
	}
	all := functions{}
	var current *function
	var frames map[asm.Register]bool // registers that point to the end of the frame
	for _, ins := range instructions {
		if name := ins.Symbol(); starts[name] {
			current, frames = &function{}, map[asm.Register]bool{}
			all[name] = current
		}
		if ins.IsFunctionCall() {
			current.calls = append(current.calls, ins.Reference())
		}
		current.frame = max(current.frame, reach(ins, frames))
	}
	return all
}

// reach returns how far below the end of the frame an instruction reaches.
func reach(ins asm.Instruction, frames map[asm.Register]bool) int {
	switch op := ins.OpCode; {
	case op == asm.Mov.Op(asm.RegSource):
		frames[ins.Dst] = ins.Src == asm.RFP
	case op == asm.Add.Op(asm.ImmSource) && frames[ins.Dst]:
		frames[ins.Dst] = false
		return -int(ins.Constant)
	case op.Class().IsStore() && ins.Dst == asm.RFP, op.Class().IsLoad() && ins.Src == asm.RFP:
		return -int(ins.Offset)
	}
	return 0
}
