// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/net/bpf"
)

// Machine runs compiled filters on calls, without a kernel.
type Machine struct {
	programs []*bpf.VM
}

// NewMachine returns a machine with the programs of one or more filters, in the
// order in which a process would install them.
func NewMachine(programs ...Program) (*Machine, error) {
	m := &Machine{}
	for _, program := range programs {
		vm, err := bpf.NewVM(program.Instructions)
		if err != nil {
			return nil, fmt.Errorf("loading a filter for %s: %w", program.ABI, err)
		}
		m.programs = append(m.programs, vm)
	}
	return m, nil
}

// Simulate returns what the kernel would answer to a call.
func (m *Machine) Simulate(c Call) (Action, error) {
	data, err := seccompData(c)
	if err != nil {
		return 0, err
	}
	answers := make([]Action, len(m.programs))
	for i, vm := range m.programs {
		answer, err := vm.Run(data)
		if err != nil {
			return 0, fmt.Errorf("running a filter: %w", err)
		}
		answers[i] = Action(answer)
	}
	return strictest(answers), nil
}

// seccompData is the call as struct seccomp_data: number, architecture, instruction
// pointer (0) and arguments. A filter loads it in words of 32 bits, in the byte
// order of the machine; the virtual machine, made for packets, loads them in
// network byte order. So each word is stored in that, while which half of an
// argument comes first is as the machine has it, and as the library compiles.
func seccompData(c Call) ([]byte, error) {
	info, ok := infos[c.ABI]
	if !ok {
		return nil, errors.New("simulating a call: no such ABI: " + c.ABI)
	}
	data := binary.BigEndian.AppendUint32(nil, uint32(c.Number)|uint32(info.SeccompMask))
	data = binary.BigEndian.AppendUint32(data, uint32(info.ID))
	data = appendHalves(data, 0)
	for _, arg := range c.Args {
		data = appendHalves(data, arg)
	}
	return data, nil
}

func appendHalves(data []byte, v uint64) []byte {
	first, second := uint32(v), uint32(v>>32)
	if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
		first, second = second, first
	}
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(data, first), second)
}
