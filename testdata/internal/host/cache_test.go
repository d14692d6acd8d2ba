// SPDX-License-Identifier: Apache-2.0

package host

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

func TestCachedBuildsOnce(t *testing.T) {
	dir := t.TempDir()
	var built atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			path, err := Cached(dir, "key", func(tmp string) error {
				built.Add(1)
				return os.WriteFile(filepath.Join(tmp, "file"), nil, 0o600)
			})
			if err != nil || !Exists(filepath.Join(path, "file")) {
				t.Errorf("cached: %q, %v, without what was built", path, err)
			}
		})
	}
	all.Wait()
	if n := built.Load(); n != 1 {
		t.Errorf("built %d times, want once", n)
	}
}

func TestCachedAfterFailedBuild(t *testing.T) {
	dir := t.TempDir()
	broken := errors.New("broken")
	_, err := Cached(dir, "key", func(tmp string) error {
		return errors.Join(os.WriteFile(filepath.Join(tmp, "half"), nil, 0o600), broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("a failed build: %v, want its error", err)
	}
	path, err := Cached(dir, "key", func(string) error { return nil })
	if err != nil || Exists(filepath.Join(path, "half")) {
		t.Errorf("the next build: %v, and what the failed one left is there: %v", err, Exists(filepath.Join(path, "half")))
	}
}

func TestCachedAfterKilledBuild(t *testing.T) {
	dir := t.TempDir()
	half := filepath.Join(dir, "key.building", "half")
	if err := os.MkdirAll(half, 0o700); err != nil {
		t.Fatal(err)
	}
	path, err := Cached(dir, "key", func(string) error { return nil })
	if err != nil || Exists(filepath.Join(path, "half")) {
		t.Errorf("after a killed build: %v, and what it left is there: %v", err, Exists(filepath.Join(path, "half")))
	}
}

func TestCacheKey(t *testing.T) {
	keys := map[string]bool{}
	for _, k := range []string{
		CacheKey("root", "trixie", "a", "b"),
		CacheKey("root", "trixie", "ab"),
		CacheKey("root", "bookworm", "a", "b"),
		CacheKey("layer", "trixie", "a", "b"),
		CacheKey("root", "trixie", "a", "c"),
	} {
		if keys[k] {
			t.Errorf("two contents have the key %s", k)
		}
		keys[k] = true
	}
	a, b := CacheKey("root", "trixie", "a"), CacheKey("root", "trixie", "a")
	if a != b {
		t.Errorf("one content has two keys: %s and %s", a, b)
	}
}

func TestCacheDir(t *testing.T) {
	good := filepath.Join(t.TempDir(), "cache")
	t.Setenv("SBXPROF_TESTBED_CACHE", good)
	if dir, err := CacheDir(); err != nil || dir != good || !Exists(good) {
		t.Errorf("CacheDir: %q, %v", dir, err)
	}
	for _, bad := range []string{"relative", "/tmp/a:b", "/tmp/a,b"} {
		t.Setenv("SBXPROF_TESTBED_CACHE", bad)
		if dir, err := CacheDir(); err == nil {
			t.Errorf("SBXPROF_TESTBED_CACHE=%s: %q, want an error", bad, dir)
		}
	}
}
