// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// threads makes threads as the C library does, with clone3(2) where it has that.
const threads = `#include <pthread.h>
#include <string.h>
static void *nothing(void *p) { return p; }
static void overwrite(void) { volatile char b[4096]; memset((char *)b, 0xff, sizeof b); }
int main(void) {
	for (int i = 0; i < 500; i++) {
		pthread_t t;
		if (pthread_create(&t, 0, nothing, 0)) return 1;
		overwrite();
		pthread_join(t, 0);
	}
	return 0;
}`

// TestFlagsOfClone3 makes threads whose maker goes on before they run: the flags are in
// the maker's memory, which by then is something else.
func TestFlagsOfClone3(t *testing.T) {
	dir := t.TempDir()
	source, program := filepath.Join(dir, "threads.c"), filepath.Join(dir, "threads")
	if err := os.WriteFile(source, []byte(threads), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cc", "-O0", "-pthread", "-o", program, source).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	w := record(t)
	f, err := os.Open(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := exec.Command(program)
	c.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(f.Fd())}
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	w.whole()
	var n uint64
	for _, call := range w.calls("clone3") {
		n += call.Count
		for _, a := range call.Args {
			if a&(unix.CLONE_NEWNS|unix.CLONE_NEWCGROUP|unix.CLONE_NEWUTS|unix.CLONE_NEWIPC|unix.CLONE_NEWUSER|unix.CLONE_NEWPID|unix.CLONE_NEWNET) != 0 {
				t.Errorf("a thread was made with the flags %#x, %d times", a, call.Count)
			}
		}
	}
	if n != 500 {
		t.Errorf("clone3 was counted %d times, want 500", n)
	}
}
