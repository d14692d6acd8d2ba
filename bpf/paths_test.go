// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestFileOperations(t *testing.T) {
	dir := t.TempDir()
	w := record(t)
	w.run("fileops", dir)
	w.whole()
	for _, op := range fileOps {
		found := 0
		for _, e := range w.files(op.op, "/"+op.name) {
			if e.Errno == 0 || op.op == OpIoctl {
				found++
				checkFileOp(t, &op, e, dir)
			}
		}
		for _, e := range w.events {
			if e.Kind == EventFile && e.Op == op.op && e.ByName && string(e.Given) == op.name && e.Errno == 0 {
				found++
				checkFileOp(t, &op, e, dir)
			}
		}
		if found != 1 {
			t.Errorf("%s: %d events, want 1", op.name, found)
		}
	}
}

func checkFileOp(t *testing.T, op *fileOp, e *Event, dir string) {
	t.Helper()
	want := filepath.Join(dir, op.name)
	if e.ByName {
		want = dir
	}
	if e.Path.Name != want || e.Path.Root != "/" || e.Path.Partial || e.Path.Unlinked {
		t.Errorf("%s: the path is %+v, want %s", op.name, e.Path, want)
	}
	if e.Flags != op.flags {
		t.Errorf("%s: the flags are %#x, want %#x", op.name, e.Flags, op.flags)
	}
	if e.File.Mode == 0 || e.Parent.Mode == 0 || e.File.Magic == 0 {
		t.Errorf("%s: the file is described as %+v in %+v", op.name, e.File, e.Parent)
	}
}

func TestDeepPaths(t *testing.T) {
	for _, tt := range []struct {
		name          string
		depth, length string
		partial       bool
	}{
		{"300 components", "300", "5", false},
		{"longer than PATH_MAX", "40", "200", false},
		{"too long", "120", "200", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			w := record(t)
			w.run("deep", dir, tt.depth, tt.length)
			w.whole()
			e := w.oneFile(OpOpen, "/deepest")
			if e.Path.Partial != tt.partial || strings.HasPrefix(e.Path.Name, dir) == tt.partial {
				t.Errorf("the path is %+v, want it partial: %v", e.Path, tt.partial)
			}
		})
	}
}

func TestBindMounts(t *testing.T) {
	dir := t.TempDir()
	w := record(t)
	w.run("mounts", dir)
	w.whole()
	for _, name := range []string{"/from/same", "/to/same"} {
		if e := w.oneFile(OpOpen, name); e.Path.Name != dir+name || e.Path.Root != "/" {
			t.Errorf("the path is %+v, want %s", e.Path, dir+name)
		}
	}
}

func TestChroot(t *testing.T) {
	dir := t.TempDir()
	w := record(t)
	w.run("chroot", dir)
	w.whole()
	jail := dir + "/jail"
	if e := w.oneFile(OpOpen, "/inside"); e.Path.Name != jail+"/inside" || e.Path.Root != jail {
		t.Errorf("a file in the chroot is %+v", e.Path)
	}
	if e := w.oneFile(OpMkdir, "/made"); e.Path.Name != jail || e.Path.Root != jail {
		t.Errorf("a name in the chroot is relative to %+v", e.Path)
	}
	if e := w.oneFile(OpOpen, "/escaped"); e.Path.Name != dir+"/escaped" || e.Path.Root != "" {
		t.Errorf("a file outside of the chroot is %+v", e.Path)
	}
}

// TestUntouchedName has a name that is not in memory when the call begins.
func TestUntouchedName(t *testing.T) {
	dir := t.TempDir()
	made, name := filepath.Join(dir, "made"), filepath.Join(dir, "name")
	if err := os.WriteFile(name, []byte(made+"\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := record(t)
	w.run("untouched", name)
	w.whole()
	if e := w.oneFile(OpMkdir, "/made"); string(e.Given) != made || e.NoName || e.Errno != 0 {
		t.Errorf("a directory with a name that was not in memory: %+v", e)
	}
}

func TestUnlinked(t *testing.T) {
	dir := t.TempDir()
	w := record(t)
	w.run("unlinked", dir)
	w.whole()
	if e := w.oneFile(OpTruncate, "/gone"); !e.Path.Unlinked || e.Path.Name != dir+"/gone" {
		t.Errorf("a file that was unlinked is %+v", e.Path)
	}
	for _, e := range w.files(OpOpen, "") {
		if e.Flags&tmpFile != 0 && e.Path.Unlinked && filepath.Dir(e.Path.Name) == dir {
			return
		}
	}
	t.Error("the O_TMPFILE is not there")
}

func TestScripts(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nexit 0\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	w := record(t)
	w.run("script", script)
	w.whole()
	if e := w.oneFile(OpExecute, "/script"); !e.ByName || string(e.Given) != script || e.Errno != 0 {
		t.Errorf("the script is %+v", e)
	}
	shell, err := filepath.EvalSymlinks("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	if e := w.oneFile(OpExecute, shell); e.ByName || e.Path.Name != shell {
		t.Errorf("its interpreter is %+v", e)
	}
}

func TestFailedOpenIsReported(t *testing.T) {
	w := record(t)
	w.run("opens", "/sbxprof-no-such-directory", "0", "0")
	c := command(t, w.dir, "opens", "/sbxprof-no-such-directory", "1", "1")
	if c.Run() == nil {
		t.Fatal("a directory that is not there was written to")
	}
	w.whole()
	if e := w.oneFile(OpOpen, "/sbxprof-no-such-directory/f0"); e.Errno != uint16(unix.ENOENT) || !e.ByName || e.Path.Name != "/" {
		t.Errorf("the failed open is %+v", e)
	}
}
