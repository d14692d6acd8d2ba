// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// stormsEnv asks for storms as large as they are promised to be survived; they take
// minutes. Without it there are smaller ones.
const stormsEnv = "SBXPROF_TEST_STORMS"

func inStorms(few, many int) int {
	if os.Getenv(stormsEnv) != "" {
		return many
	}
	return few
}

// TestForkStorm makes processes that live for one system call.
func TestForkStorm(t *testing.T) {
	w := record(t)
	w.run("storm", "10000")
	w.whole()
	if n := w.counted("getsid", 0); n != 10000 {
		t.Errorf("getsid was counted %d times in 10000 processes", n)
	}
}

// TestThreadStorm makes threads that live for one system call.
func TestThreadStorm(t *testing.T) {
	w := record(t)
	w.run("threaded", "10000")
	w.whole()
	if n := w.counted("getsid", 0); n != 10000 {
		t.Errorf("getsid was counted %d times in 10000 threads", n)
	}
}

// TestOpensOfFewFiles opens the same files again and again: they are counted, and there
// is one event for each, however many.
func TestOpensOfFewFiles(t *testing.T) {
	dir, times := t.TempDir(), inStorms(1000, 1_000_000)
	w := record(t)
	w.run("opens", dir, "10", strconv.Itoa(times))
	w.whole()
	var events, again uint64
	for _, e := range w.files(OpOpen, "") {
		if strings.HasPrefix(e.Path.Name, dir) {
			events++
			again += w.state.Again[e.Again].Count
		}
	}
	// Each file is created once and then opened.
	if events != 20 || events+again != 10*uint64(times) {
		t.Errorf("%d events that happened %d times again, want 20 for %d opens", events, again, 10*times)
	}
}

// maxMemory bounds what the maps may ever take of the kernel's memory.
const maxMemory = 128 << 20

// memory is what the maps take.
func (w *watch) memory() uint64 {
	w.t.Helper()
	n, err := w.r.Memory()
	if err != nil || n == 0 {
		w.t.Fatalf("the maps take %d bytes, %v", n, err)
	}
	return n
}

// TestManyFiles makes and removes files in many directories: in each the first ones are
// told apart, and the others are counted. The kernel's maps do not grow with them.
func TestManyFiles(t *testing.T) {
	dir, directories, files := t.TempDir(), inStorms(20, 1000), 1000
	w := record(t)
	w.run("spread", dir, strconv.Itoa(directories), strconv.Itoa(files))
	w.whole()
	for _, op := range []Op{OpOpen, OpUnlink} {
		apart, folded := map[string]int{}, map[string]uint64{}
		for _, e := range w.events {
			name := e.Path.Name
			if e.ByName {
				name = string(e.Given)
			}
			in, below := strings.CutPrefix(filepath.Dir(name), dir+"/d")
			if e.Kind != EventFile || e.Op != op || !below {
				continue
			}
			if e.Path.Folded {
				folded[in] += 1 + w.state.Folded[e.Again.Directory()].Count
			} else {
				apart[in] += 1 + int(w.state.Again[e.Again].Count)
			}
		}
		if len(apart) != directories || len(folded) != directories {
			t.Errorf("operation %d: files of %d directories told apart, and of %d folded, want %d", op, len(apart), len(folded), directories)
		}
		for in, n := range folded {
			if apart[in] != foldAfter || n != uint64(files-foldAfter) {
				t.Fatalf("operation %d: %d files of %s told apart, and %d folded, want %d and %d", op, apart[in], in, n, foldAfter, files-foldAfter)
			}
		}
	}
	n := w.memory()
	t.Logf("%d files: %d events, and maps of %d MiB", directories*files, len(w.events), n>>20)
	if n > maxMemory {
		t.Errorf("the maps take %d bytes after %d files", n, directories*files)
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
