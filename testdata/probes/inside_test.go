// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

const insideVariable = "PROBES_INSIDE"

// oldRoot is where the machine's files are for a test inside.
const oldRoot = "/machine"

// inside runs the rest of a test in namespaces of its own, in a prepared root, and
// reports false to the caller outside.
func inside(t *testing.T) bool {
	t.Helper()
	if root := os.Getenv(insideVariable); root != "" {
		if os.Getpid() == 1 {
			again(t)
			return false
		}
		enter(t, root)
		return true
	}
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: the operations were not run: that needs root")
	}
	program := build(t)
	root := t.TempDir()
	if err := Prepare(root, program); err != nil {
		t.Fatal(err)
	}
	t.Setenv(insideVariable, root)
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=5m")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
			unix.CLONE_NEWPID | unix.CLONE_NEWCGROUP,
		Pdeathsig: unix.SIGKILL,
	}
	out, err := cmd.CombinedOutput()
	t.Logf("inside:\n%s", out)
	figures(string(out))
	if err != nil {
		t.Errorf("inside: %v", err)
	}
	return false
}

// again runs the test once more as another process than 1, which operations look
// at as somebody else's.
func again(t *testing.T) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
}

// build returns the program; a machine without a compiler is given it in
// $PROBES_PROGRAM.
func build(t *testing.T) string {
	t.Helper()
	if program := os.Getenv("PROBES_PROGRAM"); program != "" {
		return program
	}
	program, err := Build(buildDir(t))
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// buildDir is where the program is kept between tests.
func buildDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("sbxprof-probes-%d", os.Getuid()))
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	return dir
}

// enter makes root the root of this mount namespace, with the kernel's file
// systems that a service sees.
func enter(t *testing.T, root string) {
	t.Helper()
	step := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("entering %s: %s: %v", root, what, err)
		}
	}
	step("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	step("/root", os.Chmod(root+"/root", 0o700))
	step("bind", unix.Mount(root, root, "", unix.MS_BIND, ""))
	// The machine's /tmp may be one where devices and set-id programs have no effect.
	step("remount", unix.Mount("", root, "", unix.MS_REMOUNT|unix.MS_BIND, ""))
	for _, m := range []struct{ kind, at string }{
		{"proc", "/proc"},
		{"sysfs", "/sys"},
		{"cgroup2", "/sys/fs/cgroup"},
		{"bpf", "/sys/fs/bpf"},
		{"debugfs", "/sys/kernel/debug"},
		{"tracefs", "/sys/kernel/tracing"},
		{"devpts", "/dev/pts"},
	} {
		step(m.at, os.MkdirAll(root+m.at, 0o755))
		options := ""
		if m.kind == "devpts" {
			options = "newinstance,ptmxmode=0666,mode=0620"
		}
		step(m.at, unix.Mount(m.kind, root+m.at, m.kind, 0, options))
	}
	step("/dev/ptmx", unix.Mount(root+"/dev/pts/ptmx", root+"/dev/ptmx", "", unix.MS_BIND, ""))
	step(oldRoot, os.Mkdir(root+oldRoot, 0o755))
	for _, name := range []string{"/lib", "/lib64"} { // for the machine's programs
		step(name, os.Symlink(oldRoot+name, root+name))
	}
	step("pivot", unix.PivotRoot(root, root+oldRoot))
	step("/", os.Chdir("/"))
	// The machine's cgroups are not ours.
	step(oldRoot+"/sys", unix.Unmount(oldRoot+"/sys", unix.MNT_DETACH))
	step("host name", unix.Sethostname([]byte("probe")))
	step("loopback", loopbackUp())
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCSIFFLAGS, uintptr(unsafe.Pointer(request))); errno != 0 {
		return errno
	}
	return nil
}

// asUser is how the operations are run as uid.
func asUser(uid int) *syscall.SysProcAttr {
	if uid == 0 {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
}

// outsider is somebody else's process that operations look at and signal.
func outsider(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(Program, "--wait")
	cmd.SysProcAttr = asUser(OtherID)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // its end is all that counts
		_ = cmd.Wait()
	})
	return cmd.Process.Pid
}

func environment(outside int) []string {
	return []string{"PROBE_AREA=" + Area, fmt.Sprintf("PROBE_OUTSIDE=%d", outside)}
}

// errnoName is the kernel's name of an errno that the C library has two names for.
func errnoName(errno syscall.Errno) string {
	if errno == unix.EOPNOTSUPP {
		return "EOPNOTSUPP"
	}
	return unix.ErrnoName(errno)
}

// outcomeOf names an exit status of "probe --exec".
func outcomeOf(status int) string {
	switch {
	case status == 0:
		return "ok"
	case status < 0:
		return "killed"
	}
	return errnoName(syscall.Errno(status))
}

// figures prints the line of figures of a run, also without -v, and tells whether
// there was one.
func figures(out string) bool {
	found := false
	for line := range strings.Lines(out) {
		if _, tally, ok := strings.Cut(line, "probes: "); ok {
			fmt.Print("probes: ", tally)
			found = true
		}
	}
	return found
}
