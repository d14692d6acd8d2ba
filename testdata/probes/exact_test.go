// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
	"github.com/sbxprof/sbxprof/trace/record"
)

const (
	driveVariable = "PROBES_DRIVE"
	// copies has a copy of the program for each operation, so that they are
	// different executables in one recording.
	copies = "/probes"
)

// TestExact records every operation: the trace holds exactly what the table says.
func TestExact(t *testing.T) {
	if !inside(t) {
		return
	}
	if err := PrepareArea("/", Area, 0); err != nil {
		t.Fatal(err)
	}
	makeCopies(t)
	t.Setenv(driveVariable, strconv.Itoa(outsider(t)))
	var out strings.Builder
	result, err := record.Run(t.Context(), record.Options{
		Command: []string{"/proc/self/exe", "-test.run=^TestDrive$"}, Stdout: &out, Stderr: os.Stderr,
		Notice: func(message string) { t.Log(message) },
	})
	if errors.Is(err, record.ErrUnsupported) {
		t.Skip("SKIPPED: nothing was recorded: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	recorded := result.Traces[0]
	for _, l := range recorded.Header.Losses {
		t.Errorf("lost: %s %d", l.Reason, l.Count)
	}
	byProgram := map[trace.Path][]trace.Observation{}
	for _, o := range recorded.Observations {
		byProgram[o.Actor.Exe] = append(byProgram[o.Actor.Exe], o)
	}
	var tally tally
	for line := range strings.Lines(out.String()) {
		name, outcome, ok := strings.Cut(strings.TrimSpace(line), " ")
		op, known := Find(name)
		if !ok || !known {
			continue // the test binary's own output
		}
		t.Run(name, func(t *testing.T) {
			defer tally.count(t)
			checkExact(t, op.Seen(recorded.Header.Sources), outcome, observationsOf(op, byProgram))
		})
	}
	fmt.Printf("probes: kernel=%s pass=%d fail=%d skipped=%d\n", recorded.Header.Host.Kernel, tally.pass, tally.fail, tally.skipped)
}

// tally counts how the operations' tests ended.
type tally struct{ pass, fail, skipped int }

func (n *tally) count(t *testing.T) {
	switch {
	case t.Failed():
		n.fail++
	case t.Skipped():
		n.skipped++
	default:
		n.pass++
	}
}

// observationsOf are those of an operation's copy, and of what it executed.
func observationsOf(op Operation, byProgram map[trace.Path][]trace.Observation) []trace.Observation {
	all := byProgram[trace.Path(path.Join(copies, op.Name))]
	for _, e := range expectedOf(op) {
		if e.File != nil && e.File.Op == trace.OpExecute {
			all = append(all, byProgram[e.File.Path]...)
		}
	}
	return all
}

func checkExact(t *testing.T, op Operation, outcome string, recorded []trace.Observation) {
	if usual := op.Outcomes(true)[0]; outcome != usual {
		t.Skipf("SKIPPED: it ended with %s here, where %s is usual (%s)", outcome, usual, op.Kernel)
	}
	for _, difference := range Match(op, recorded) {
		t.Error(op.Name, difference)
	}
}

// TestDrive is what TestExact records: it runs the operations one after the other.
// As the recorder's own executable it is not part of what is recorded. On its own it
// tests nothing.
func TestDrive(t *testing.T) {
	outside, err := strconv.Atoi(os.Getenv(driveVariable))
	if err != nil {
		return
	}
	for _, op := range Table {
		cmd := exec.Command(path.Join(copies, op.Name), "--exec", op.Name)
		cmd.Env = environment(outside)
		if err := cmd.Run(); cmd.ProcessState == nil {
			t.Fatal(err)
		}
		fmt.Println(op.Name, outcomeOf(cmd.ProcessState.ExitCode()))
	}
}

func makeCopies(t *testing.T) {
	t.Helper()
	program, err := os.ReadFile(Program)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(copies, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, op := range Table {
		if err := os.WriteFile(path.Join(copies, op.Name), program, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
