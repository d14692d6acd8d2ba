// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// overlaid is how much there is to read, so that it takes a while.
const overlaid = 32 << 20

// readAsNobody reads a file over and over as nobody, until its input ends.
func readAsNobody(args []string) error {
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	if err := syscall.Setgid(65533); err != nil {
		return err
	}
	if err := syscall.Setuid(65534); err != nil {
		return err
	}
	fmt.Println("ready")
	told := make(chan error, 1)
	go func() {
		_, err := os.Stdin.Read(make([]byte, 1))
		told <- err
	}()
	for all, last := make([]byte, overlaid), false; ; {
		if _, err := unix.Pread(int(f.Fd()), all, 0); err != nil || last {
			return err
		}
		select {
		case err := <-told:
			if err != nil {
				return err
			}
			last = true
		default:
		}
	}
}

// While a process reads from an overlay, it has the credentials of who mounted it.
func TestRunningOnOverlay(t *testing.T) {
	name, dir := newCgroup(t)
	lower, empty, merged := t.TempDir(), t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(lower, "file"), make([]byte, overlaid), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("overlay", merged, "overlay", unix.MS_RDONLY, "lowerdir="+lower+":"+empty); err != nil {
		t.Skip("NOT TESTED: this kernel mounts no overlay: ", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(merged, unix.MNT_DETACH) })
	goOn := talk(t, command(t, dir, "nobody", filepath.Join(merged, "file")))
	r, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	w := (&watch{t: t, r: r, dir: dir, done: make(chan error, 1)}).read()
	if err := r.Start([]string{name}); err != nil {
		t.Fatal(err)
	}
	goOn()
	w.whole()
	calls := w.calls("pread64")
	if len(calls) == 0 {
		t.Fatal("reading was not recorded")
	}
	for _, call := range calls {
		if who, _ := w.who(call.Actor); who.UID != 65534 || who.GID != 65533 {
			t.Errorf("%d:%d read, want 65534:65533", who.UID, who.GID)
		}
	}
}
