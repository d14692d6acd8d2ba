// SPDX-License-Identifier: Apache-2.0

package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// The test binary is also what records inside of a machine.
const (
	insideEnv = "SBXPROF_TEST_RECORD" // the Options, as JSON
	outputEnv = "SBXPROF_TEST_OUTPUT" // where the traces go
)

func TestMain(m *testing.M) {
	options := os.Getenv(insideEnv)
	if options == "" {
		os.Exit(m.Run())
	}
	if err := recordInside(options, os.Getenv(outputEnv)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// request is what of Options can be told to another process.
type request struct {
	Units                      []string
	All, Restart, StopWithUnit bool
	Command                    []string
	Duration, CheckpointEvery  time.Duration
	Runs                       int
}

// answer is what a recording gave, besides its traces.
type answer struct {
	Status                  int
	Ended                   Ending
	Traces                  int
	Error                   string
	NotRunning, Unsupported bool
	Notices                 []string
}

// recordInside records, and writes the traces to dir/0.trace, dir/1.trace, …, and
// the answer to dir/answer. A checkpoint is dir/checkpoint.trace.
func recordInside(options, dir string) error {
	var q request
	if err := json.Unmarshal([]byte(options), &q); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT)
	defer stop()
	var a answer
	result, err := Run(ctx, Options{Units: q.Units, All: q.All, Restart: q.Restart, StopWithUnit: q.StopWithUnit, Command: q.Command,
		Duration: q.Duration, CheckpointEvery: q.CheckpointEvery, Runs: q.Runs, Recorder: "test",
		Ready:  func([]string) { fmt.Println("ready") },
		Notice: func(message string) { a.Notices = append(a.Notices, message) },
		Checkpoint: func(t *trace.Trace) error {
			return trace.WriteFile(filepath.Join(dir, "checkpoint.trace"), t, trace.WriteOptions{})
		},
	})
	if err != nil {
		a.Error, a.NotRunning, a.Unsupported = err.Error(), errors.Is(err, ErrNotRunning), errors.Is(err, ErrUnsupported)
	}
	if result != nil {
		a.Status, a.Ended, a.Traces = result.Status, result.Ended, len(result.Traces)
		for n, t := range result.Traces {
			if err := trace.WriteFile(filepath.Join(dir, strconv.Itoa(n)+".trace"), t, trace.WriteOptions{}); err != nil {
				return err
			}
		}
	}
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "answer"), text, 0o600)
}

// recordSelf records a command on this machine.
func recordSelf(t *testing.T, command ...string) *trace.Trace {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("this test needs root")
		}
		t.Skip("NOT TESTED: this test needs root")
	}
	result, err := Run(t.Context(), Options{Command: command, Stderr: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	if result.Status != 0 || result.Ended != EndedByCommand || len(result.Traces) != 1 {
		t.Fatalf("the recording ended with %+v", result)
	}
	return result.Traces[0]
}

func TestRecordCommand(t *testing.T) {
	dir := t.TempDir()
	tr := recordSelf(t, "/bin/sh", "-c", "cd "+dir+" && echo x >made && chmod 600 made && cat /proc/self/status made >/dev/null && rm made")
	if reasons := tr.Incomplete(); len(reasons) > 0 {
		t.Errorf("it is incomplete: %q", reasons)
	}
	if f := tr.Header.Footprint; f == nil || f.Kernel == 0 || f.Process == 0 {
		t.Errorf("it took the memory %+v", f)
	}
	has(t, tr, "created", func(o *trace.Observation) bool {
		return o.File != nil && o.File.Op == trace.OpCreate && o.File.Path == trace.Path(dir+"/made") && o.Actor.Line == mainLine
	})
	has(t, tr, "removed", func(o *trace.Observation) bool {
		return o.File != nil && o.File.Op == trace.OpRemove && o.File.Path == trace.Path(dir+"/made") && filepath.Base(string(o.Actor.Exe)) == "rm"
	})
	has(t, tr, "its own status", func(o *trace.Observation) bool {
		return o.File != nil && o.File.Path == "/proc/self/status" && o.File.FS == "proc"
	})
	for i := range tr.Observations {
		if o := &tr.Observations[i]; o.Actor.Phase == trace.PhaseSetup && (o.File != nil || o.Address != nil) {
			t.Errorf("what the recorder does before the exec is charged: %+v", o)
		}
	}
}

// TestManyFilesAreBounded makes more files than are told apart. Nothing is lost: what is
// not told apart is counted.
func TestManyFilesAreBounded(t *testing.T) {
	dir := t.TempDir()
	const directories, files = 700, 90
	tr := recordSelf(t, "/bin/sh", "-c", fmt.Sprintf("cd %s && seq -f d%%g %d | xargs mkdir && for d in *; do seq -f $d/f%%g %d; done | xargs touch", dir, directories, files))
	if reasons := tr.Incomplete(); len(reasons) > 0 {
		t.Errorf("it is incomplete: %q", reasons)
	}
	var apart, folded uint64
	for _, o := range tr.Observations {
		if o.File == nil || o.File.Op != trace.OpCreate || o.Outcome != trace.OutcomeOK {
			continue
		}
		if strings.HasPrefix(string(o.File.Path), dir+"/d") && !o.File.Folded {
			apart += o.Count
		} else if o.File.Folded {
			folded += o.Count
		}
	}
	if apart == 0 || folded == 0 || apart+folded != directories*files {
		t.Errorf("%d files are told apart, and %d folded, want %d in sum and some of both", apart, folded, directories*files)
	}
	if n := len(tr.Observations); n > 2*maxEvents {
		t.Errorf("there are %d observations", n)
	}
}

// has fails unless one observation fits.
func has(t *testing.T, tr *trace.Trace, what string, fits func(*trace.Observation) bool) *trace.Observation {
	t.Helper()
	for i := range tr.Observations {
		if fits(&tr.Observations[i]) {
			return &tr.Observations[i]
		}
	}
	t.Errorf("%s: there is no such observation", what)
	return nil
}

func hasNot(t *testing.T, tr *trace.Trace, what string, fits func(*trace.Observation) bool) {
	t.Helper()
	for i := range tr.Observations {
		if o := &tr.Observations[i]; fits(o) {
			t.Errorf("%s: there is one: %+v %+v %+v", what, o.Actor, o.Syscall, o.File)
		}
	}
}

func TestRecordingEnds(t *testing.T) {
	if os.Geteuid() != 0 {
		recordSelf(t)
	}
	ctx, cancel := context.WithCancel(t.Context())
	result, err := Run(ctx, Options{Command: []string{"sleep", "100"}, Ready: func([]string) { cancel() }})
	if err != nil || result.Ended != EndedByCaller || len(result.Traces) != 1 {
		t.Errorf("ended by the caller: %+v, %v", result, err)
	}
	result, err = Run(t.Context(), Options{Command: []string{"sleep", "100"}, Duration: time.Millisecond})
	if err != nil || result.Ended != EndedByDuration || result.Status != 128+int(syscall.SIGTERM) {
		t.Errorf("ended by its duration: %+v, %v", result, err)
	}
	result, err = Run(t.Context(), Options{Command: []string{"sh", "-c", "exit 3"}})
	if err != nil || result.Ended != EndedByCommand || result.Status != 3 {
		t.Errorf("ended by the command: %+v, %v", result, err)
	}
	result, err = Run(t.Context(), Options{Command: []string{"/no/such/program"}})
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no such command: %+v, %v", result, err)
	}
	if _, err := Run(t.Context(), Options{}); err == nil {
		t.Error("nothing was recorded, and that is no error")
	}
}

