// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"

	elastic "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
)

// Program is a filter compiled for one ABI. As systemd's, it lets the calls of
// other ABIs pass: those have programs of their own.
type Program struct {
	ABI          string
	Instructions []bpf.Instruction
}

const (
	// Offsets within struct seccomp_data.
	numberOffset = 0
	archOffset   = 4
	// A conditional jump reaches 255 instructions. Rules are compiled to blocks of
	// less than that: of the library's long jumps (v1.6.0) those to anything but a
	// return go to a wrong place, or panic. A call is one instruction, a condition
	// up to five.
	callsPerBlock      = 200
	conditionsPerBlock = 48
)

// Compile compiles a filter for each of the ABIs.
func Compile(f Filter, abis ...string) ([]Program, error) {
	var programs []Program
	for _, abi := range abis {
		instructions, err := compile(&f, abi)
		if err != nil {
			return nil, fmt.Errorf("compiling a filter for %s: %w", abi, err)
		}
		programs = append(programs, Program{abi, instructions})
	}
	return programs, nil
}

func compile(f *Filter, abi string) ([]bpf.Instruction, error) {
	info, ok := infos[abi]
	if !ok {
		return nil, fmt.Errorf("no such ABI")
	}
	program := passOthers(info)
	for i := range f.Rules {
		blocks, err := compileRule(&f.Rules[i], abi, uint32(info.SeccompMask))
		if err != nil {
			return nil, err
		}
		program = append(program, blocks...)
	}
	return append(program, ret(f.Default)), nil
}

// infos are the library's names for the ABIs.
var infos = map[string]*arch.Info{
	ABIX86_64: arch.X86_64, ABII386: arch.I386, ABIX32: arch.X32, ABIAArch64: arch.AARCH64, ABIARM: arch.ARM,
}

func ret(a Action) bpf.Instruction { return bpf.RetConstant{Val: uint32(a)} }

func loadNumber() bpf.Instruction { return bpf.LoadAbsolute{Off: numberOffset, Size: 4} }

// passOthers lets the calls of other ABIs pass. x86_64 and x32 have one audit
// architecture and differ in a bit of the number.
func passOthers(info *arch.Info) []bpf.Instruction {
	program := []bpf.Instruction{
		bpf.LoadAbsolute{Off: archOffset, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(info.ID), SkipTrue: 1},
		ret(Allow),
	}
	if info.ID != arch.X86_64.ID {
		return program
	}
	ours := bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: X32Bit, SkipFalse: 1}
	if info.SeccompMask != 0 {
		ours = bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: X32Bit, SkipTrue: 1}
	}
	return append(program, loadNumber(), ours, ret(Allow))
}

func compileRule(r *Rule, abi string, mask uint32) ([]bpf.Instruction, error) {
	conditions, err := compileTests(r.When)
	if err != nil {
		return nil, err
	}
	if len(conditions) == 0 {
		return nil, nil
	}
	perBlock := callsPerBlock
	if slices.ContainsFunc(conditions, func(c elastic.ArgumentConditions) bool { return len(c) == 0 }) {
		conditions = nil
	} else {
		// A call with its tests may fill a block.
		perBlock = 1
	}
	var calls []elastic.SyscallWithConditions
	for _, number := range numbers(r.Calls, abi) {
		calls = append(calls, elastic.SyscallWithConditions{Num: number | mask, Conditions: conditions})
	}
	var program []bpf.Instruction
	for block := range slices.Chunk(calls, perBlock) {
		instructions, err := compileBlock(block, r.Action)
		if err != nil {
			return nil, err
		}
		program = append(program, instructions...)
	}
	return program, nil
}

