// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"fmt"

	"github.com/cilium/ebpf"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
)

// uringCall is an operation of io_uring that names files.
type uringCall struct {
	op sbxSbxUringOp
	// function is the kernel's for it, of two arguments, from Linux 6.0 on
	// (io_uring/openclose.c and io_uring/fs.c).
	function string
	// call is the system call that does the same.
	call string
}

// uringCalls has io_openat2 first, which the programs' sections name. What it did is
// told once where io_openat calls it.
var uringCalls = []uringCall{
	{sbxSbxUringOpSBX_URING_OPENAT2, "io_openat2", "openat2"},
	{sbxSbxUringOpSBX_URING_OPENAT, "io_openat", "openat"},
	{sbxSbxUringOpSBX_URING_UNLINKAT, "io_unlinkat", "unlinkat"},
	{sbxSbxUringOpSBX_URING_MKDIRAT, "io_mkdirat", "mkdirat"},
	{sbxSbxUringOpSBX_URING_RENAMEAT, "io_renameat", "renameat2"},
	{sbxSbxUringOpSBX_URING_LINKAT, "io_linkat", "linkat"},
	{sbxSbxUringOpSBX_URING_SYMLINKAT, "io_symlinkat", "symlinkat"},
}

// uringFiles are the program that tells of a file, and the two at each of these
// functions from which it is called.
func uringFiles() program {
	tell := program{name: sbxProgSbxUringTell, via: "fexit/" + uringCalls[0].function}
	for _, c := range uringCalls {
		begin, end := tracing(sbxProgSbxUringBegin, "fentry/"+c.function), tracing(sbxProgSbxUringEnd, "fexit/"+c.function)
		begin.function, end.function = c.function, c.function
		tell.beside = append(tell.beside, end, begin)
	}
	return tell
}

// tellUringCalls tells the programs which system call each operation is like.
func tellUringCalls(spec *ebpf.CollectionSpec, machine string) error {
	var table [sbxSbxUringOpSBX_URING_OPS]uint32
	for _, c := range uringCalls {
		if nr, ok := seccomp.Number(abiNames(machine)[sbxSbxAbiSBX_ABI_NATIVE], c.call); ok {
			table[c.op] = uint32(int(sbxSbxAbiSBX_ABI_NATIVE)*callsOfABI + nr)
		}
	}
	if err := spec.Variables[sbxVarUringCalls].Set(table); err != nil {
		return fmt.Errorf("telling the programs about io_uring: %w", err)
	}
	return nil
}
