// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"slices"
	"strings"
	"testing"
)

func TestFamily(t *testing.T) {
	for name, want := range map[string]string{
		"open":       "creat open openat openat2",
		"newfstatat": "fstat fstat64 fstatat64 lstat lstat64 newfstatat stat stat64 statx",
		"fork":       "clone clone3 fork vfork",
		"prlimit64":  "getrlimit prlimit64 setrlimit ugetrlimit",
		"setrlimit":  "prlimit64 setrlimit",
		"ppoll":      "pause poll ppoll ppoll_time64",
		"setuid":     "setuid setuid32",
		"fchown":     "chown chown32 fchown fchown32 fchownat lchown lchown32",
		"fchmod":     "fchmod",
		"read":       "read",
		"nosuchcall": "nosuchcall",
	} {
		if got := strings.Join(Family(name), " "); got != want {
			t.Errorf("Family(%s) = %s; want %s", name, got, want)
		}
	}
	if !slices.Contains(Family("socketcall"), "bind") || slices.Contains(Family("bind"), "socketcall") {
		t.Error("socketcall stands for bind, and bind must not stand for socketcall")
	}
}

// TestFamilyGrantsNoDanger holds that a family never grants a dangerous call for
// the sake of an ordinary one.
func TestFamilyGrantsNoDanger(t *testing.T) {
	for _, abi := range []string{ABIX86_64, ABII386, ABIX32, ABIAArch64, ABIARM} {
		for _, name := range Names(abi) {
			for _, member := range Family(name) {
				if Danger(member) != "" && Danger(name) == "" {
					t.Errorf("%s brings %s, which %s", name, member, Danger(member))
				}
			}
		}
	}
}

// TestTablesNameCalls finds misspelled names.
func TestTablesNameCalls(t *testing.T) {
	var all []string
	for _, family := range families {
		all = append(all, strings.Fields(family)...)
	}
	for name, calls := range multiplexed {
		all = append(append(all, name), strings.Fields(calls)...)
	}
	for name := range dangers {
		all = append(all, name)
	}
	for _, name := range append(all, AlwaysNeeded()...) {
		known := name == "sync_file_range2" // what libseccomp calls arm_sync_file_range
		for abi := range tables {
			_, ok := Number(abi, name)
			known = known || ok
		}
		if !known {
			t.Errorf("no ABI has a call %q", name)
		}
	}
}

// TestOtherTimeAndIDs holds that every call of a 32-bit ABI that is another one
// with wide times, ids or offsets is in a family with it.
func TestOtherTimeAndIDs(t *testing.T) {
	for _, name := range Names(ABII386) {
		plain := name
		for _, suffix := range []string{"_time64", "32", "64"} {
			plain = strings.TrimSuffix(plain, suffix)
		}
		if _, ok := Number(ABII386, plain); !ok || plain == name {
			continue
		}
		if !slices.Contains(Family(plain), name) {
			t.Errorf("%s is not in the family of %s", name, plain)
		}
	}
}

func TestDanger(t *testing.T) {
	for _, name := range []string{"ptrace", "bpf", "mount", "keyctl", "userfaultfd", "io_uring_setup", "perf_event_open", "unshare"} {
		if Danger(name) == "" || Weight(name) < 5 {
			t.Errorf("%s: %q, %d", name, Danger(name), Weight(name))
		}
	}
	for _, name := range []string{"read", "openat", "clone", "nosuchcall"} {
		if Danger(name) != "" || Weight(name) != 1 {
			t.Errorf("%s: %q, %d", name, Danger(name), Weight(name))
		}
	}
}
