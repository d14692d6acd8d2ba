// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"bufio"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

func TestCallsAreCounted(t *testing.T) {
	w := record(t)
	w.run("calls", "1000")
	w.whole()
	if n := w.counted("getpgid", 0); n != 1000 {
		t.Errorf("getpgid was counted %d times, want 1000", n)
	}
	if n := w.counted("getsid", 0); n != 0 {
		t.Errorf("getsid was counted %d times, want none", n)
	}
	exits := w.calls("exit_group")
	if len(exits) == 0 || !exits[0].Unfinished {
		t.Errorf("exit_group was recorded as %+v, want it unfinished", exits)
	}
}

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
	goOn := talk(t, command(t, dir, "threads"))
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
	for name, want := range map[string]uint32{"getpgid": 0, "getsid": 65534} {
		calls := w.calls(name)
		if len(calls) != 1 {
			t.Fatalf("%s was recorded %d times, want once", name, len(calls))
		}
		if who, _ := w.who(calls[0].Actor); who.UID != want || who.GID != want {
			t.Errorf("%s was called by %d:%d, want %d", name, who.UID, who.GID, want)
		}
	}
}

func TestFilteredCalls(t *testing.T) {
	w := record(t)
	w.run("filtered")
	w.whole()
	calls := w.calls("getpgid")
	if len(calls) != 1 || !calls[0].Filtered || calls[0].Errno != uint16(unix.EXDEV) || calls[0].Count != 3 {
		t.Errorf("filtered calls are recorded as %+v", calls)
	}
}

func TestKilledByFilter(t *testing.T) {
	for _, what := range []string{"process", "thread"} {
		t.Run(what, func(t *testing.T) {
			w := record(t)
			c := command(t, w.dir, "killed", what)
			if err := c.Run(); (err == nil) != (what == "thread") {
				t.Errorf("the helper ended with %v: %s", err, c.Stderr)
			}
			w.whole()
			calls := w.calls("getpgid")
			killed := 0
			for _, k := range calls {
				if k.Killed && k.Filtered && k.Count == 1 {
					killed++
				}
			}
			if killed != 1 {
				t.Errorf("a call that was answered with SIGSYS is recorded as %+v", calls)
			}
		})
	}
}

func TestCompatABI(t *testing.T) {
	if machine() != "x86_64" {
		t.Skip("NOT TESTED: int $0x80 is of x86")
	}
	w := record(t)
	w.run("compat")
	w.whole()
	for _, c := range w.calls("getpid") {
		if c.ABI == "i386" && c.Number == 20 && c.Count == 1 {
			return
		}
	}
	t.Errorf("getpid by int $0x80 is not among %+v", w.calls("getpid"))
}

func TestNumberMinusOne(t *testing.T) {
	w := record(t)
	w.run("minus")
	w.whole()
	for _, c := range w.state.Calls {
		if c.Number < 0 || c.Number > 600 {
			t.Errorf("a call with the number -1 was recorded: %+v", c)
		}
	}
	if w.counted("getpgid", 0) != 1 {
		t.Error("the call after it was not recorded")
	}
}

func TestForkStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT TESTED: it takes long")
	}
	w := record(t)
	w.run("storm", "10000")
	w.whole()
	if n := w.counted("getsid", 0); n != 10000 {
		t.Errorf("getsid was counted %d times in 10000 processes", n)
	}
}

func TestCapabilities(t *testing.T) {
	const sysChroot = 18
	w := record(t)
	w.run("capability")
	w.whole()
	verdicts := map[bool]Check{}
	for _, c := range w.state.Checks {
		if c.Cap == sysChroot && !c.Foreign && !c.Overridden {
			verdicts[c.Granted] = c
		}
	}
	if c := verdicts[true]; c.Errno != 0 || c.Count != 1 || c.ABI == "" || len(c.Stack) == 0 {
		t.Errorf("CAP_SYS_CHROOT granted: %+v", c)
	}
	if c := verdicts[false]; c.Errno != uint16(unix.EPERM) || c.Count != 1 {
		t.Errorf("CAP_SYS_CHROOT denied: %+v", c)
	}
}

func TestAddresses(t *testing.T) {
	w := record(t)
	w.run("addresses")
	w.whole()
	type address struct {
		op     Op
		family uint16
		typ    uint16
		v6only bool
	}
	want := map[address]int{
		{OpBind, unix.AF_INET, unix.SOCK_STREAM, false}:    1,
		{OpListen, unix.AF_INET, unix.SOCK_STREAM, false}:  1,
		{OpConnect, unix.AF_INET, unix.SOCK_STREAM, false}: 1,
		{OpAccept, unix.AF_INET, unix.SOCK_STREAM, false}:  1,
		{OpBind, unix.AF_INET6, unix.SOCK_DGRAM, true}:     1,
		{OpSend, unix.AF_INET, unix.SOCK_DGRAM, false}:     2,
		{OpBind, unix.AF_UNIX, unix.SOCK_DGRAM, false}:     1,
	}
	got := map[address]int{}
	for _, e := range w.events {
		if e.Kind == EventAddress {
			got[address{e.Op, e.Socket.Family, e.Socket.Type, e.Socket.V6Only}]++
		}
	}
	for a, n := range want {
		if got[a] != n {
			t.Errorf("%+v: %d events, want %d", a, got[a], n)
		}
		delete(got, a)
	}
	if len(got) > 0 {
		t.Errorf("there are other addresses: %+v", got)
	}
}

