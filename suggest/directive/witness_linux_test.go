// SPDX-License-Identifier: Apache-2.0

package directive_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// filteredEnv has the test load the filters and print what was denied.
const filteredEnv = "SBXPROF_TEST_FILTERED"

// strange is an error that no call below fails with by itself: it stands for those that the
// suggested filters answer with, which the kernel answers with as well.
const strange = "ENOANO"

// harmless are calls that do nothing if all of their arguments are -1.
var harmless = []string{
	"getppid", "getuid", "getpgrp", "umask", "read", "write", "openat", "stat", "access", "socket", "bind", "chmod", "fchmodat", "mkdirat", "mknod",
	"setuid", "setgroups", "setpriority", "sched_setscheduler", "capset", "mount", "umount2", "pivot_root", "chroot", "chown", "swapon", "swapoff",
	"keyctl", "add_key", "request_key", "pkey_free", "delete_module", "setns", "unshare", "process_vm_readv", "ptrace", "perf_event_open", "bpf",
	"userfaultfd", "io_setup", "io_uring_setup", "clock_settime", "settimeofday", "adjtimex", "kcmp", "name_to_handle_at", "sethostname", "reboot",
	"iopl", "ioperm", "syslog",
}

// TestKernelAgreesWithSuggestions loads what is suggested for a saved trace into the kernel
// that runs, and compares which calls it denies with what the model says. That needs no
// privilege: a process may filter itself.
func TestKernelAgreesWithSuggestions(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("SKIPPED: the calls of this test are those of x86_64")
	}
	for _, level := range []directive.Level{directive.Safe, directive.Standard} { // the runtime of Go does more than strict allows
		t.Run(levelNames[level], func(t *testing.T) {
			rules := strangers(suggested(t, level))
			if os.Getenv(filteredEnv) != "" {
				loadRules(t, rules)
				printDenied(t)
				return
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKernelAgreesWithSuggestions$/^"+levelNames[level]+"$")
			cmd.Env = append(os.Environ(), filteredEnv+"=yes")
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			var got []string
			if err := json.NewDecoder(bytes.NewReader(out)).Decode(&got); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			var want []string
			for _, name := range harmless {
				if slices.ContainsFunc(rules, func(r directive.Rule) bool { return r.Denies(asked(name)) == strange }) {
					want = append(want, name)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("the kernel denies %v\nand the model %v", got, want)
			}
			if len(want) < 10 || len(want) > len(harmless)-10 {
				t.Errorf("%d of %d calls are denied: the test tells little", len(want), len(harmless))
			}
		})
	}
}

var levelNames = map[directive.Level]string{directive.Safe: "safe", directive.Standard: "standard"}

// suggested are the rules about system calls of what is suggested for lighttpd.
func suggested(t *testing.T, level directive.Level) []directive.Rule {
	t.Helper()
	tr, err := trace.ReadFile("../../testdata/traces/lighttpd-bookworm.trace")
	if err != nil {
		t.Fatal(err)
	}
	target, err := systemd.TargetOf(tr.Header.Host)
	if err != nil {
		t.Fatal(err)
	}
	p, err := suggest.Suggest(tr, suggest.Options{Level: level})
	if err != nil {
		t.Fatal(err)
	}
	return directive.NewModel().Sandbox(p.Settings(), target, directive.NewScene(tr.Observations)).CallRules()
}

// strangers are the rules that are filters of native calls, with an answer that can be told
// from all others.
func strangers(rules []directive.Rule) []directive.Rule {
	var list []directive.Rule
	for _, rule := range rules {
		switch r := rule.(type) {
		case *directive.FilterRule:
			with := *r
			with.Action = strange
			list = append(list, &with)
		case *directive.CallRule:
			if checkable(r.Outcome) && len(r.Calls) > 0 {
				with := *r
				with.Outcome = strange
				list = append(list, &with)
			}
		}
	}
	return list
}

// asked is a call whose arguments are all -1.
func asked(name string) *trace.Observation {
	s := &trace.Syscall{ABI: seccomp.ABIX86_64, Name: name}
	s.Number, _ = seccomp.Number(s.ABI, name)
	for i := range 6 {
		s.Args = append(s.Args, trace.Arg{Index: i, Value: ^uint64(0)})
	}
	return &trace.Observation{Kind: trace.KindSyscall, Syscall: s, Outcome: trace.OutcomeOK}
}

// printDenied makes the calls, and prints as JSON which of them were denied.
func printDenied(t *testing.T) {
	var denied []string
	for _, name := range harmless {
		nr := uintptr(asked(name).Syscall.Number)
		if _, _, errno := syscall.RawSyscall6(nr, ^uintptr(0), ^uintptr(0), ^uintptr(0), ^uintptr(0), ^uintptr(0), ^uintptr(0)); errno == unix.ENOANO {
			denied = append(denied, name)
		}
	}
	text, err := json.Marshal(denied)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(string(text))
}

// loadRules loads the filters for native calls, for all threads of this process.
func loadRules(t *testing.T, rules []directive.Rule) {
	t.Helper()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	for _, rule := range rules {
		filter, _ := filterOf(t, rule)
		programs, err := seccomp.Compile(filter, seccomp.ABIX86_64)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range programs {
			raw, err := bpf.Assemble(p.Instructions)
			if err != nil {
				t.Fatal(err)
			}
			program := unix.SockFprog{Len: uint16(len(raw)), Filter: (*unix.SockFilter)(unsafe.Pointer(&raw[0]))}
			if _, _, errno := syscall.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program))); errno != 0 {
				t.Fatalf("loading a filter: %v", errno)
			}
		}
	}
}
