// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
)

// helperEnv names the helper that the test binary is to be.
const helperEnv = "SBXPROF_TEST_HELPER"

func TestMain(m *testing.M) {
	name := os.Getenv(helperEnv)
	if name == "" {
		os.Exit(m.Run())
	}
	runtime.LockOSThread()
	if err := helpers[name](os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// requireRoot skips a test that needs privilege, loudly, and fails it in CI.
func requireRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("this test needs root")
	}
	t.Skip("NOT TESTED: this test needs root")
}

// watch is a recording of a cgroup of a test's own.
type watch struct {
	t        *testing.T
	r        *Recorder
	dir      string
	events   []*Event
	done     chan error
	state    *State
	finished bool
}

var cgroupCount atomic.Int32

// newCgroup makes a cgroup below the root, which goes with the test.
func newCgroup(t *testing.T) (name, dir string) {
	t.Helper()
	requireRoot(t)
	mount, err := CgroupMount()
	if err != nil {
		t.Fatal(err)
	}
	name = fmt.Sprintf("sbxprof-test-%d-%d", os.Getpid(), cgroupCount.Add(1))
	dir = filepath.Join(mount, name)
	mkCgroup(t, dir)
	return name, dir
}

func mkCgroup(t *testing.T, dir string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rmCgroup(t, dir) })
}

// rmCgroup removes a cgroup; its last process may take a moment to be gone.
func rmCgroup(t *testing.T, dir string) {
	t.Helper()
	_ = os.WriteFile(filepath.Join(dir, "cgroup.kill"), []byte("1"), 0)
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := os.Remove(dir)
		if err == nil || os.IsNotExist(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Error(err)
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// startWatch begins to record a cgroup.
func startWatch(t *testing.T, o Options, change ...func(*ebpf.CollectionSpec)) *watch {
	t.Helper()
	name, dir := newCgroup(t)
	w := &watch{t: t, dir: dir, done: make(chan error, 1)}
	o.Launches = true
	var err error
	if w.r, err = open(o, change...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.r.Close() })
	if err := w.r.Start([]string{name}); err != nil {
		t.Fatal(err)
	}
	return w
}

// read reads events until the end.
func (w *watch) read() *watch {
	go func() { w.done <- w.r.Events(func(e *Event) { w.events = append(w.events, e) }) }()
	return w
}

// record is startWatch and read.
func record(t *testing.T) *watch {
	t.Helper()
	return startWatch(t, Options{}).read()
}

// command is the test binary as a helper, to be started in a cgroup.
func command(t *testing.T, dir, helper string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	c := exec.Command(self, args...)
	c.Env = append(os.Environ(), helperEnv+"="+helper)
	c.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(f.Fd())}
	c.Stderr = &bytes.Buffer{}
	return c
}

// run runs a helper in the watched cgroup.
func (w *watch) run(helper string, args ...string) {
	w.t.Helper()
	runCommand(w.t, command(w.t, w.dir, helper, args...))
}

func runCommand(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(c.Args, " "), err, c.Stderr)
	}
}

// end ends the recording, and reads what there is.
func (w *watch) end() *watch {
	w.t.Helper()
	if w.finished {
		return w
	}
	w.finished = true
	if err := w.r.Stop(); err != nil {
		w.t.Fatal(err)
	}
	if err := w.r.Flush(); err != nil {
		w.t.Fatal(err)
	}
	if err := <-w.done; err != nil {
		w.t.Fatal(err)
	}
	var err error
	if w.state, err = w.r.State(); err != nil {
		w.t.Fatal(err)
	}
	return w
}

// whole is end for a recording that must have lost nothing.
func (w *watch) whole() *watch {
	w.t.Helper()
	w.end()
	if len(w.state.Losses) > 0 {
		w.t.Errorf("lost %v", w.state.Losses)
	}
	return w
}

// who is the actor of that number.
func (w *watch) who(actor uint32) (Who, string) {
	for _, e := range w.events {
		if e.Kind == EventActor && e.Actor == actor {
			return e.Who, e.Path.Name
		}
	}
	return Who{}, ""
}

// calls are the recorded calls of a name, in every ABI.
func (w *watch) calls(name string) []Call {
	var found []Call
	for _, c := range w.state.Calls {
		if n, _ := seccomp.Name(c.ABI, c.Number); n == name {
			found = append(found, c)
		}
	}
	return found
}

// counted is how often a call was recorded that ended like that.
func (w *watch) counted(name string, errno unix.Errno) uint64 {
	var n uint64
	for _, c := range w.calls(name) {
		if c.Errno == uint16(errno) && !c.Unfinished && !c.Filtered {
			n += c.Count
		}
	}
	return n
}

// files are the events with an operation whose path or given name ends with a text.
func (w *watch) files(op Op, suffix string) []*Event {
	var found []*Event
	for _, e := range w.events {
		if e.Kind == EventFile && e.Op == op && (strings.HasSuffix(e.Path.Name, suffix) || strings.HasSuffix(string(e.Given), suffix)) {
			found = append(found, e)
		}
	}
	return found
}

// oneFile is the only event of that kind.
func (w *watch) oneFile(op Op, suffix string) *Event {
	w.t.Helper()
	found := w.files(op, suffix)
	if len(found) != 1 {
		w.t.Fatalf("%d events with operation %d on …%s, want 1; the paths are %q", len(found), op, suffix, w.paths())
	}
	return found[0]
}

func (w *watch) paths() []string {
	var all []string
	for _, e := range w.events {
		if e.Kind == EventFile && !strings.HasPrefix(e.Path.Name, "/sys/") {
			all = append(all, fmt.Sprintf("%d %s %s", e.Op, e.Path.Name, e.Given))
		}
	}
	slices.Sort(all)
	return all
}