func TestCheckpoints(t *testing.T) {
	if os.Geteuid() != 0 {
		recordSelf(t)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var points []*trace.Trace
	result, err := Run(ctx, Options{Command: []string{"sleep", "100"}, CheckpointEvery: 10 * time.Millisecond,
		Checkpoint: func(tr *trace.Trace) error {
			if points = append(points, tr); len(points) == 3 {
				cancel()
			}
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	last := points[len(points)-1]
	if !last.Header.Checkpoint || len(last.Observations) == 0 || last.Header.Run != result.Traces[0].Header.Run {
		t.Errorf("a checkpoint is %+v with %d observations", last.Header, len(last.Observations))
	}
	if result.Traces[0].Header.Checkpoint {
		t.Error("the trace at the end says that it is a checkpoint")
	}
}

// TestKilledRecorder kills a recorder, also while it writes: its last checkpoint is a
// trace that can be read.
func TestKilledRecorder(t *testing.T) {
	if os.Geteuid() != 0 {
		recordSelf(t)
	}
	for name, pattern := range map[string]string{"after a checkpoint": "checkpoint.trace", "during a checkpoint": ".sbxprof-*.tmp"} {
		t.Run(name, func(t *testing.T) {
			for range 5 {
				checkKilled(t, pattern)
			}
		})
	}
}

// checkKilled kills a recorder that has written a checkpoint as soon as there is a file
// of that name.
func checkKilled(t *testing.T, pattern string) {
	t.Helper()
	dir := t.TempDir()
	options, err := json.Marshal(request{Command: []string{"sleep", "100"}, CheckpointEvery: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("/proc/self/exe")
	c.Env = append(os.Environ(), insideEnv+"="+string(options), outputEnv+"="+dir)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	waitForFile(t, filepath.Join(dir, "checkpoint.trace"))
	waitForFile(t, filepath.Join(dir, pattern))
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // it was killed
	tr, err := trace.ReadFile(filepath.Join(dir, "checkpoint.trace"))
	if err != nil || !tr.Header.Checkpoint || len(tr.Incomplete()) == 0 || time.Since(tr.Header.End) > defaultCheckpoint {
		t.Errorf("the last checkpoint: %v, %+v", err, tr)
	}
	killCgroup(t, c.Process.Pid)
}

// waitForFile waits for a file whose name fits the pattern.
func waitForFile(t *testing.T, pattern string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		if found, err := filepath.Glob(pattern); err != nil || len(found) > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("there is no %s", pattern)
		}
	}
}

// killCgroup ends what a killed recorder has left running, and its cgroup.
func killCgroup(t *testing.T, pid int) {
	t.Helper()
	mount, err := bpf.CgroupMount()
	if err != nil {
		t.Fatal(err)
	}
	for _, parent := range []string{ownPath(), "/"} {
		if d, err := os.Open(filepath.Join(mount, parent, "sbxprof-"+strconv.Itoa(pid))); err == nil {
			(&ownCgroup{dir: d}).remove()
			return
		}
	}
	t.Error("the killed recorder had no cgroup")
}
