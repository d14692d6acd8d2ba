// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cilium/ebpf/asm"
)

func TestChildrenAreMembers(t *testing.T) {
	w := record(t)
	w.run("children", "3")
	w.whole()
	if n := w.counted("getpgid", 0); n != 4 {
		t.Errorf("getpgid was counted %d times, want 4", n)
	}
}

func TestOthersAreNot(t *testing.T) {
	w := record(t)
	_, other := newCgroup(t)
	runCommand(t, command(t, other, "calls", "5"))
	w.run("calls", "0")
	w.whole()
	if n := w.counted("getpgid", 0); n != 0 {
		t.Errorf("getpgid of another cgroup was counted %d times", n)
	}
}

func TestSubCgroups(t *testing.T) {
	w := record(t)
	sub := filepath.Join(w.dir, "sub")
	mkCgroup(t, sub)
	runCommand(t, command(t, sub, "calls", "5"))
	w.whole()
	if n := w.counted("getpgid", 0); n != 5 {
		t.Errorf("getpgid in a cgroup below was counted %d times, want 5", n)
	}
}

func TestCgroupIsMadeAgain(t *testing.T) {
	w := record(t)
	w.run("calls", "5")
	rmCgroup(t, w.dir)
	if err := os.Mkdir(w.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w.run("calls", "7")
	w.whole()
	if n := w.counted("getpgid", 0); n != 12 {
		t.Errorf("getpgid was counted %d times, want 12 of two cgroups with the same name", n)
	}
}

// talk starts a helper that waits, and returns how to tell it to go on.
func talk(t *testing.T, c *exec.Cmd) (goOn func()) {
	t.Helper()
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		t.Fatalf("the helper said %q, %v: %s", line, err, c.Stderr)
	}
	return func() {
		if _, err := io.WriteString(in, "\n"); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err != nil {
			t.Fatalf("%v: %s", err, c.Stderr)
		}
	}
}

func TestRunningProcess(t *testing.T) {
	name, dir := newCgroup(t)
	c := command(t, dir, "threads")
	goOn := talk(t, c)
	r, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w := (&watch{t: t, r: r, dir: dir, done: make(chan error, 1)}).read()
	if err := r.Start([]string{name}); err != nil {
		t.Fatal(err)
	}
	goOn()
	w.whole()
	if n := w.counted("getpgid", 0) + w.counted("getsid", 0); n != 2 {
		t.Errorf("%d calls of a process that ran already were counted, want 2", n)
	}
	// Of whichever thread: an example names the process.
	for _, call := range append(w.calls("getpgid"), w.calls("getsid")...) {
		if call.PID != uint32(c.Process.Pid) {
			t.Errorf("the example of a call is process %d, want %d", call.PID, c.Process.Pid)
		}
	}
	for _, c := range w.calls("read") {
		if c.Filtered {
			t.Errorf("a call that was under way counts as filtered: %+v", c)
		}
	}
}

func TestThreadsThatMoveIn(t *testing.T) {
	w := record(t)
	_, other := newCgroup(t)
	c := command(t, other, "threads")
	goOn := talk(t, c)
	if err := os.WriteFile(filepath.Join(w.dir, "cgroup.procs"), []byte(strconv.Itoa(c.Process.Pid)), 0); err != nil {
		t.Fatal(err)
	}
	if err := w.r.Visit(); err != nil {
		t.Fatal(err)
	}
	goOn()
	w.whole()
	if n := w.counted("getpgid", 0) + w.counted("getsid", 0); n != 2 {
		t.Errorf("%d calls of two threads that moved in were counted, want 2", n)
	}
	for _, e := range w.events {
		if e.Kind == EventMove && e.In && e.Threads {
			return
		}
	}
	t.Error("the move of several threads was not reported")
}

func TestMoveOut(t *testing.T) {
	w := record(t)
	_, other := newCgroup(t)
	w.run("move", other)
	w.whole()
	if w.counted("getpgid", 0) != 1 || w.counted("getsid", 0) != 0 {
		t.Errorf("getpgid was counted %d times and getsid %d times, want 1 before the move and 0 after it", w.counted("getpgid", 0), w.counted("getsid", 0))
	}
	for _, e := range w.events {
		if e.Kind == EventMove && !e.In && strings.HasSuffix(string(e.Given), filepath.Base(other)) {
			return
		}
	}
	t.Error("the move was not reported")
}

// copySelf copies the test binary, as systemd's executor and the like.
func copySelf(t *testing.T, name string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), name)
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, self, 0o755); err != nil {
		t.Fatal(err)
	}
	return to
}

