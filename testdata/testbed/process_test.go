// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

func TestRun(t *testing.T) {
	m := New(t, Options{})
	for _, c := range []struct {
		args []string
		want Result
	}{
		{[]string{"sh", "-c", "echo out; echo err >&2; exit 3"}, Result{"out\n", "err\n", 3}},
		{[]string{"sh", "-c", "kill -TERM $$"}, Result{"", "", 143}},
		{[]string{"printf", "%s|", "a b", "", "*"}, Result{"a b||*|", "", 0}},
		{[]string{"pwd"}, Result{"/\n", "", 0}},
	} {
		got, err := m.Run(t.Context(), c.args...)
		if err != nil || got != c.want {
			t.Errorf("%q: %+v, %v, want %+v", c.args, got, err, c.want)
		}
	}
	if r, err := m.Run(t.Context(), "no-such-program"); err != nil || r.Status != 127 {
		t.Errorf("a program that is not there: %+v, %v, want status 127", r, err)
	}
	if out, err := m.Output(t.Context(), "sh", "-c", "echo why >&2; false"); err == nil || !strings.Contains(err.Error(), "why") {
		t.Errorf("Output of what fails: %q, %v, want an error with its words", out, err)
	}
}

func TestRunEndsWithContext(t *testing.T) {
	m := New(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		defer cancel()
		if line, err := bufio.NewReader(r).ReadString('\n'); err != nil {
			t.Errorf("before it is cancelled: %q, %v", line, err)
		}
	}()
	_, err = m.RunCommand(ctx, Command{Args: []string{"sh", "-c", "echo here; exec sleep infinity"}, Stdout: w})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestStartAndSignal(t *testing.T) {
	m := New(t, Options{})
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p, err := m.Start(t.Context(), Command{
		Args:   []string{"sh", "-c", `trap 'echo caught; exit 9' INT; echo "$WORD" ready; while :; do sleep 0.05; done`},
		Env:    []string{"WORD=I am"},
		Stdout: w,
	})
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(r)
	if line, err := lines.ReadString('\n'); line != "I am ready\n" {
		t.Fatalf("first line %q, %v", line, err)
	}
	procs, err := os.ReadFile(filepath.Join(m.Cgroup(), "testbed", "cgroup.procs"))
	if err != nil || !slices.Contains(strings.Fields(string(procs)), strconv.Itoa(p.HostPID())) {
		t.Errorf("process %d is not in the cgroup for commands: %q, %v", p.HostPID(), procs, err)
	}
	if err := p.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if line, _ := lines.ReadString('\n'); line != "caught\n" {
		t.Errorf("after the signal %q, want caught", line)
	}
	if status, err := p.Wait(); err != nil || status != 9 {
		t.Errorf("status %d, %v, want 9", status, err)
	}
}

func TestFiles(t *testing.T) {
	m := New(t, Options{})
	content := []byte("\x00binary\xff\n")
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	if err := os.WriteFile(from, content, 0o755); err != nil {
		t.Fatal(err)
	}
	// An absolute link: followed from the host, it would lead to the host's /tmp.
	m.Check(t, "ln", "-s", "/tmp", "/srv/link")
	if err := m.CopyIn(t.Context(), from, "/srv/link/sub folder/f"); err != nil {
		t.Fatal(err)
	}
	if out := m.Check(t, "stat", "-c", "%a %s", "/tmp/sub folder/f"); out != "755 9\n" {
		t.Errorf("copied in: mode and size %q", out)
	}
	if host.Exists("/tmp/sub folder/f") {
		t.Error("written to the host")
	}
	if err := m.CopyOut(t.Context(), "/srv/link/sub folder/f", to); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(to); err != nil || !bytes.Equal(got, content) {
		t.Errorf("copied out: %q, %v, want %q", got, err, content)
	}
	if _, err := m.ReadFile(t.Context(), "/nonexistent"); err == nil {
		t.Error("reading a file that is not there: no error")
	}
	if err := m.WriteFile(t.Context(), "/proc/nonexistent", content, 0o644); err == nil {
		t.Error("writing where nothing can be written: no error")
	}
}
