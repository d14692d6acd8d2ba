// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
)

// recordRunning records a cgroup in which a process runs already.
func recordRunning(t *testing.T, helper string) (w *watch, goOn func()) {
	t.Helper()
	name, dir := newCgroup(t)
	goOn = talk(t, command(t, dir, helper))
	r, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	if err := r.Start([]string{name}); err != nil {
		t.Fatal(err)
	}
	return (&watch{t: t, r: r, dir: dir, done: make(chan error, 1)}).read(), goOn
}

func (e *entries) watched() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.links != nil
}

// waitForEntries waits until the programs at the entry are attached, or are not.
func waitForEntries(t *testing.T, w *watch, want bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for w.r.entries.watched() != want {
		if time.Now().After(deadline) {
			t.Fatalf("entries of calls are watched: %v, want %v", !want, want)
		}
		time.Sleep(time.Millisecond)
	}
}

// outcomes are the calls of these names with how they ended, each once, and the checks
// that were made in them.
func (w *watch) outcomes(names ...string) []string {
	var all []string
	for _, c := range w.state.Calls {
		if name, _ := seccomp.Name(c.ABI, c.Number); slices.Contains(names, name) {
			all = append(all, fmt.Sprintf("%s %s %d unfinished=%v killed=%v filtered=%v", c.ABI, name, c.Errno, c.Unfinished, c.Killed, c.Filtered))
		}
	}
	for _, c := range w.state.Checks {
		if name, _ := seccomp.Name(c.ABI, c.Number); c.Number >= 0 && slices.Contains(names, name) {
			all = append(all, fmt.Sprintf("%s %s %d asked for %d: %v", c.ABI, name, c.Errno, c.Cap, c.Granted))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// What is seen at the return alone is what is seen with the entry.
func TestTheSameWithoutEntries(t *testing.T) {
	skipWhereEntriesAreAlwaysWatched(t)
	names := []string{"getpgid", "getsid", "getpriority", "execve", "execveat", "exit_group", "exit", "chroot",
		"setuid", "setgid", "openat"}
	for _, args := range [][]string{{"calls", "3"}, {"minus"}, {"setid"}, {"opens", t.TempDir(), "3", "2"}, {"storm", "5"},
		{"capability"}, {"execat"}, {"handle"}} {
		names := names
		if args[0] == "handle" { // elsewhere Go's scheduler interrupts, or not
			names = append(slices.Clone(names), "rt_sigreturn")
		}
		t.Run(args[0], func(t *testing.T) {
			with := record(t)
			if !with.r.entries.watched() {
				t.Error("entries are not watched where nothing runs yet")
			}
			goOn := talk(t, command(t, with.dir, "wait"))
			with.run(args[0], args[1:]...)
			goOn()
			with.whole()
			without, goOn := recordRunning(t, "wait")
			without.run(args[0], args[1:]...)
			if without.r.entries.watched() {
				t.Error("entries are watched though nothing needs it")
			}
			goOn()
			without.whole()
			if diff := cmp.Diff(with.outcomes(names...), without.outcomes(names...)); diff != "" {
				t.Errorf("with entries (-) and without (+):\n%s", diff)
			}
		})
	}
}

func skipWhereEntriesAreAlwaysWatched(t *testing.T) {
	t.Helper()
	requireRoot(t)
	r, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.entries.always() {
		t.Skip("NOT TESTED: entries of calls are always watched on this machine")
	}
}

// A filter that a process sets for itself long after its start.
func TestEntriesAreWatchedForAFilter(t *testing.T) {
	skipWhereEntriesAreAlwaysWatched(t)
	w, goOn := recordRunning(t, "wait")
	c := command(t, w.dir, "latefilter")
	finish := talk(t, c) // it has its filter
	waitForEntries(t, w, true)
	finish()
	goOn()
	w.end()
	filtered := uint64(0)
	for _, c := range w.calls("getpgid") {
		if c.Filtered {
			filtered += c.Count
		}
	}
	// Each thread's first may have been under way.
	if filtered < 2 {
		t.Errorf("%d calls were answered by the filter, want 3: %+v", filtered, w.calls("getpgid"))
	}
	for _, c := range w.calls("getsid") {
		if c.Filtered {
			t.Errorf("a call that was made counts as filtered: %+v", c)
		}
	}
	w.r.entries.until = time.Time{}
	if err := w.r.entries.tick(); err != nil || !w.r.entries.kept {
		t.Errorf("with a filter the entries are not watched to the end (%v)", err)
	}
}

// They come and go while calls are made: none of them is lost, or taken for another.
func TestEntriesComeAndGo(t *testing.T) {
	skipWhereEntriesAreAlwaysWatched(t)
	w := record(t)
	c := command(t, w.dir, "calls", "300000")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	times, err := 0, errors.New("")
	for running := true; running; times++ {
		w.r.entries.settle = 0
		if err := errors.Join(w.r.entries.watch(), w.r.entries.tick()); err != nil {
			t.Fatal(err)
		}
		select {
		case err = <-ended:
			running = false
		default:
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	w.whole()
	if n := w.counted("getpgid", 0); n != 300000 || times < 3 {
		t.Errorf("getpgid was counted %d times, want 300000, with entries watched %d times meanwhile", n, times)
	}
	for _, c := range w.state.Calls {
		if c.Filtered {
			t.Errorf("without a filter a call counts as answered by one: %+v", c)
		}
	}
}

// execAt executes a program by a name relative to nothing, as only its call's number
// tells from execve.
func execAt([]string) error {
	path, err := unix.BytePtrFromString("/bin/true")
	if err != nil {
		return err
	}
	argv := []*byte{path, nil}
	_, _, errno := unix.RawSyscall6(unix.SYS_EXECVEAT, ^uintptr(99), uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&argv[0])), 0, 0, 0)
	return errno
}

// handleSignal handles a signal, and returns from the handler.
func handleSignal([]string) error {
	return unix.Kill(os.Getpid(), unix.SIGURG)
}

// filterLate says that it has set a filter, and then is answered by it.
func filterLate([]string) error {
	if err := filter(unix.SECCOMP_RET_ERRNO | uint32(unix.EXDEV)); err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	for range 3 {
		if _, err := unix.Getpgid(0); !errors.Is(err, unix.EXDEV) {
			return fmt.Errorf("getpgid: %w", err)
		}
		if _, err := unix.Getsid(0); err != nil {
			return err
		}
	}
	return nil
}
