// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/trace"
)

// TestStrace compares the system calls that the table names with what strace sees:
// exactly those, as often, with these outcomes.
func TestStrace(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil && os.Getenv(insideVariable) == "" {
		t.Skip("SKIPPED: there is no second witness: install strace")
	}
	if !inside(t) {
		return
	}
	outside := outsider(t)
	if err := PrepareArea("/", Area, 0); err != nil {
		t.Fatal(err)
	}
	for _, op := range Table {
		t.Run(op.Name, func(t *testing.T) { checkCalls(t, op, outside) })
	}
}

func checkCalls(t *testing.T, op Operation, outside int) {
	outcome, got := straced(t, op.Name, outside)
	if usual := op.Outcomes(true)[0]; outcome != usual && !isTracing(op) {
		t.Skipf("SKIPPED: it ended with %s here, where %s is usual (%s)", outcome, usual, op.Kernel)
	}
	var want []string
	for _, o := range op.Expect {
		if o.Kind != trace.KindSyscall {
			continue
		}
		end := string(o.Outcome)
		if end == "" {
			end = outcome
		}
		want = append(want, fmt.Sprintf("%s %d %s", o.Syscall.ABI, number(o.Syscall), end))
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls in the table (-) and seen by strace (+):\n%s", diff)
	}
}

// isTracing tells that the operation's outcome is another one when it is traced.
func isTracing(op Operation) bool {
	return strings.HasPrefix(op.Name, "ptrace_")
}

// unknownNumber is that of the one call that has no name.
const unknownNumber = 999

func number(s *trace.Syscall) int {
	if nr, ok := seccomp.Number(s.ABI, s.Name); ok {
		return nr
	}
	return unknownNumber
}

// straced runs an operation under strace and returns its outcome and its calls, as
// "ABI number outcome", in no order, without those of the frame.
func straced(t *testing.T, name string, outside int) (string, []string) {
	t.Helper()
	cmd := exec.Command(oldRoot+"/usr/bin/strace", "-f", "-n", "--quiet=attach", Program, "--exec", name)
	var log strings.Builder // only there does strace say which ABI a process uses
	cmd.Env, cmd.Stderr = environment(outside), &log
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcomeOf(cmd.ProcessState.ExitCode()), parseStrace(log.String())
}

var (
	// [NUMBER] NAME(… or [NUMBER] <... NAME resumed>…, after [pid PID] if there are
	// several processes.
	straceCall   = regexp.MustCompile(`^(?:\[pid +(\d+)\] )?\[ *(\d+)\] (<\.\.\. )?(\w+)[( ]`)
	straceMode   = regexp.MustCompile(`^(?:\[pid +(\d+)\] )?.*runs in (64 bit|32 bit|x32) mode`)
	straceResult = regexp.MustCompile(`.* = (\S+)(?: ([A-Z][A-Z0-9]+) \(.*\))?`)
	straceABIs   = map[string]string{"64 bit": "x86_64", "32 bit": "i386", "x32": "x32"}
)

func parseStrace(text string) []string {
	var calls []string
	abis := map[string]string{} // by process
	for line := range strings.Lines(text) {
		if mode := straceMode.FindStringSubmatch(line); mode != nil {
			abis[mode[1]] = straceABIs[mode[2]]
			continue
		}
		call := straceCall.FindStringSubmatch(line)
		if call == nil || call[4] == "exit_group" || isStart(line) {
			continue
		}
		if strings.Contains(line, "<unfinished ...>") {
			continue // its end is another line, with the number again
		}
		abi := abis[call[1]]
		if abi == "" {
			abi = "x86_64"
		}
		nr, _ := strconv.Atoi(call[2])
		calls = append(calls, fmt.Sprintf("%s %d %s", abi, nr&^seccomp.X32Bit, straceOutcome(line)))
	}
	return calls
}

// isStart is the execve(2) that began the program.
func isStart(line string) bool {
	return strings.Contains(line, fmt.Sprintf(`execve(%q, ["%s", "--exec"`, Program, Program))
}

func straceOutcome(line string) string {
	result := straceResult.FindStringSubmatch(line)
	switch {
	case result == nil || result[1] == "?":
		return string(trace.OutcomeUnfinished)
	case result[1] == "-1" && result[2] != "":
		return result[2]
	}
	return string(trace.OutcomeOK)
}
