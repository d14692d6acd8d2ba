// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"fmt"
	"maps"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"golang.org/x/sys/unix"
)

// preemptible tells whether tasks can be preempted while a program at a tracepoint
// runs for them, so that the kernel leaves the program out for others on that CPU:
// Linux 7.2, which takes sleepable programs there.
func preemptible() bool {
	p, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Type: ebpf.Tracing, AttachType: ebpf.AttachTraceRawTp, AttachTo: "sys_enter", Flags: unix.BPF_F_SLEEPABLE,
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()}, License: "Dual BSD/GPL",
	})
	if err != nil {
		return false
	}
	p.Close()
	return true
}

// again is the programs once more, those that have their turn after the first ones.
// All maps are theirs together, but the one with the turn.
func again(programs *ebpf.CollectionSpec, first map[string]*ebpf.Map, cache *btf.Cache) (*ebpf.Collection, error) {
	s := programs.Copy()
	if err := s.Variables[sbxVarTurn].Set(uint32(1)); err != nil {
		return nil, fmt.Errorf("telling the programs their turn: %w", err)
	}
	shared := maps.Clone(first)
	delete(shared, ".rodata")
	return ebpf.NewCollectionWithOptions(s, ebpf.CollectionOptions{MapReplacements: shared, Cache: cache})
}
