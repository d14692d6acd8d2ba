// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"slices"

	"github.com/elastic/go-seccomp-bpf/arch"
)

// The ABIs: the ways to call the kernel. Each numbers its system calls by
// itself. The names are those of the kernel's audit architectures, and of x32,
// which shares x86_64's.
const (
	ABIX86_64  = "x86_64"
	ABII386    = "i386"
	ABIX32     = "x32"
	ABIAArch64 = "aarch64"
	ABIARM     = "arm"
)

// X32Bit is set in the number of a call that is made in the x32 ABI; the numbers
// of this package are without it. It is __X32_SYSCALL_BIT of <asm/unistd.h>.
const X32Bit = 0x40000000

// ABIs returns the ABIs that a kernel for the machine arch (as uname -m prints
// it) offers, its own first; nil for an architecture without tables here.
func ABIs(arch string) []string {
	switch arch {
	case "x86_64":
		return []string{ABIX86_64, ABII386, ABIX32}
	case "i386", "i486", "i586", "i686":
		return []string{ABII386}
	case "aarch64":
		return []string{ABIAArch64, ABIARM}
	case "armv5tel", "armv6l", "armv7l", "armv8l":
		return []string{ABIARM}
	}
	return nil
}

// Name returns the name of the system call nr of an ABI, and whether it is
// known. For x32 nr is without X32Bit.
func Name(abi string, nr int) (string, bool) {
	name, ok := tables[abi].names[nr]
	return name, ok
}

// Number returns the number of a system call in an ABI, and whether the ABI has
// it. For x32 it is without X32Bit.
func Number(abi, name string) (int, bool) {
	nr, ok := tables[abi].numbers[name]
	return nr, ok
}

// Names returns the names of all system calls of an ABI, sorted.
func Names(abi string) []string {
	names := make([]string, 0, len(tables[abi].numbers))
	for name := range tables[abi].numbers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// table is the system calls of one ABI, both ways.
type table struct {
	names   map[int]string
	numbers map[string]int
}

var tables = map[string]table{
	ABIX86_64:  newTable(arch.X86_64, probes),
	ABII386:    newTable(arch.I386),
	ABIX32:     newTable(arch.X32, probes, x32Unassigned),
	ABIAArch64: newTable(arch.AARCH64, aarch64Corrections),
	ABIARM:     newTable(arch.ARM),
}

// newTable returns the library's table with what is newer than it and with
// further changes made: number to name, "" for a number that is not assigned.
func newTable(info *arch.Info, changes ...map[int]string) table {
	t := table{map[int]string{}, map[string]int{}}
	for _, names := range append([]map[int]string{info.SyscallNumbers, newCalls}, changes...) {
		for nr, name := range names {
			t.names[nr] = name
		}
	}
	for nr, name := range t.names {
		if name == "" {
			delete(t.names, nr)
			continue
		}
		t.numbers[name] = nr
	}
	return t
}

// newCalls are the calls that came after the library's tables, which end with
// Linux 6.15. From Linux 5.1 on a new call has the same number in each of these
// ABIs.
var newCalls = map[int]string{
	468: "file_getattr",     // Linux 6.17
	469: "file_setattr",     // Linux 6.17
	470: "listns",           // Linux 6.19
	471: "rseq_slice_yield", // Linux 7.0
}

// probes are what the kernel's own trampolines call in a process in which
// somebody else has put a probe: no program makes these calls, and any may need
// them. uretprobe is of Linux 6.11, uprobe of 6.18.
var probes = map[int]string{
	335: "uretprobe",
	336: "uprobe",
}

// aarch64Corrections differ from the library, which reads the 32-bit entries of
// scripts/syscall.tbl too: aarch64 has no calls with 64-bit time of their own,
// and its number 79 is newfstatat in the headers and in libseccomp.
var aarch64Corrections = map[int]string{
	79:  "newfstatat",
	403: "", 404: "", 405: "", 406: "", 407: "", 408: "", 409: "", 410: "", 411: "", 412: "",
	413: "", 414: "", 416: "", 417: "", 418: "", 419: "", 420: "", 421: "", 422: "", 423: "",
}

// x32Unassigned are the numbers that syscall_64.tbl has for x86_64 alone; the
// library lists them for x32 as well. Calls that take pointers or longs have
// numbers from 512 on in x32.
var x32Unassigned = map[int]string{
	13: "", 15: "", 16: "", 19: "", 20: "", 45: "", 46: "", 47: "", 54: "", 55: "", 59: "", 101: "",
	127: "", 128: "", 129: "", 131: "", 134: "", 156: "", 174: "", 177: "", 178: "", 180: "", 205: "",
	206: "", 209: "", 211: "", 214: "", 215: "", 222: "", 236: "", 244: "", 246: "", 247: "", 273: "",
	274: "", 278: "", 279: "", 295: "", 296: "", 297: "", 299: "", 307: "", 310: "", 311: "", 322: "",
	327: "", 328: "",
}
