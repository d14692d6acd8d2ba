// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"testing"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
)

// TestUringCallsAreLikeSystemCalls holds that each operation has the spec of a system
// call of the kind that the programs know how to tell of.
func TestUringCallsAreLikeSystemCalls(t *testing.T) {
	for _, machine := range []string{"x86_64", "aarch64"} {
		spec := loadSpec(t)
		if err := tellUringCalls(spec, machine); err != nil {
			t.Fatal(err)
		}
		var told [sbxSbxUringOpSBX_URING_OPS]uint32
		if err := spec.Variables[sbxVarUringCalls].Get(&told); err != nil {
			t.Fatal(err)
		}
		table, err := specsOf(machine)
		if err != nil {
			t.Fatal(err)
		}
		for op, index := range told {
			c, known := uringCallOf(sbxSbxUringOp(op))
			if known != (index != 0) {
				t.Errorf("%s: operation %d has the index %d, and is it one with files: %v", machine, op, index, known)
			}
			if !known {
				continue
			}
			nr, _ := seccomp.Number(abiNames(machine)[sbxSbxAbiSBX_ABI_NATIVE], c.call)
			if want := callsOfABI*int(sbxSbxAbiSBX_ABI_NATIVE) + nr; int(index) != want {
				t.Errorf("%s: %s has the index %d, want %d", machine, c.function, index, want)
			}
			switch kind := sbxSbxCallKind(table[index].Kind); kind {
			case sbxSbxCallKindSBX_CALL_OPEN, sbxSbxCallKindSBX_CALL_NAME, sbxSbxCallKindSBX_CALL_NAMES:
			default:
				t.Errorf("%s: %s has the spec of a call of kind %d", machine, c.function, kind)
			}
		}
	}
}

func uringCallOf(op sbxSbxUringOp) (uringCall, bool) {
	for _, c := range uringCalls {
		if c.op == op {
			return c, true
		}
	}
	return uringCall{}, false
}

// TestUringFilesIsAtEveryFunction holds that each function has the program at its begin
// and the one at its end, once.
func TestUringFilesIsAtEveryFunction(t *testing.T) {
	times := map[string]int{}
	for _, p := range uringFiles().beside {
		times[p.name+" "+p.function]++
	}
	for _, c := range uringCalls {
		for _, name := range []string{sbxProgSbxUringBegin, sbxProgSbxUringEnd} {
			if n := times[name+" "+c.function]; n != 1 {
				t.Errorf("%s is attached to %s %d times", name, c.function, n)
			}
		}
	}
	if len(times) != 2*len(uringCalls) {
		t.Errorf("they are attached to %v", times)
	}
}

// TestProgramsBesideAreNeeded holds that of a source nothing stays attached when a
// program that it needs cannot be.
func TestProgramsBesideAreNeeded(t *testing.T) {
	r := startWatch(t, Options{}).r
	spec := loadSpec(t)
	links, collections := len(r.links), len(r.optional)
	p := tracing(sbxProgSbxSignal, "tp_btf/signal_generate")
	beside := tracing(sbxProgSbxUringRequest, "tp_btf/io_uring_submit_req")
	beside.function = "sbxprof_no_such_hook"
	p.beside = []program{beside}
	if err := r.loadOptional(spec, p, nil); err == nil {
		t.Fatal("a tracepoint that is not there was attached to")
	}
	if len(r.links) != links || len(r.optional) != collections {
		t.Errorf("%d links and %d collections stay", len(r.links)-links, len(r.optional)-collections)
	}
	p.beside = nil
	if err := r.loadOptional(spec, p, nil); err != nil {
		t.Fatal(err)
	}
	if len(r.links) == links || len(r.optional) == collections {
		t.Error("without it nothing was attached")
	}
}
