// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
)

// Fact is an argument of a system call that decides a directive.
type Fact struct {
	// Name is what the manual calls the argument.
	Name string
	// Register is the argument's position, 0 to 5. InMemory is set when it points
	// to what counts: 32 bits at Offset. Two is set when the bits of the next argument
	// count as well.
	Register int
	InMemory bool
	Offset   uint8
	Two      bool
	// Mask has the bits that decide something.
	Mask uint32
}

// Index is the argument's position as seccomp numbers it: -1 for what a filter
// cannot see.
func (f Fact) Index() int {
	if f.InMemory {
		return -1
	}
	return f.Register
}

// call is what is recorded of one system call beyond that it was made.
type call struct {
	kind sbxSbxCallKind
	when sbxSbxWhen
	// facts are recorded if the argument ifArg has one of ifBits; those after the
	// first only if its value is one of ifFirst.
	facts   []Fact
	ifArg   int
	ifBits  uint32
	ifFirst []uint

	// flags are those of the file operation, and flagsAlways those that the call
	// implies. Without any of them there is none, if onlyIfFlags is set.
	flags       *Fact
	flagsAlways uint32
	onlyIfFlags bool
	// skipArg and skipBits are for a call that is no file operation with those bits.
	skipArg  int
	skipBits uint32

	names []name
}

// name is a name, descriptor or address that a call acts on.
type name struct {
	op Op
	// dir is the argument with the directory that a name is relative to, noArg
	// for the working directory.
	dir int
	// arg is the argument with the name; of an open descriptor its number.
	arg int
	// length is the argument with the length of an address.
	length int
}

// noArg stands for an argument that a call has not.
const noArg = 0xff

// inTwo stands for the offset of what is in an argument and the one after it
// (SBX_REGISTERS).
const inTwo = 0xfe

// Spec returns what is recorded of a system call's arguments, by its name in an
// ABI: the facts in the order in which the kernel side keeps them.
func Spec(abi, name string) []Fact { return callOf(abi, name).facts }

func callOf(abi, name string) call {
	if c, ok := abiCalls[abi+" "+name]; ok {
		return c
	}
	return calls[name]
}

// spec is the call as the kernel side has it.
func (c call) spec() (sbxSbxSpec, error) {
	s := sbxSbxSpec{Kind: uint8(c.kind), When: uint8(c.when), IfArg: noArg, IfFirst: ^uint64(0),
		FlagsArg: noArg, FlagsAlways: c.flagsAlways, SkipArg: noArg,
		Dir: [2]uint8{noArg, noArg}, Name: [2]uint8{noArg, noArg}}
	if len(c.facts) > len(s.Arg) {
		return s, fmt.Errorf("%d facts, and there is room for %d", len(c.facts), len(s.Arg))
	}
	s.Nargs = uint8(len(c.facts))
	for i, f := range c.facts {
		s.Arg[i], s.Offset[i], s.Mask[i] = uint8(f.Register), f.offset(), f.Mask
	}
	if c.ifBits != 0 {
		s.IfArg, s.IfBits = uint8(c.ifArg), c.ifBits
	}
	if c.ifFirst != nil {
		s.IfFirst = 0
		for _, v := range c.ifFirst {
			s.IfFirst |= 1 << v
		}
	}
	if c.flags != nil {
		s.FlagsArg, s.FlagsOffset, s.FlagsMask = uint8(c.flags.Register), c.flags.offset(), c.flags.Mask
	}
	if c.onlyIfFlags {
		s.OnlyIfFlags = 1
	}
	if c.skipBits != 0 {
		s.SkipArg, s.SkipBits = uint8(c.skipArg), c.skipBits
	}
	for i, n := range c.names {
		s.Dir[i], s.Name[i], s.Op[i] = uint8(n.dir), uint8(n.arg), uint8(n.op)
		if n.length != 0 {
			s.Name[1] = uint8(n.length)
		}
	}
	return s, nil
}

func (f Fact) offset() uint8 {
	switch {
	case f.InMemory:
		return f.Offset
	case f.Two:
		return inTwo
	}
	return noArg
}

// abiNames are the calling conventions of a machine (as uname -m prints it), by
// the kernel side's numbers; "" where there is none.
func abiNames(machine string) [4]string {
	switch machine {
	case "x86_64":
		return [4]string{sbxSbxAbiSBX_ABI_NATIVE: seccomp.ABIX86_64, sbxSbxAbiSBX_ABI_COMPAT: seccomp.ABII386, sbxSbxAbiSBX_ABI_X32: seccomp.ABIX32}
	case "aarch64":
		return [4]string{sbxSbxAbiSBX_ABI_NATIVE: seccomp.ABIAArch64, sbxSbxAbiSBX_ABI_COMPAT: seccomp.ABIARM}
	}
	return [4]string{}
}

