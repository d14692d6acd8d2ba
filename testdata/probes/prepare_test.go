// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func prepared(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: making files of other users needs root")
	}
	root := t.TempDir()
	if err := Prepare(root, build(t)); err != nil {
		t.Fatal(err)
	}
	return root
}

// TestPrepareTwice makes everything afresh, also what a run has changed.
func TestPrepareTwice(t *testing.T) {
	root := prepared(t)
	program := build(t)
	for _, uid := range []int{0, UserID} {
		if err := PrepareArea(root, Area, uid); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(root, Area, "unlink")); err != nil {
			t.Error("the area has no file to unlink: ", err)
		}
	}
	if err := os.Remove(filepath.Join(root, "usr/probe/file")); err != nil {
		t.Fatal(err)
	}
	if err := Prepare(root, program); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "usr/probe/file")); err != nil {
		t.Error("not made again: ", err)
	}
	passwd, err := os.ReadFile(filepath.Join(root, "etc/passwd"))
	if err != nil || strings.Count(string(passwd), User+":x:4711") != 1 {
		t.Errorf("passwd is %q, %v", passwd, err)
	}
}

// TestPrepareMountedOver makes afresh what a run mounted something on.
func TestPrepareMountedOver(t *testing.T) {
	root := prepared(t)
	if err := PrepareArea(root, Area, 0); err != nil {
		t.Fatal(err)
	}
	over := filepath.Join(root, Area, "mount_tmpfs")
	if err := unix.Mount("probe", over, "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(over, unix.MNT_DETACH) })
	if err := PrepareArea(root, Area, 0); err != nil {
		t.Error(err)
	}
}

// TestPrepareKeepsOut does not follow links out of the root, nor removes what is not
// the probes' own.
func TestPrepareKeepsOut(t *testing.T) {
	root, elsewhere := prepared(t), t.TempDir()
	if err := os.RemoveAll(filepath.Join(root, "srv")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(root, "srv")); err != nil {
		t.Fatal(err)
	}
	if err := Prepare(root, build(t)); err == nil {
		t.Error("it went through a link out of the root")
	}
	if entries, _ := os.ReadDir(elsewhere); len(entries) > 0 {
		t.Errorf("it made %v elsewhere", entries)
	}
	if err := PrepareArea(root, "/etc", 0); err == nil {
		t.Error("it would have removed /etc")
	}
}

func TestPrepareAreaUnprepared(t *testing.T) {
	if err := PrepareArea(t.TempDir(), Area, 0); err == nil || !strings.Contains(err.Error(), "is the root prepared?") {
		t.Errorf("the error is %v", err)
	}
}
