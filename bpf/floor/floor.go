// SPDX-License-Identifier: Apache-2.0

// Package floor attaches programs that do nothing to the hooks that every system
// call passes: what any recorder with these hooks costs at least. It is for the
// benchmarks.
package floor

import (
	"errors"
	"fmt"
	"io"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
)

type closers []io.Closer

// Close detaches the programs.
func (c closers) Close() error {
	var errs []error
	for _, one := range c {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}

// Attach attaches an empty program to tp_btf/sys_enter and tp_btf/sys_exit each.
func Attach() (io.Closer, error) {
	var all closers
	for _, hook := range []string{"sys_enter", "sys_exit"} {
		p, err := ebpf.NewProgram(&ebpf.ProgramSpec{
			Name: "floor", Type: ebpf.Tracing, AttachType: ebpf.AttachTraceRawTp, AttachTo: hook, License: "GPL",
			Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()},
		})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("loading the empty program for %s: %w", hook, err), all.Close())
		}
		l, err := link.AttachTracing(link.TracingOptions{Program: p})
		p.Close()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("attaching the empty program to %s: %w", hook, err), all.Close())
		}
		all = append(all, l)
	}
	return all, nil
}
