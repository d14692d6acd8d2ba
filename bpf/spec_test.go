// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
)

func loadSpec(t *testing.T) *ebpf.CollectionSpec {
	t.Helper()
	spec, err := newSpec(Options{})
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// newestHelper is the last helper of Linux 5.15: bpf_get_branch_snapshot and
// bpf_trace_vprintk came with 5.16.
const newestHelper = asm.FnTaskPtRegs

func TestRequiredProgramsNeedNoNewerHelperThanLinux515(t *testing.T) {
	spec := loadSpec(t)
	for _, p := range required {
		program := spec.Programs[p.name]
		if program == nil {
			t.Fatalf("there is no program %s", p.name)
		}
		calls := 0
		for _, ins := range program.Instructions {
			if ins.IsKfuncCall() {
				t.Errorf("%s calls a kernel function, which tracing programs may from 5.18 on: %v", p.name, ins)
			}
			if ins.IsBuiltinCall() {
				calls++
				if helper := asm.BuiltinFunc(ins.Constant); helper > newestHelper {
					t.Errorf("%s calls %s (%d), which Linux 5.15 has not", p.name, helper, ins.Constant)
				}
			}
		}
		if calls == 0 {
			t.Errorf("%s calls no helper at all: were its instructions walked?", p.name)
		}
	}
}

func TestEveryProgramIsUsed(t *testing.T) {
	spec := loadSpec(t)
	used := map[string]bool{}
	for _, p := range required {
		used[p.name] = true
	}
	for _, s := range optionalSources {
		if s.hides == "" {
			t.Errorf("the source %s does not say what it hides", s.name)
		}
		for _, p := range s.ways {
			used[p.name] = true
			for _, b := range p.beside {
				used[b.name] = true
			}
		}
	}
	for name, p := range spec.Programs {
		if !used[name] {
			t.Errorf("the program %s (%s) is never loaded", name, p.SectionName)
		}
		if p.License != "Dual BSD/GPL" {
			t.Errorf("the license of %s is %q", name, p.License)
		}
	}
	for name := range used {
		if spec.Programs[name] == nil {
			t.Errorf("the program %s is not there", name)
		}
	}
}

func TestProgramsAreWhereTheySayTheyAre(t *testing.T) {
	spec := loadSpec(t)
	ways := slices.Clone(required)
	for _, s := range optionalSources {
		ways = append(ways, s.ways...)
	}
	for _, p := range ways {
		if section := spec.Programs[p.name].SectionName; !strings.HasPrefix(section, p.via) {
			t.Errorf("%s is in the section %s, and is said to be %s", p.name, section, p.via)
		}
	}
}

// TestRelocationsOnThisKernel relocates the required programs against this kernel's
// types, which needs no privilege.
func TestRelocationsOnThisKernel(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/btf/vmlinux"); err != nil {
		t.Skip("NOT TESTED: this kernel has no BTF")
	}
	kernel, err := btf.LoadKernelSpec()
	if err != nil {
		t.Fatal(err)
	}
	spec := loadSpec(t)
	for _, p := range required {
		var relocations []*btf.CORERelocation
		for i := range spec.Programs[p.name].Instructions {
			if r := btf.CORERelocationMetadata(&spec.Programs[p.name].Instructions[i]); r != nil {
				relocations = append(relocations, r)
			}
		}
		if _, err := btf.CORERelocate(relocations, []*btf.Spec{kernel}, binary.LittleEndian, spec.Types.TypeID); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
}

func TestEventLayout(t *testing.T) {
	var e sbxSbxEvent
	if size := binary.Size(e); size != int(unsafe.Sizeof(e)) {
		t.Errorf("an event is %d bytes in memory and %d when it is decoded", unsafe.Sizeof(e), size)
	}
}

func TestCallsAreKnown(t *testing.T) {
	known := map[string]bool{}
	for _, abi := range []string{seccomp.ABIX86_64, seccomp.ABII386, seccomp.ABIX32, seccomp.ABIAArch64, seccomp.ABIARM} {
		for _, name := range seccomp.Names(abi) {
			known[name] = true
		}
	}
	for name := range calls {
		if !known[name] {
			t.Errorf("no ABI has the system call %s", name)
		}
	}
	for name := range abiCalls {
		abi, call, _ := strings.Cut(name, " ")
		if _, ok := seccomp.Number(abi, call); !ok {
			t.Errorf("%s has no system call %s", abi, call)
		}
	}
}

func TestSpecs(t *testing.T) {
	for _, machine := range []string{"x86_64", "aarch64"} {
		table, err := specsOf(machine)
		if err != nil {
			t.Fatal(err)
		}
		native := abiNames(machine)[sbxSbxAbiSBX_ABI_NATIVE]
		at := func(name string) sbxSbxSpec {
			nr, ok := seccomp.Number(native, name)
			if !ok {
				t.Fatalf("%s has no system call %s", native, name)
			}
			return table[int(sbxSbxAbiSBX_ABI_NATIVE)*1024+nr]
		}
		if s := at("openat"); s.Kind != uint8(sbxSbxCallKindSBX_CALL_OPEN) || s.Dir[0] != 0 || s.Name[0] != 1 || s.FlagsArg != 2 || s.Op[0] != uint8(OpOpen) {
			t.Errorf("%s: openat is %+v", machine, s)
		}
		if s := at("clone3"); s.Nargs != 1 || s.Offset[0] != 0 || s.Arg[0] != 0 {
			t.Errorf("%s: clone3 is %+v", machine, s)
		}
		if s := at("getpid"); s.Kind != uint8(sbxSbxCallKindSBX_CALL_PLAIN) || s.Nargs != 0 || s.When != uint8(sbxSbxWhenSBX_AT_EXIT) {
			t.Errorf("%s: getpid is %+v", machine, s)
		}
		if s := at("exit_group"); s.When != uint8(sbxSbxWhenSBX_NEVER_RETURNS) {
			t.Errorf("%s: exit_group is %+v", machine, s)
		}
	}
}

func TestSpecOfAnotherABI(t *testing.T) {
	if f := Spec(seccomp.ABII386, "mmap"); len(f) != 1 || f[0].Index() != -1 || f[0].Offset != 8 {
		t.Errorf("the old mmap of i386 has the facts %+v", f)
	}
	if f := Spec(seccomp.ABIX86_64, "mmap"); len(f) != 1 || f[0].Index() != 2 {
		t.Errorf("mmap has the facts %+v", f)
	}
	if f := Spec(seccomp.ABIX86_64, "getpid"); f != nil {
		t.Errorf("getpid has the facts %+v", f)
	}
}
