// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"strings"
	"testing"

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

// TestStateChangesNothing reads what there is on the way: nothing is taken away by that.
func TestStateChangesNothing(t *testing.T) {
	w := record(t)
	for range 3 {
		w.run("calls", "100")
		if _, err := w.r.State(); err != nil {
			t.Fatal(err)
		}
	}
	w.whole()
	again, err := w.r.State()
	if err != nil {
		t.Fatal(err)
	}
	if n := w.counted("getpgid", 0); n != 300 || len(again.Calls) != len(w.state.Calls) {
		t.Errorf("getpgid was counted %d times, want 300; there were %d calls, and then %d", n, len(w.state.Calls), len(again.Calls))
	}
}

// TestTwoProgramsTakeTurns has each program twice, as where the kernel leaves out one of
// a task that is preempted: what both see is counted once.
func TestTwoProgramsTakeTurns(t *testing.T) {
	dir := t.TempDir()
	w := startWatch(t, Options{}, func(s *ebpf.CollectionSpec) {
		if err := s.Variables[sbxVarTurns].Set(uint32(2)); err != nil {
			t.Fatal(err)
		}
	}).read()
	w.run("calls", "1000")
	w.run("children", "3")
	w.run("opens", dir, "10", "5")
	w.whole()
	if w.r.second == nil {
		t.Fatal("there is only one of each program")
	}
	if n := w.counted("getpgid", 0); n != 1004 {
		t.Errorf("getpgid was counted %d times, want 1004", n)
	}
	var opens uint64
	for _, e := range w.files(OpOpen, "") {
		if strings.HasPrefix(e.Path.Name, dir) {
			opens += 1 + w.state.Again[e.Again].Count
		}
	}
	if opens != 50 {
		t.Errorf("%d opens were counted, want 50", opens)
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

// TestNoCallSeemsFilteredAtTheEnd ends a recording while a process that has a filter
// makes calls which the filter lets through: those whose entry is not seen any more
// are not taken for answers of the filter.
func TestNoCallSeemsFilteredAtTheEnd(t *testing.T) {
	w := record(t)
	goOn := talk(t, command(t, w.dir, "busy"))
	w.end()
	goOn()
	for _, c := range w.state.Calls {
		if c.Filtered {
			t.Errorf("a call that nobody filtered is recorded as %+v", c)
		}
	}
	if w.counted("getsid", 0) == 0 {
		t.Error("no call of the process was recorded")
	}
}

// TestNoCallSeemsFilteredAtTheBeginning is the same for the beginning.
func TestNoCallSeemsFilteredAtTheBeginning(t *testing.T) {
	w, goOn := recordRunning(t, "busy")
	goOn()
	w.end()
	for _, c := range w.state.Calls {
		if c.Filtered {
			t.Errorf("a call that nobody filtered is recorded as %+v", c)
		}
	}
	if w.counted("getsid", 0) == 0 {
		t.Error("no call of the process was recorded")
	}
}
