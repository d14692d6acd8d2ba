// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

// TestMachineScripts runs what needs root and a systemd: each script in a machine of
// its own, with lighttpd, and this test binary as its sbxprof.
func TestMachineScripts(t *testing.T) {
	testbed.RequireRoot(t)
	scripts, err := filepath.Glob("../../testdata/script/machine/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".txtar"), func(t *testing.T) {
			m := newMachine(t)
			testscript.Run(t, testscript.Params{
				Files:         []string{script},
				UpdateScripts: *update,
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"in":        func(ts *testscript.TestScript, _ bool, args []string) { inMachine(t.Context(), m, ts, args) },
					"interrupt": func(ts *testscript.TestScript, _ bool, args []string) { interrupt(t.Context(), m, ts, args) },
				},
			})
		})
	}
}

func newMachine(t *testing.T) *testbed.Machine {
	t.Helper()
	m := testbed.New(t, testbed.Options{Packages: []string{"lighttpd", "curl"}})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.CopyIn(t.Context(), self, "/usr/bin/sbxprof"); err != nil {
		t.Fatal(err)
	}
	return m
}

// inMachine is the scripts' command "in N COMMAND…": in the machine, the command ends
// with exit status N.
func inMachine(ctx context.Context, m *testbed.Machine, ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: in N command [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	r, err := m.Run(ctx, args[1:]...)
	ts.Check(err)
	fmt.Fprint(ts.Stdout(), r.Stdout)
	fmt.Fprint(ts.Stderr(), r.Stderr)
	if r.Status != want {
		ts.Fatalf("exit status %d, want %d\n%s%s", r.Status, want, r.Stdout, r.Stderr)
	}
}

// interrupt is the scripts' command "interrupt COMMAND…": it sends SIGINT as soon as
// the command says that it is recording, and wants exit status 130.
func interrupt(ctx context.Context, m *testbed.Machine, ts *testscript.TestScript, args []string) {
	recording := &waitFor{text: "recording ", found: make(chan struct{})}
	p, err := m.Start(ctx, testbed.Command{Args: args, Stderr: recording})
	ts.Check(err)
	ended := make(chan int, 1)
	go func() {
		status, _ := p.Wait()
		ended <- status
	}()
	select {
	case <-recording.found:
		ts.Check(p.Signal(syscall.SIGINT))
	case status := <-ended:
		ts.Fatalf("it ended with status %d before it recorded\n%s", status, recording.all.String())
	}
	if status := <-ended; status != statusInterrupted {
		ts.Fatalf("exit status %d, want %d\n%s", status, statusInterrupted, recording.all.String())
	}
	fmt.Fprint(ts.Stderr(), recording.all.String())
}

// waitFor is a writer that tells when a text was written to it.
type waitFor struct {
	text  string
	found chan struct{}
	all   bytes.Buffer
	told  bool
}

func (w *waitFor) Write(b []byte) (int, error) {
	w.all.Write(b)
	if !w.told && bytes.Contains(w.all.Bytes(), []byte(w.text)) {
		w.told = true
		close(w.found)
	}
	return len(b), nil
}
