// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"bytes"
	"errors"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteIsDeterministic(t *testing.T) {
	tr := sample()
	want := encode(t, tr)
	east := time.FixedZone("east", 3600)
	tr.Header.Begin = tr.Header.Begin.In(east)
	for i := range tr.Observations {
		tr.Observations[i].First = tr.Observations[i].First.In(east)
	}
	rand.New(rand.NewSource(2)).Shuffle(len(tr.Observations), func(i, j int) {
		tr.Observations[i], tr.Observations[j] = tr.Observations[j], tr.Observations[i]
	})
	if diff := cmp.Diff(string(want), string(encode(t, tr))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriteRefusesWhatCannotBeRead(t *testing.T) {
	for name, change := range map[string]func(*Trace){
		"no count":        func(tr *Trace) { tr.Observations[0].Count = 0 },
		"no fact":         func(tr *Trace) { tr.Observations[0].Syscall = nil },
		"no kind":         func(tr *Trace) { tr.Observations[0].Kind = "" },
		"the year 10000":  func(tr *Trace) { tr.Observations[0].First = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"an endless line": func(tr *Trace) { tr.Observations[2].File.Path = Path(strings.Repeat("x", maxLine)) },
	} {
		tr := sample()
		change(tr)
		if err := Write(io.Discard, tr); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		name       string
		options    WriteOptions
		compressed bool
	}{
		{"a.trace", WriteOptions{}, false},
		{"b.trace", WriteOptions{Zstd: true}, true},
		{"c.trace.zst", WriteOptions{}, true},
	} {
		path := filepath.Join(dir, tt.name)
		// What was there before, readable by all, is replaced.
		if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(path, sample(), tt.options); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != 0o600 {
			t.Errorf("%s has mode %v", tt.name, info.Mode())
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if compressed := bytes.HasPrefix(raw, zstdMagic); compressed != tt.compressed {
			t.Errorf("%s is compressed: %v", tt.name, compressed)
		}
		got, err := ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sample(), got, exact); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestWriteFileThatFailsLeavesTheOldOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.trace")
	if err := WriteFile(path, sample(), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	bad := sample()
	bad.Observations[0].Count = 0
	for _, options := range []WriteOptions{{}, {Zstd: true}} {
		if err := WriteFile(path, bad, options); err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("error %v", err)
		}
	}
	if _, err := ReadFile(path); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func TestWriteFileWhereNoneCanBe(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFile(dir, sample(), WriteOptions{}); err == nil {
		t.Error("onto a folder: no error")
	}
	if err := WriteFile(filepath.Join(dir, "none", "x"), sample(), WriteOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in no folder: %v", err)
	}
}

func TestWriteFileIntoADevice(t *testing.T) {
	if err := WriteFile(os.DevNull, sample(), WriteOptions{}); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode()&os.ModeDevice == 0 {
		t.Fatalf("the device was replaced: %v, %v", info, err)
	}
}
