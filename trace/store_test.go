// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStoreSavesAndLists(t *testing.T) {
	store := Store{filepath.Join(t.TempDir(), "new", "store")}
	if _, found, err := store.Latest(); found || err != nil {
		t.Fatalf("an empty store has a latest unit: %v, %v", found, err)
	}
	if paths, err := store.List("web.service"); len(paths) != 0 || err != nil {
		t.Fatalf("an empty store has traces: %v, %v", paths, err)
	}
	var saved []string
	for i, unit := range []string{"web.service", "a@b.service", `dev-a\x2db.service`, "web.service", ""} {
		tr := sample()
		tr.Header.Unit.Name = unit
		tr.Header.Begin = noon.Add(time.Duration(i) * time.Hour)
		path, err := store.Save(tr)
		if err != nil {
			t.Fatal(err)
		}
		saved = append(saved, path)
		if latest, found, err := store.Latest(); latest != unit || !found || err != nil {
			t.Errorf("Latest() = %q, %v, %v; want %q", latest, found, err, unit)
		}
	}
	got, err := store.List("web.service")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{saved[0], saved[3]}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, path := range saved {
		if _, err := ReadFile(path); err != nil {
			t.Error(err)
		}
	}
}

func TestStoreIsPrivateAndCompressed(t *testing.T) {
	store := Store{filepath.Join(t.TempDir(), "store")}
	path, err := store.Save(sample())
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(store.Dir, "web@a.service", "20260301T120000.123456Z.trace"); path != want {
		t.Errorf("saved as %s; want %s", path, want)
	}
	for p, mode := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700 | os.ModeDir, store.Dir: 0o700 | os.ModeDir} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != mode {
			t.Errorf("%s has mode %v; want %v", p, info.Mode(), mode)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(raw), string(zstdMagic)) {
		t.Errorf("it is not compressed: %.10q, %v", raw, err)
	}
}

// TestStoreReplacesTheSameRunAlone holds that a checkpoint gives way to the
// whole trace, and that nothing else ever does.
func TestStoreReplacesTheSameRunAlone(t *testing.T) {
	store := Store{t.TempDir()}
	save := func(run string) string {
		tr := sample()
		tr.Header.Run = run
		path, err := store.Save(tr)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	a, b := save("A"), save("B")
	if a == b || save("A") != a || save("B") != b {
		t.Errorf("run A is in %s, run B in %s", a, b)
	}
	if err := os.WriteFile(a, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := save("A"); again == a || again == b {
		t.Errorf("a file that is no trace was replaced: %s", again)
	}
}

func TestStoreSkipsWhatIsNoTrace(t *testing.T) {
	store := Store{t.TempDir()}
	for _, path := range []string{"web.service/.sbxprof-1.tmp", "web.service/notes", "not a unit/99991231T000000.000000Z.trace", "file", "web.service/d.trace/x"} {
		path = filepath.Join(store.Dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if paths, err := store.List("web.service"); len(paths) != 0 || err != nil {
		t.Errorf("List() = %v, %v", paths, err)
	}
	if unit, found, err := store.Latest(); found || err != nil {
		t.Errorf("Latest() = %q, %v, %v", unit, found, err)
	}
}

func TestStoreUnitNames(t *testing.T) {
	store := Store{"/store"}
	for _, name := range []string{
		"a.service", "-.mount", "a@b.service", "a@.service", `a\x2db@c\x2fd.service`, "dbus-:1.2-org.x@0.service", "..service", "a..service",
		strings.Repeat("a", 247) + ".service",
	} {
		path, err := store.Path(name, noon)
		if err != nil || filepath.Dir(path) != "/store/"+name {
			t.Errorf("%s: %s, %v", name, path, err)
		}
	}
	for _, name := range []string{
		".", "..", "../x.service", "/x.service", "a/b.service", "a", ".service", "@.service", "@x.service", "a.service/..", "a.service/../../x.service",
		"a b.service", "a\x00.service", "a\n.service", "ä.service", "a.exe", "a.service ", strings.Repeat("a", 248) + ".service",
	} {
		if path, err := store.Path(name, noon); !errors.Is(err, ErrUnitName) {
			t.Errorf("%q: %s, %v", name, path, err)
		}
		if _, err := store.List(name); !errors.Is(err, ErrUnitName) {
			t.Errorf("%q: List: %v", name, err)
		}
		tr := sample()
		tr.Header.Unit.Name = name
		if _, err := (Store{t.TempDir()}).Save(tr); !errors.Is(err, ErrUnitName) {
			t.Errorf("%q: Save: %v", name, err)
		}
	}
}

func TestDefaultStore(t *testing.T) {
	store, err := DefaultStore()
	if os.Geteuid() == 0 {
		if err != nil || store.Dir != "/var/lib/sbxprof" {
			t.Errorf("of root: %v, %v", store, err)
		}
	}
	t.Setenv("HOME", "/home/me")
	for state, want := range map[string]string{
		"/state": "/state/sbxprof", "relative": "/home/me/.local/state/sbxprof", "": "/home/me/.local/state/sbxprof",
	} {
		t.Setenv("XDG_STATE_HOME", state)
		if store, err := storeOfUser(); err != nil || store.Dir != want {
			t.Errorf("of a user with XDG_STATE_HOME=%q: %v, %v; want %s", state, store, err, want)
		}
	}
}

func TestStoreNamesSortByTime(t *testing.T) {
	var names []string
	for _, after := range []time.Duration{0, time.Microsecond, time.Second, time.Hour, 24 * time.Hour, 400 * 24 * time.Hour} {
		path, err := Store{}.Path("a.service", noon.Add(after))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, path)
	}
	if !slices.IsSorted(names) {
		t.Errorf("%q", names)
	}
}

// TestStoreListsInOrder saves runs that began at the same moment: their names have
// numbers, which are no text.
func TestStoreListsInOrder(t *testing.T) {
	s := Store{t.TempDir()}
	var saved []string
	for n := range 11 {
		tr := sample()
		tr.Header.Unit.Name, tr.Header.Run = "a.service", strconv.Itoa(n)
		path, err := s.Save(tr)
		if err != nil {
			t.Fatal(err)
		}
		saved = append(saved, path)
	}
	got, err := s.List("a.service")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(saved, got); diff != "" {
		t.Errorf("(-saved +listed):\n%s", diff)
	}
	tr := sample()
	tr.Header.Unit.Name, tr.Header.Run = "b.service", "other"
	if _, err := s.Save(tr); err != nil {
		t.Fatal(err)
	}
	if unit, _, err := s.Latest(); unit != "a.service" || err != nil {
		t.Errorf("the latest is %s, %v; want a.service, which has the same moment eleven times", unit, err)
	}
}

// TestSaveRemovesAbandoned has files next to the trace that a killed writer has left.
func TestSaveRemovesAbandoned(t *testing.T) {
	s := Store{t.TempDir()}
	tr := sample()
	path, err := s.Save(tr)
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-25 * time.Hour)
	for name, stays := range map[string]bool{".sbxprof-1.tmp": false, "sbxprof-1.tmp": true, ".sbxprof-2.tmp": true, "x.trace": true} {
		file := filepath.Join(filepath.Dir(path), name)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if name != ".sbxprof-2.tmp" {
			if err := os.Chtimes(file, old, old); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Save(tr); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(file); (err == nil) != stays {
			t.Errorf("%s: %v, want it to stay: %v", name, err, stays)
		}
	}
}