func numbers(names []string, abi string) []uint32 {
	set := map[uint32]bool{}
	for _, name := range names {
		if nr, ok := Number(abi, name); ok {
			set[uint32(nr)] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// compileBlock compiles the comparison with some calls, and the return for those
// that match. For others the program goes on after the block. The number is loaded
// anew, as testing an argument overwrites it.
func compileBlock(calls []elastic.SyscallWithConditions, action Action) ([]bpf.Instruction, error) {
	block := elastic.NewProgram()
	matches, next := block.NewLabel(), block.NewLabel()
	for i, call := range calls {
		call.Assemble(&block, i < len(calls)-1, matches, next)
	}
	block.SetLabel(matches)
	block.Ret(elastic.Action(action))
	block.SetLabel(next)
	instructions, err := block.Assemble()
	if err != nil {
		return nil, err
	}
	return append([]bpf.Instruction{loadNumber()}, instructions...), nil
}

// compileTests returns what the tests come to: alternatives, of each of which all
// conditions must hold. No alternative never holds, an empty one always.
func compileTests(tests []Test) ([]elastic.ArgumentConditions, error) {
	all := []elastic.ArgumentConditions{nil}
	for _, t := range tests {
		if t.Index < 0 || t.Index > 5 {
			return nil, fmt.Errorf("a call has no argument %d", t.Index)
		}
		alternatives, err := t.alternatives()
		if err != nil {
			return nil, err
		}
		var product []elastic.ArgumentConditions
		for _, before := range all {
			for _, alternative := range alternatives {
				product = append(product, slices.Concat(before, alternative))
			}
		}
		all = product
		if n := len(slices.Concat(all...)); n > conditionsPerBlock {
			return nil, fmt.Errorf("a rule has too many tests: they come to %d comparisons, at most %d fit between jumps", n, conditionsPerBlock)
		}
	}
	return all, nil
}

var plainOps = map[Op]elastic.Operation{
	Equal: elastic.Equal, NotEqual: elastic.NotEqual, Greater: elastic.GreaterThan, GreaterOrEqual: elastic.GreaterOrEqual,
	Less: elastic.LessThan, LessOrEqual: elastic.LessOrEqual,
}

// alternatives expresses a test by the library's conditions, which have no masks.
func (t Test) alternatives() ([]elastic.ArgumentConditions, error) {
	masked := t.Mask != 0 && t.Mask != ^uint64(0)
	op, plain := plainOps[t.Op]
	switch {
	case masked && t.Op != Equal && t.Op != NotEqual:
		return nil, fmt.Errorf("a test with a mask can only compare for equality")
	case plain && !masked:
		return []elastic.ArgumentConditions{{t.condition(op, t.Value)}}, nil
	case t.Op == HasAny:
		return []elastic.ArgumentConditions{{t.condition(elastic.BitsSet, t.Value)}}, nil
	case t.Op == HasAll:
		return []elastic.ArgumentConditions{t.eachBit(elastic.BitsSet)}, nil
	case t.Value&^t.Mask != 0: // no masked argument is equal to it
		return map[Op][]elastic.ArgumentConditions{Equal: nil, NotEqual: {nil}}[t.Op], nil
	case t.Op == Equal:
		return []elastic.ArgumentConditions{append(t.eachBit(elastic.BitsSet), t.condition(elastic.BitsNotSet, t.Mask&^t.Value))}, nil
	}
	var different []elastic.ArgumentConditions
	for _, c := range append(t.eachBit(elastic.BitsNotSet), t.condition(elastic.BitsSet, t.Mask&^t.Value)) {
		different = append(different, elastic.ArgumentConditions{c})
	}
	return different, nil
}

func (t Test) condition(op elastic.Operation, value uint64) elastic.Condition {
	return elastic.Condition{Argument: uint32(t.Index), Operation: op, Value: value}
}

// eachBit returns a condition for each bit of the value.
func (t Test) eachBit(op elastic.Operation) elastic.ArgumentConditions {
	var conditions elastic.ArgumentConditions
	for rest := t.Value; rest != 0; rest &= rest - 1 {
		conditions = append(conditions, t.condition(op, 1<<bits.TrailingZeros64(rest)))
	}
	return conditions
}