func TestSignals(t *testing.T) {
	w := record(t)
	_, other := newCgroup(t)
	c := command(t, other, "wait")
	goOn := talk(t, c)
	w.run("signals", strconv.Itoa(c.Process.Pid))
	goOn()
	w.whole()
	got := map[uint32]*Event{}
	for _, e := range w.events {
		if e.Kind == EventSignal {
			got[e.Flags] = e
		}
	}
	if e := got[uint32(unix.SIGURG)]; e == nil || e.Target != uint32(c.Process.Pid) || !strings.HasSuffix(e.Path.Name, filepath.Base(c.Path)) {
		t.Errorf("SIGURG to a process outside: %+v", e)
	}
	if e := got[0]; e == nil || e.Target != uint32(c.Process.Pid) {
		t.Errorf("signal 0 to a process outside: %+v", e)
	}
	if len(got) != 2 {
		t.Errorf("there are other signals: %+v", got)
	}
}

func TestLosses(t *testing.T) {
	shrink := func(name string, to uint32) func(*ebpf.CollectionSpec) {
		return func(s *ebpf.CollectionSpec) { s.Maps[name].MaxEntries = to }
	}
	for _, tt := range []struct {
		reason string
		change func(*ebpf.CollectionSpec)
	}{
		{"ring_full", shrink(sbxMapEvents, uint32(os.Getpagesize()))},
		{"calls_full", shrink(sbxMapCalls, 4)},
		{"checks_full", shrink(sbxMapChecks, 1)},
		{"actors_full", shrink(sbxMapActors, 1)},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			w := startWatch(t, Options{}, tt.change)
			w.run("opens", t.TempDir(), "100", "1") // nobody reads meanwhile
			w.read().end()
			for _, l := range w.state.Losses {
				if l.Reason == tt.reason && l.Count > 0 && l.Hides != "" {
					return
				}
			}
			t.Errorf("%s is not among %+v", tt.reason, w.state.Losses)
		})
	}
}

// TestCgroupsFull fills the map of cgroups: what is not watched for that is counted.
func TestCgroupsFull(t *testing.T) {
	w := startWatch(t, Options{}, func(s *ebpf.CollectionSpec) { s.Maps[sbxMapCgroups].MaxEntries = 3 })
	for n := range 5 {
		mkCgroup(t, filepath.Join(w.dir, strconv.Itoa(n)))
	}
	w.read().end()
	if len(w.state.Losses) != 1 || w.state.Losses[0].Reason != "cgroups_full" {
		t.Errorf("the losses are %+v", w.state.Losses)
	}
}

func TestRepeatedOperationsAreCounted(t *testing.T) {
	dir := t.TempDir()
	w := record(t)
	w.run("opens", dir, "10", "100")
	w.whole()
	var events, again uint64
	for _, e := range w.files(OpOpen, "") {
		if strings.HasPrefix(e.Path.Name, dir) {
			events++
			again += w.state.Again[e.Again].Count
		}
	}
	// Each file is created once and then opened.
	if events != 20 || events+again != 1000 {
		t.Errorf("%d events that happened %d times again, want 20 and 980", events, again)
	}
}

// What is done to one of many names is not taken for something else that is done to them.
func TestManyNamesForEachOperation(t *testing.T) {
	dir := t.TempDir()
	w := record(t)
	w.run("opens", dir, "1100", "3")
	w.whole()
	var created, opened int
	var again uint64
	for _, e := range w.files(OpOpen, "") {
		if !e.Path.Folded || !strings.HasPrefix(e.Path.Name, dir) {
			continue
		}
		again += w.state.Folded[e.Again.Directory()].Count
		if e.Opened.Created {
			created++
		} else {
			opened++
		}
	}
	if created != 1 || opened != 1 {
		t.Errorf("%d events for all files created and %d for all opened, want one of each", created, opened)
	}
	// Those of foldAfter files are counted each by itself, and two are the events.
	const folded = 1100 - foldAfter
	if again != folded-1+2*folded-1 {
		t.Errorf("they happened %d times again", again)
	}
}

func TestKilledRecorderLeavesNothing(t *testing.T) {
	name, dir := newCgroup(t)
	c := command(t, dir, "recorder", name)
	c.SysProcAttr = &syscall.SysProcAttr{} // beside what it records
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []ebpf.ProgramID
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "ready"; {
		id, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, ebpf.ProgramID(id))
	}
	if len(ids) < 8 {
		t.Fatalf("the recorder has %d programs: %s", len(ids), c.Stderr)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	deadline := time.Now().Add(10 * time.Second)
	for _, id := range ids {
		for {
			p, err := ebpf.NewProgramFromID(id)
			if errors.Is(err, os.ErrNotExist) {
				break
			}
			p.Close()
			if time.Now().After(deadline) {
				t.Fatalf("the program %d is still there", id)
			}
			time.Sleep(10 * time.Millisecond)
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
