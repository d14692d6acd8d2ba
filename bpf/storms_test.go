// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"strings"
	"testing"
)

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
