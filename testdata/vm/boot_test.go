// SPDX-License-Identifier: Apache-2.0

package vm

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

// helperEnv makes this test binary start a machine, print qemu's pid, and wait to be
// killed.
const helperEnv = "VM_TEST_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperEnv) == "" {
		os.Exit(m.Run())
	}
	machine, err := launch(context.Background(), Options{}.withDefaults())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(machine.child.Pid())
	select {}
}

// One machine for all, as a boot takes ten seconds; the last test is its end.
func TestMachine(t *testing.T) {
	m := New(t, Options{})
	t.Run("kernel and systemd", func(t *testing.T) { checkSuite(t, m) })
	t.Run("services", func(t *testing.T) { checkServices(t, m) })
	t.Run("files", func(t *testing.T) { checkFiles(t, m) })
	t.Run("a program that takes too long", func(t *testing.T) { checkDeadline(t, m) })
	t.Run("a kernel that panics", func(t *testing.T) { checkPanic(t, m) })
}

func checkSuite(t *testing.T, m *Machine) {
	if got := m.Check(t, "uname", "-r"); !strings.HasPrefix(got, "6.1.0-") {
		t.Errorf("kernel %q, want Debian 12's", got)
	}
	if got := m.Check(t, "systemctl", "--version"); !strings.HasPrefix(got, "systemd 252 ") {
		t.Errorf("%q, want systemd 252", got)
	}
	if got := m.Check(t, "cat", "/sys/kernel/security/lsm"); !strings.Contains(got, "bpf") {
		t.Errorf("security modules %q, want bpf among them", got)
	}
	m.Check(t, "test", "-r", "/sys/kernel/btf/vmlinux")
}

func checkServices(t *testing.T, m *Machine) {
	if r, err := m.Run(t.Context(), "systemctl", "is-active", "lighttpd"); err != nil || r.Status == 0 {
		t.Errorf("lighttpd runs at boot: %+v, %v", r, err)
	}
	m.Check(t, "systemctl", "start", "lighttpd")
	m.Check(t, "curl", "--silent", "--show-error", "--retry", "9", "--retry-connrefused", "http://localhost/")
	// A sandbox is one, and exit statuses come through.
	r, err := m.Run(t.Context(), "systemd-run", "--quiet", "--wait", "--pipe",
		"-p", "SystemCallFilter=~mkdir", "-p", "SystemCallErrorNumber=EPERM", "mkdir", "/tmp/denied")
	if err != nil || r.Status != 1 || !strings.Contains(r.Stderr, "not permitted") {
		t.Errorf("mkdir without mkdir(2): %+v, %v", r, err)
	}
}

func checkFiles(t *testing.T, m *Machine) {
	content := bytes.Repeat([]byte{0, '\n', 0xff}, 5<<20)
	if err := m.WriteFile(t.Context(), "/root/a folder/file", content, 0o750); err != nil {
		t.Fatal(err)
	}
	if got, err := m.ReadFile(t.Context(), "/root/a folder/file"); err != nil || !bytes.Equal(got, content) {
		t.Errorf("read %d bytes of %d, %v", len(got), len(content), err)
	}
	if got := m.Check(t, "stat", "-c", "%a", "/root/a folder/file"); got != "750\n" {
		t.Errorf("mode %q, want 750", got)
	}
	if _, err := m.ReadFile(t.Context(), "/nonexistent"); err == nil {
		t.Error("a file that is not there: no error")
	}
}

// checkDeadline checks that only the program ends, and its children.
func checkDeadline(t *testing.T, m *Machine) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if r, err := m.Run(ctx, "sh", "-c", "sleep 7654321 & wait"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a program that does not end: %+v, %v", r, err)
	}
	if r, err := m.Run(t.Context(), "pgrep", "--full", "sleep 7654321"); err != nil || r.Status != 1 {
		t.Errorf("after its deadline: %+v, %v, want nothing left of it", r, err)
	}
}

// checkPanic checks that the end of a machine is told with its reason.
func checkPanic(t *testing.T, m *Machine) {
	_, err := m.Run(t.Context(), "sh", "-c", "echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger")
	if err == nil || !strings.Contains(err.Error(), "sysrq triggered crash") {
		t.Errorf("a kernel panic: %v, want what the console said", err)
	}
}

func TestKilledTestLeavesNothing(t *testing.T) {
	testbed.RequireRoot(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), helperEnv+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	qemu, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(syscall.Kill(qemu, 0), cmd.Process.Kill()); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	deadline := time.Now().Add(10 * time.Second)
	for syscall.Kill(qemu, 0) == nil {
		if time.Now().After(deadline) {
			t.Fatalf("qemu (%d) outlives the test that started it", qemu)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestWatchdog checks that a machine does not outlive its lifetime.
func TestWatchdog(t *testing.T) {
	testbed.RequireRoot(t)
	m, err := Boot(t.Context(), Options{Lifetime: time.Second})
	if err == nil {
		t.Error("a machine booted in a second, or outlived its lifetime", m.Close())
	}
}