// callsOfABI is the room for each ABI in that table (SBX_CALLS).
const callsOfABI = 1024

// specsOf is the table of all calls as the kernel side indexes it: by ABI and
// number.
func specsOf(machine string) ([]sbxSbxSpec, error) {
	table := make([]sbxSbxSpec, 4*callsOfABI)
	for i := range table {
		table[i], _ = call{}.spec()
	}
	for n, abi := range abiNames(machine) {
		if abi == "" {
			continue
		}
		for _, name := range seccomp.Names(abi) {
			nr, _ := seccomp.Number(abi, name)
			if nr >= callsOfABI {
				continue // arm's private calls; the kernel side does not record them
			}
			spec, err := callOf(abi, name).spec()
			if err != nil {
				return nil, fmt.Errorf("the system call %s: %w", name, err)
			}
			table[n*callsOfABI+nr] = spec
		}
	}
	return table, nil
}

// Flags of the *at calls, which the calls without "at" imply.
const (
	noFollow  = unix.AT_SYMLINK_NOFOLLOW
	removeDir = unix.AT_REMOVEDIR
)

// askable is what access(2) may ask for.
const askable = unix.R_OK | unix.W_OK | unix.X_OK

// flag makes the flags of a file operation.
func flag(register int, mask uint32) *Fact { return &Fact{Register: register, Mask: mask} }

// reg and mem make facts.
func reg(name string, register int, mask uint32) Fact {
	return Fact{Name: name, Register: register, Mask: mask}
}

func mem(name string, register int, offset uint8, mask uint32) Fact {
	return Fact{Name: name, Register: register, InMemory: true, Offset: offset, Mask: mask}
}

// byName acts on a name relative to the working directory; byNameAt to a
// directory's descriptor; byFD acts on an open file.
func byName(op Op, arg int) call { return byKind(sbxSbxCallKindSBX_CALL_NAME, op, arg) }

func byKind(kind sbxSbxCallKind, op Op, arg int) call {
	return call{kind: kind, names: []name{{op: op, dir: noArg, arg: arg}}}
}

func byNameAt(op Op, dir, arg int) call {
	return call{kind: sbxSbxCallKindSBX_CALL_NAME, names: []name{{op: op, dir: dir, arg: arg}}}
}

func byFD(op Op, arg int) call { return byKind(sbxSbxCallKindSBX_CALL_FD, op, arg) }

// byNames acts on two names.
func byNames(from, to name) call {
	return call{kind: sbxSbxCallKindSBX_CALL_NAMES, names: []name{from, to}}
}

func opens(dir, arg int, flags *Fact) call {
	return call{kind: sbxSbxCallKindSBX_CALL_OPEN, flags: flags, names: []name{{op: OpOpen, dir: dir, arg: arg}}}
}

// with returns the call with facts, flags or implied flags added.
func (c call) with(facts ...Fact) call { c.facts = facts; return c }

func (c call) flagged(register int, mask uint32) call {
	c.flags = flag(register, mask)
	return c
}

// flaggedTwice is for flags in an argument and the one after it.
func (c call) flaggedTwice(register int, mask uint32) call {
	c.flags = &Fact{Register: register, Mask: mask, Two: true}
	return c
}

func (c call) implying(flags uint32) call { c.flagsAlways = flags; return c }

// only returns the call with its facts recorded only if an argument has one of
// the bits.
func (c call) only(arg int, bits uint32) call { c.ifArg, c.ifBits = arg, bits; return c }

func plain(facts ...Fact) call { return call{facts: facts} }

func onSocket(kind sbxSbxCallKind, op Op, address, length int) call {
	return call{kind: kind, names: []name{{op: op, dir: noArg, arg: address, length: length}}}
}

func signals(process, signal int) call {
	return call{kind: sbxSbxCallKindSBX_CALL_SIGNAL, flags: flag(signal, 0x7f), names: []name{{dir: noArg, arg: process}}}
}

// merge makes one table of several; each name may be in one of them only.
func merge(tables ...map[string]call) map[string]call {
	all := map[string]call{}
	for _, t := range tables {
		for names, c := range t {
			for _, name := range strings.Fields(names) {
				all[name] = c
			}
		}
	}
	return all
}
