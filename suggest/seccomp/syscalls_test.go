// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"testing"
)

func TestNameAndNumberAreInverse(t *testing.T) {
	for abi, table := range tables {
		if len(table.names) < 300 {
			t.Errorf("%s has %d calls only", abi, len(table.names))
		}
		if len(table.names) != len(table.numbers) {
			t.Errorf("%s has %d numbers and %d names: a name is ambiguous", abi, len(table.names), len(table.numbers))
		}
		for nr, name := range table.names {
			if got, ok := Number(abi, name); !ok || got != nr {
				t.Errorf("Number(%s, %s) = %d, %v; want %d", abi, name, got, ok, nr)
			}
		}
	}
}

func TestNumbersOfEachABI(t *testing.T) {
	for _, tt := range []struct {
		abi, name string
		nr        int
	}{
		{ABIX86_64, "read", 0}, {ABIX86_64, "execve", 59}, {ABIX86_64, "uprobe", 336},
		{ABII386, "read", 3}, {ABII386, "_llseek", 140}, {ABII386, "clock_gettime64", 403},
		{ABIX32, "read", 0}, {ABIX32, "execve", 520}, {ABIX32, "pwritev2", 547},
		{ABIAArch64, "read", 63}, {ABIAArch64, "newfstatat", 79},
		{ABIARM, "read", 3}, {ABIARM, "cacheflush", 0xf0002},
		{ABIX86_64, "mseal", 462}, {ABII386, "setxattrat", 463}, {ABIX32, "open_tree_attr", 467},
		{ABIAArch64, "file_getattr", 468}, {ABIARM, "file_setattr", 469}, {ABIX86_64, "listns", 470},
	} {
		if nr, ok := Number(tt.abi, tt.name); !ok || nr != tt.nr {
			t.Errorf("Number(%s, %s) = %d, %v; want %d", tt.abi, tt.name, nr, ok, tt.nr)
		}
		if name, ok := Name(tt.abi, tt.nr); !ok || name != tt.name {
			t.Errorf("Name(%s, %d) = %q, %v; want %s", tt.abi, tt.nr, name, ok, tt.name)
		}
	}
}

func TestUnknownCalls(t *testing.T) {
	for _, tt := range []struct {
		abi string
		nr  int
	}{{ABIX86_64, -1}, {ABIX86_64, 387}, {ABIX86_64, 520}, {ABIX32, 59}, {ABIAArch64, 403}, {"s390x", 3}, {"", 0}} {
		if name, ok := Name(tt.abi, tt.nr); ok || name != "" {
			t.Errorf("Name(%q, %d) = %q, %v; want none", tt.abi, tt.nr, name, ok)
		}
	}
	for _, tt := range []struct{ abi, name string }{
		{ABIX86_64, "nosuch"}, {ABIX86_64, ""}, {ABIX86_64, "socketcall"}, {ABIAArch64, "open"}, {ABIAArch64, "futex_time64"}, {"s390x", "read"},
	} {
		if nr, ok := Number(tt.abi, tt.name); ok || nr != 0 {
			t.Errorf("Number(%q, %q) = %d, %v; want none", tt.abi, tt.name, nr, ok)
		}
	}
}

func TestABIs(t *testing.T) {
	for machine, want := range map[string][]string{
		"x86_64":  {ABIX86_64, ABII386, ABIX32},
		"i686":    {ABII386},
		"aarch64": {ABIAArch64, ABIARM},
		"armv7l":  {ABIARM},
		"riscv64": nil,
	} {
		if got := ABIs(machine); !slices.Equal(got, want) {
			t.Errorf("ABIs(%s) = %v; want %v", machine, got, want)
		}
		for _, abi := range ABIs(machine) {
			if len(Names(abi)) == 0 {
				t.Errorf("%s has no table", abi)
			}
		}
	}
}

// TestTablesHoldTheHeaders compares with the kernel headers that are installed,
// where there are any: whatever they define is in the table.
func TestTablesHoldTheHeaders(t *testing.T) {
	define := regexp.MustCompile(`^#define __NR_(\w+) \(?(?:__X32_SYSCALL_BIT \+ )?(\d+)\)?$`)
	compared := 0
	for abi, file := range map[string]string{
		ABIX86_64:  "unistd_64.h",
		ABII386:    "unistd_32.h",
		ABIX32:     "unistd_x32.h",
		ABIAArch64: "aarch64-linux-gnu/asm/unistd_64.h",
	} {
		for _, path := range headers(t, file) {
			for _, define := range defines(t, path, define) {
				compared++
				nr, err := strconv.Atoi(define[2])
				if err != nil {
					t.Fatal(err)
				}
				if name, _ := Name(abi, nr); name != define[1] {
					t.Errorf("%s: %s %d is called %q here", path, define[1], nr, name)
				}
			}
		}
	}
	if compared == 0 {
		t.Skip("SKIPPED: no kernel headers are installed to compare with (Debian: linux-libc-dev)")
	}
	t.Logf("compared %d numbers", compared)
}

// headers returns the installed headers of that name: of any architecture where
// Debian puts them, and of x86 where others do.
func headers(t *testing.T, name string) []string {
	t.Helper()
	places := []string{"/usr/include", "/usr/include/x86_64-linux-gnu/asm"}
	if runtime.GOARCH == "amd64" || runtime.GOARCH == "386" {
		places = append(places, "/usr/include/asm")
	}
	var found []string
	for _, place := range places {
		path := filepath.Join(place, name)
		if _, err := os.Stat(path); err == nil {
			found = append(found, path)
		}
	}
	return found
}

func defines(t *testing.T, path string, define *regexp.Regexp) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var found [][]string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if m := define.FindStringSubmatch(lines.Text()); m != nil {
			found = append(found, m)
		}
	}
	return found
}