func TestPhases(t *testing.T) {
	executor, service := copySelf(t, "systemd-executor"), copySelf(t, "service")
	w := record(t)
	// As v256 and later: the executor is executed inside of the cgroup.
	c := command(t, w.dir, "setup", service)
	c.Path = executor
	runCommand(t, c)
	w.whole()
	for name, want := range map[string]bool{"getpgid": false, "getsid": true} {
		calls := w.calls(name)
		if len(calls) != 1 {
			t.Fatalf("%s was recorded %d times, want once", name, len(calls))
		}
		if who, exe := w.who(calls[0].Actor); who.Service != want {
			t.Errorf("%s of %s is of the service: %v, want %v", name, exe, who.Service, want)
		}
	}
	var commands []string
	for _, e := range w.events {
		if e.Kind == EventCommand {
			commands = append(commands, e.Path.Name)
		}
	}
	if len(commands) != 1 || commands[0] != service {
		t.Errorf("the commands are %q, want %s", commands, service)
	}
}

func TestIdentityChanges(t *testing.T) {
	w := record(t)
	w.run("setid")
	w.whole()
	for name, want := range map[string]Who{"getpgid": {}, "getsid": {UID: 65534, GID: 65533}} {
		calls := w.calls(name)
		if len(calls) != 1 {
			t.Fatalf("%s was recorded %d times, want once", name, len(calls))
		}
		if who, _ := w.who(calls[0].Actor); who.UID != want.UID || who.GID != want.GID {
			t.Errorf("%s was called by %d:%d, want %d:%d", name, who.UID, who.GID, want.UID, want.GID)
		}
	}
}

func TestServicesOfASlice(t *testing.T) {
	name, dir := newCgroup(t)
	sub := func(parts ...string) string {
		path := filepath.Join(append([]string{dir}, parts...)...)
		mkCgroup(t, path)
		return path
	}
	there := sub("there.service")
	sub("other.service")
	r, err := Open(Options{Launches: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	// Another unit on the way, and one in the same slice, change nothing.
	if err := r.Start([]string{name + "/x.slice/one.service"}, Slice{Cgroup: name, Prefix: "t"}); err != nil {
		t.Fatal(err)
	}
	w := (&watch{t: t, r: r, dir: dir, done: make(chan error, 1), events: r.Found()}).read()
	made := sub("two.service")
	sub("x.slice")
	below := sub("x.slice", "three.service")
	asided, scope := sub("aside.service"), sub("t.scope")
	for n, dir := range []string{there, made, below, asided, scope} {
		runCommand(t, command(t, dir, "calls", strconv.Itoa(n+1)))
	}
	rmCgroup(t, made)
	if err := os.Mkdir(made, 0o755); err != nil { // the same unit again
		t.Fatal(err)
	}
	runCommand(t, command(t, made, "calls", "10"))
	w.whole()
	names := map[uint16]string{}
	for _, e := range w.events {
		if e.Kind == EventUnit {
			names[e.Who.Unit] = string(e.Given)
		}
	}
	got := map[string]uint64{}
	for _, c := range w.calls("getpgid") {
		who, _ := w.who(c.Actor)
		got[names[who.Unit]] += c.Count
	}
	want := map[string]uint64{"there.service": 1, "two.service": 12, "three.service": 3}
	if len(names) != 3 || !maps.Equal(got, want) {
		t.Errorf("the units are %v, and called getpgid %v times, want %v", names, got, want)
	}
}

// TestManyUnitsCostNoMore holds that a system call meets the same programs however many
// units there are, and that whose a task is is looked up when it changes its cgroup.
func TestManyUnitsCostNoMore(t *testing.T) {
	requireRoot(t)
	attached := func(units []string, more ...Slice) int {
		t.Helper()
		r, err := Open(Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if err := r.Start(units, more...); err != nil {
			t.Fatal(err)
		}
		return len(r.links)
	}
	many := make([]string, 100)
	for n := range many {
		many[n] = fmt.Sprintf("/sbxprof-test.slice/u%d.service", n)
	}
	if one, all := attached(many[:1]), attached(many, Slice{Cgroup: "/"}); one != all || one == 0 {
		t.Errorf("%d programs are attached for one unit, and %d for many", one, all)
	}
	spec := loadSpec(t)
	uses := func(program, about string) bool {
		return slices.ContainsFunc([]asm.Instruction(spec.Programs[program].Instructions), func(i asm.Instruction) bool { return i.Reference() == about })
	}
	for _, about := range []string{sbxMapCgroups, sbxMapNodes} {
		if !uses(sbxProgSbxMkdir, about) {
			t.Errorf("the map %s is not used where a cgroup is made: is it still where units are looked up?", about)
		}
		for _, name := range []string{sbxProgSbxSysEnter, sbxProgSbxSysExit} {
			if uses(name, about) {
				t.Errorf("%s uses the map %s at each call", name, about)
			}
		}
	}
}
