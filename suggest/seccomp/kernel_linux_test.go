// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// The tests of this file load filters into the kernel that runs, and compare what
// it says with the model. They need no privilege: a process may filter itself.

const childEnv = "SBXPROF_TEST_FILTERED"

// strange are errnos that none of the calls below fails with by itself.
var strange = []Action{Errno(uint16(unix.ENOANO)), Errno(uint16(unix.EXFULL)), Errno(uint16(unix.EL2HLT))}

// harmless are calls that change nothing, whatever their arguments.
var harmless = []string{
	"getppid", "getuid", "geteuid", "getgid", "getegid", "getpgrp", "getsid", "getpgid", "getpriority", "sched_get_priority_max",
	"sched_get_priority_min", "sched_getscheduler", "umask", "alarm", "sync_file_range", "fadvise64", "ioprio_get",
}

func kernelFilters() []Filter {
	deny := CallFilter{Calls: []string{"getppid", "getsid", "nosuchcall"}, Action: strange[0], Own: map[string]Action{"getuid": strange[1]}}
	var most []string
	for _, name := range Names(ABIX86_64) {
		if name != "getpgrp" && name != "getsid" {
			most = append(most, name)
		}
	}
	allow := CallFilter{Allow: true, Calls: most, Action: strange[2]}
	arguments := Filter{Default: Allow, Rules: []Rule{
		{Calls: []string{"getpriority", "sched_get_priority_max"}, When: []Test{{Op: Equal, Mask: 0x1_0000_0003, Value: 0x1_0000_0001}}, Action: strange[0]},
		{Calls: []string{"getpgid"}, When: []Test{{Op: GreaterOrEqual, Value: 1 << 40}}, Action: strange[1]},
		{Calls: []string{"ioprio_get"}, When: []Test{{Index: 1, Op: HasAny, Value: 6}, {Op: Less, Value: 3}}, Action: strange[2]},
		{Calls: []string{"fadvise64"}, When: []Test{{Index: 3, Op: NotEqual, Value: 4}, {Index: 2, Op: HasAll, Value: 3}}, Action: strange[0]},
	}}
	return []Filter{deny.Filter(), allow.Filter(), arguments}
}

// kernelCalls are the harmless calls with various arguments; the first one of
// umask and alarm is 0.
func kernelCalls(t *testing.T) []Call {
	var calls []Call
	for _, name := range harmless {
		nr := number(t, ABIX86_64, name)
		if name == "umask" || name == "alarm" {
			calls = append(calls, Call{ABI: ABIX86_64, Number: nr})
			continue
		}
		for i, first := range interesting {
			calls = append(calls, Call{ABI: ABIX86_64, Number: nr,
				Args: [6]uint64{first, interesting[(i+3)%len(interesting)], interesting[(i+5)%len(interesting)], interesting[(i+7)%len(interesting)]}})
		}
	}
	return calls
}

func TestKernelAgrees(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("SKIPPED: the calls of this test are those of x86_64")
	}
	if os.Getenv(childEnv) == "calls" {
		reportCalls(t)
		return
	}
	filters := kernelFilters()
	m := machine(t, filters...)
	calls := kernelCalls(t)
	answers := filtered(t)
	if len(answers) != len(calls) {
		t.Fatalf("%d answers to %d calls", len(answers), len(calls))
	}
	denied := 0
	for i, c := range calls {
		want := simulate(t, m, c)
		if !want.Allows() {
			denied++
		}
		if answers[i] != want {
			t.Errorf("%+v: the kernel says %v, the machine %v", c, answers[i], want)
		}
	}
	if denied < 30 || denied > len(calls)-30 {
		t.Errorf("%d of %d calls are denied: the test tells little", denied, len(calls))
	}
}

// filtered runs this test in a process that loads the filters, and returns what
// the kernel said to each of the calls.
func filtered(t *testing.T) []Action {
	t.Helper()
	out, err := child(t, "TestKernelAgrees", "calls").Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			t.Fatalf("%v: %s%s", err, out, failed.Stderr)
		}
		t.Fatal(err)
	}
	var answers []Action
	if err := json.NewDecoder(bytes.NewReader(out)).Decode(&answers); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return answers
}

func child(t *testing.T, test, what string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$")
	cmd.Env = append(os.Environ(), childEnv+"="+what)
	return cmd
}

// reportCalls is what the child does: it prints what the kernel said as JSON.
func reportCalls(t *testing.T) {
	calls := kernelCalls(t)
	load(t, kernelFilters())
	var answers []Action
	for _, c := range calls {
		answer := Allow
		_, _, errno := syscall.RawSyscall6(uintptr(c.Number), uintptr(c.Args[0]), uintptr(c.Args[1]), uintptr(c.Args[2]), uintptr(c.Args[3]), 0, 0)
		for _, a := range strange {
			if n, _ := a.Errno(); errno == syscall.Errno(n) {
				answer = a
			}
		}
		answers = append(answers, answer)
	}
	text, err := json.Marshal(answers)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(string(text))
}

// load loads filters into the kernel, for all threads of this process.
func load(t *testing.T, filters []Filter) {
	t.Helper()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	for _, f := range filters {
		programs, err := Compile(f, ABIs("x86_64")...)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range programs {
			raw, err := bpf.Assemble(p.Instructions)
			if err != nil {
				t.Fatal(err)
			}
			program := unix.SockFprog{Len: uint16(len(raw)), Filter: (*unix.SockFilter)(unsafe.Pointer(&raw[0]))}
			_, _, errno := syscall.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
			if errno != 0 {
				t.Fatalf("loading a filter for %s: %v", p.ABI, errno)
			}
		}
	}
}

func TestKernelKills(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("SKIPPED: the call of this test is one of x86_64")
	}
	if os.Getenv(childEnv) == "killed" {
		load(t, []Filter{{Rules: []Rule{{Calls: []string{"getppid"}, Action: KillProcess}}, Default: Allow}})
		os.Getppid()
		return
	}
	err := child(t, "TestKernelKills", "killed").Run()
	var failed *exec.ExitError
	if !errors.As(err, &failed) {
		t.Fatalf("it was not killed: %v", err)
	}
	if status, ok := failed.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGSYS {
		t.Errorf("it ended with %v; want SIGSYS", err)
	}
}

// TestErrnosAreTheKernels compares the table with the kernel's headers, as Go has
// them.
func TestErrnosAreTheKernels(t *testing.T) {
	for n := uint16(1); n < 200; n++ {
		name := unix.ErrnoName(unix.Errno(n))
		number, known := ErrnoNumber(name)
		if name == "ENOTSUP" { // Go's name of EOPNOTSUPP
			name = "EOPNOTSUPP"
		}
		if ErrnoName(n) != name || known && number != n {
			t.Errorf("errno %d is %q; want %q, with number %d", n, ErrnoName(n), name, number)
		}
	}
}
