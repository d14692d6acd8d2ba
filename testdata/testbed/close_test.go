// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

// alive is what a machine that runs consists of, as the host sees it.
type alive struct {
	Cgroup string
	Keeper int
	Pids   []int
}

func look(m *Machine) (alive, error) {
	a := alive{Cgroup: m.Cgroup(), Keeper: m.cgroup.keeper.Process.Pid}
	err := filepath.WalkDir(m.Cgroup(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "cgroup.procs" {
			return err
		}
		pids, err := os.ReadFile(path)
		for _, f := range strings.Fields(string(pids)) {
			pid, _ := strconv.Atoi(f)
			a.Pids = append(a.Pids, pid)
		}
		return err
	})
	return a, err
}

func TestClose(t *testing.T) {
	RequireRoot(t)
	m, err := Boot(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.Check(t, "systemd-run", "-p", "Delegate=yes", "sh", "-c", "trap '' TERM; sleep infinity & exec sleep infinity")
	a, err := look(m)
	if err != nil {
		t.Fatal(err)
	}
	checkGoneAfter(t, a, func() {
		if err := errors.Join(m.Close(), m.Close()); err != nil {
			t.Error(err)
		}
	})
	if _, err := m.Run(t.Context(), "true"); err == nil {
		t.Error("a program ran in a machine that is closed")
	}
}

// checkGoneAfter checks that end leaves nothing of a machine.
func checkGoneAfter(t *testing.T, a alive, end func()) {
	t.Helper()
	if len(a.Pids) < 4 || !host.Exists(a.Cgroup) || !runs(a.Keeper) {
		t.Fatalf("no whole machine to begin with: %+v", a)
	}
	end()
	waitFor(t, "the cgroup "+a.Cgroup, func() bool { return !host.Exists(a.Cgroup) })
	for _, pid := range append(a.Pids, a.Keeper) {
		waitFor(t, fmt.Sprintf("process %d", pid), func() bool { return !runs(pid) })
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil || strings.Contains(string(mounts), "/mnt/upper") {
		t.Errorf("mounts of the machine are seen on the host: %v\n%s", err, mounts)
	}
}

// waitFor waits for what the kernel does in its own time.
func waitFor(t *testing.T, what string, gone func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !gone() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Errorf("%s is still there", what)
			return
		}
	}
}

// runs tells whether a process is there and more than a zombie, which is the
// matter of whoever inherited it.
func runs(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}

// TestMain is also the process that is killed: with TESTBED_HELPER it is no test.
func TestMain(m *testing.M) {
	helpers := map[string]func() error{"boots": bootAndWait, "builds": buildAndWait}
	helper, ok := helpers[os.Getenv("TESTBED_HELPER")]
	if !ok {
		os.Exit(m.Run())
	}
	if err := helper(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bootAndWait boots a machine, says what it consists of, and waits to be killed.
func bootAndWait() error {
	m, err := Boot(context.Background(), Options{})
	if err != nil {
		return err
	}
	a, err := look(m)
	if err := errors.Join(err, json.NewEncoder(os.Stdout).Encode(a)); err != nil {
		return err
	}
	select {}
}

// buildAndWait mounts and waits to be killed, as a building script would be.
func buildAndWait() error {
	const script = `mount --make-rprivate / && mount -t tmpfs tmpfs /mnt && (echo '{"Keeper":1}'; sleep "$1"); exit 1`
	return host.RunIsolated(context.Background(), os.Stdout, script, os.Getenv("TESTBED_TOKEN"))
}

func startHelper(t *testing.T, helper string, env ...string) (*exec.Cmd, alive) {
	t.Helper()
	RequireRoot(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), "TESTBED_HELPER="+helper), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(t, cmd.Process.Pid) })
	var a alive
	if err := json.NewDecoder(out).Decode(&a); err != nil {
		t.Fatalf("the helper %s: %v", helper, err)
	}
	return cmd, a
}

func TestKilledOwnerLeavesNothing(t *testing.T) {
	cmd, a := startHelper(t, "boots")
	checkGoneAfter(t, a, func() { kill(t, cmd.Process.Pid) })
}

func TestKilledOwnerAndKeeperAreSweptUp(t *testing.T) {
	cmd, a := startHelper(t, "boots")
	checkGoneAfter(t, a, func() {
		kill(t, a.Keeper)
		kill(t, cmd.Process.Pid)
		// Its cgroup stays until the next machine is made.
		cache, err := host.CacheDir()
		if err != nil {
			t.Fatal(err)
		}
		next, err := newCgroup(cache)
		if err != nil {
			t.Fatal(err)
		}
		if err := next.remove(); err != nil {
			t.Error(err)
		}
	})
}

func TestSweepSparesTheLiving(t *testing.T) {
	m := New(t, Options{})
	mount, err := cgroup2Mount()
	if err != nil {
		t.Fatal(err)
	}
	if err := sweep(mount); err != nil {
		t.Fatal(err)
	}
	m.Check(t, "true")
}

func TestKilledBuilderLeavesNothing(t *testing.T) {
	// An argument that no other process has.
	token := fmt.Sprintf("%d.5", 100000+os.Getpid())
	cmd, _ := startHelper(t, "builds", "TESTBED_TOKEN="+token)
	if n := len(withArgument(t, token)); n < 2 {
		t.Fatalf("%d processes of a building script, want the shell and its child", n)
	}
	kill(t, cmd.Process.Pid)
	waitFor(t, "a process of the building script", func() bool { return len(withArgument(t, token)) == 0 })
}

// kill kills a process, unless it is gone, and waits until it is.
func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Error(err)
	}
	waitFor(t, fmt.Sprintf("process %d", pid), func() bool { return !runs(pid) })
}

// withArgument returns the processes with an argument.
func withArgument(t *testing.T, argument string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(file string) bool {
		line, _ := os.ReadFile(file) // It may have ended meanwhile.
		return !slices.Contains(strings.Split(string(line), "\x00"), argument)
	})
}

// TestNewWithoutRoot runs itself as nobody.
func TestNewWithoutRoot(t *testing.T) {
	if os.Getenv("TESTBED_NOBODY") != "" {
		New(t, Options{})
		return
	}
	RequireRoot(t)
	for ci, want := range map[string]string{"true": "--- FAIL: TestNewWithoutRoot", "": "--- SKIP: TestNewWithoutRoot"} {
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestNewWithoutRoot$", "-test.v")
		cmd.Dir = "/"
		cmd.Env = []string{"TESTBED_NOBODY=yes", "CI=" + ci}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, _ := cmd.CombinedOutput()
		if !strings.Contains(string(out), want) || !strings.Contains(string(out), errNotRoot.Error()) {
			t.Errorf("CI=%q without root: %s, want %s", ci, out, want)
		}
	}
}
