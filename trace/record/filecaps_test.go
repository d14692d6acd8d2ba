// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// rawFileCapabilities is the attribute of 32-bit words.
func rawFileCapabilities(words ...uint32) []byte {
	var raw []byte
	for _, w := range words {
		raw = binary.LittleEndian.AppendUint32(raw, w)
	}
	return raw
}

const netRaw = 1 << 13

func TestDecodeFileCapabilities(t *testing.T) {
	raw, bpfs := []string{"CAP_NET_RAW"}, []string{"CAP_BPF", "CAP_63"}
	for name, c := range map[string]struct {
		raw  []byte
		want *trace.FileCapabilities
	}{
		"version 1":            {rawFileCapabilities(0x01000001, netRaw, 0), &trace.FileCapabilities{Permitted: raw, Effective: true}},
		"version 2":            {rawFileCapabilities(0x02000001, netRaw, 0, 0, 0), &trace.FileCapabilities{Permitted: raw, Effective: true}},
		"not in force at once": {rawFileCapabilities(0x02000000, netRaw, netRaw, 0, 0), &trace.FileCapabilities{Permitted: raw, Inheritable: raw}},
		"the second word":      {rawFileCapabilities(0x02000000, 0, 0, 0, 1<<7|1<<31), &trace.FileCapabilities{Inheritable: bpfs}},
		"version 3":            {rawFileCapabilities(0x03000001, netRaw, 0, 0, 0, 1000), &trace.FileCapabilities{Permitted: raw, Effective: true, RootID: 1000}},
		"none":                 {rawFileCapabilities(0x02000000, 0, 0, 0, 0), &trace.FileCapabilities{}},
		"nothing":              {nil, nil},
		"cut short":            {rawFileCapabilities(0x02000001, netRaw, 0, 0), nil},
		"another version":      {rawFileCapabilities(0x04000001, netRaw, 0, 0, 0), nil},
	} {
		if diff := cmp.Diff(c.want, decodeFileCapabilities(c.raw)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func FuzzDecodeFileCapabilities(f *testing.F) {
	f.Add(rawFileCapabilities(0x03000001, netRaw, 0, 0, 0, 1000))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if c := decodeFileCapabilities(raw); c != nil && len(c.Permitted) > 8*len(raw) {
			t.Errorf("%d of %d bytes", len(c.Permitted), len(raw))
		}
	})
}

// TestDescribeExecutable looks at programs with capabilities and without.
func TestDescribeExecutable(t *testing.T) {
	dir := t.TempDir()
	roots, err := newRoots()
	if err != nil {
		t.Fatal(err)
	}
	defer roots.Close()
	carries := func(name string, raw []byte) trace.File {
		name = dir + "/" + name
		if err := os.WriteFile(name, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if raw != nil {
			if err := unix.Setxattr(name, "security.capability", raw, 0); err != nil {
				t.Skipf("SKIPPED: no file can be given capabilities here: %v", err)
			}
		}
		f := trace.File{Path: trace.Path(name)}
		files{roots: roots}.describeExecutable(&bpf.Event{PID: uint32(os.Getpid()), Path: bpf.Path{Root: "/"}}, &f)
		return f
	}
	if f := carries("plain", nil); f.FileCaps || f.Carries != nil || f.Interpreter == "" {
		t.Errorf("a script without: %+v", f)
	}
	sh, err := filepath.EvalSymlinks("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	if f := carries("linked", nil); string(f.Interpreter) != sh || sh != "/bin/sh" && f.InterpreterGiven != "/bin/sh" {
		t.Errorf("a script for /bin/sh: %+v, want %s", f, sh)
	}
	f := carries("ping", rawFileCapabilities(0x02000001, netRaw, 0, 0, 0))
	if want := (&trace.FileCapabilities{Permitted: []string{"CAP_NET_RAW"}, Effective: true}); !f.FileCaps || !cmp.Equal(f.Carries, want) {
		t.Errorf("a script with CAP_NET_RAW: %v, %+v", f.FileCaps, f.Carries)
	}
}
