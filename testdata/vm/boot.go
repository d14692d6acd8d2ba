// SPDX-License-Identifier: Apache-2.0

package vm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
	"github.com/sbxprof/sbxprof/testdata/vm/internal/agent"
)

// Options say what machine to boot. The zero value is a Debian 12 with lighttpd,
// curl and strace installed, and none of them running.
type Options struct {
	// Suite is the code name of the Debian release; bookworm by default.
	Suite string
	// Packages are installed in addition, and not started. Each set of them makes
	// an image of its own.
	Packages []string
	// CPUs is how many the machine has; 2 by default. On a busy host one is faster if
	// what runs waits for each other anyway: emulated CPUs wait for each other, too.
	CPUs int
	// Lifetime is after how long the machine is killed, whatever it does: one that
	// hangs keeps two CPUs busy. 30 minutes by default.
	Lifetime time.Duration
	// Log is where building images is announced; standard error by default.
	Log io.Writer
}

// Suites returns the Debian releases that are tested, oldest first.
func Suites() []string { return []string{"bullseye", "bookworm", "trixie", "sid"} }

// Boot boots a machine and waits until systemd says that it runs. The first boot
// of a suite builds its image, which fetches packages. ctx bounds the boot, not
// the life of the machine: that ends with [Machine.Close] or with this process.
func Boot(ctx context.Context, o Options) (*Machine, error) {
	o = o.withDefaults()
	m, err := launch(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("booting %s: %w", o.Suite, err)
	}
	if err := m.waitRunning(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("booting %s: %w", o.Suite, err), m.Close())
	}
	return m, nil
}

// launch builds what the machine consists of and starts qemu.
func launch(ctx context.Context, o Options) (*Machine, error) {
	args, err := o.commandLine(ctx)
	if err != nil {
		return nil, err
	}
	initramfs, err := initramfsFor(ctx, o)
	if err != nil {
		return nil, err
	}
	defer initramfs.Close()
	return start(o, args, initramfs)
}

func (o Options) withDefaults() Options {
	if o.Suite == "" {
		o.Suite = "bookworm"
	}
	if o.CPUs == 0 {
		o.CPUs = 2
	}
	if o.Lifetime == 0 {
		o.Lifetime = 30 * time.Minute
	}
	if o.Log == nil {
		o.Log = os.Stderr
	}
	return o
}

// commandLine returns qemu's command line but for the initramfs, which it reads
// from descriptor 4. Descriptor 3 is the agent's port.
func (o Options) commandLine(ctx context.Context) ([]string, error) {
	program, err := qemu(ctx, o.Log)
	if err != nil {
		return nil, err
	}
	folder, err := image(ctx, o)
	if err != nil {
		return nil, err
	}
	return []string{
		// With its own libraries: the host may have older ones, and another libc.
		program + "/usr/lib64/ld-linux-x86-64.so.2", "--library-path", program + "/usr/lib/x86_64-linux-gnu",
		program + "/usr/bin/qemu-system-x86_64", "-L", program + "/usr/share/qemu", "-L", program + "/usr/share/seabios",
		"-machine", "q35,sata=off,smbus=off,i8042=off,vmport=off", "-accel", "tcg,thread=multi,tb-size=256", "-cpu", cpu, "-smp", strconv.Itoa(o.CPUs), "-m", "1024",
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio",
		"-kernel", filepath.Join(folder, "vmlinuz"), "-initrd", "/dev/fd/4", "-append", o.kernelCommandLine(),
		"-drive", "if=none,id=disk,format=raw,cache=unsafe,snapshot=on,file=" + filepath.Join(folder, "root.img"),
		"-device", "virtio-blk-pci,drive=disk", "-device", "virtio-rng-pci",
		"-chardev", "socket,id=agent,fd=3", "-device", "virtio-serial-pci",
		"-device", "virtserialport,chardev=agent,name=" + agent.PortName,
	}, nil
}

// cpu has all that qemu can emulate but for fast string instructions: it emulates them
// byte by byte, and kernels that find them announced copy and clear memory with them,
// which took a seventh of all time.
const cpu = "max,-erms,-fsrm,-fzrm,-fsrs,-fsrc"

// kernelCommandLine makes a panic the end of qemu, and leaves out what costs time
// without hardware of its own, such as a fifth level of page tables. On a busy host an emulated timer fails the kernel's
// check of it, which is a panic.
func (o Options) kernelCommandLine() string {
	line := "console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on tsc=reliable no_timer_check no5lvl"
	if o.Suite == "bullseye" {
		// Debian's own list has no bpf before 6.1: LSM programs attach and never fire.
		line += " lsm=lockdown,yama,loadpin,safesetid,integrity,apparmor,selinux,smack,tomoyo,bpf"
	}
	return line
}

// start starts qemu.
func start(o Options, args []string, initramfs *os.File) (*Machine, error) {
	near, far, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer far.Close()
	m := &Machine{Suite: o.Suite, conn: near, qemu: exec.Command(args[0], args[1:]...)}
	m.qemu.Stdout, m.qemu.Stderr = &m.console, &m.console
	m.qemu.ExtraFiles = []*os.File{far, initramfs}
	m.qemu.SysProcAttr = &syscall.SysProcAttr{}
	if m.child, err = host.StartChild(m.qemu); err != nil {
		return nil, errors.Join(err, near.Close())
	}
	m.watchdog = time.AfterFunc(o.Lifetime, m.kill)
	return m, nil
}

// socketPair returns two connected sockets, the first of which is this process's
// own: when qemu has died, it is at its end.
func socketPair() (near, far *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	// Only a file that does not block can be closed while it is read.
	if err := unix.SetNonblock(fds[0], true); err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "agent"), os.NewFile(uintptr(fds[1]), "agent"), nil
}

// waitRunning waits for the end of the boot. A unit that failed is an error.
func (m *Machine) waitRunning(ctx context.Context) (err error) {
	stop := context.AfterFunc(ctx, m.kill)
	m.client, err = agent.NewClient(m.conn)
	stop()
	if err != nil {
		return errors.Join(m.gone(err), ctx.Err())
	}
	r, err := m.Run(ctx, "systemctl", "is-system-running", "--wait")
	if err != nil {
		return err
	}
	if state := strings.TrimSpace(r.Stdout); state != "running" {
		failed, _ := m.Run(ctx, "systemctl", "--failed", "--no-legend")
		return fmt.Errorf("the system is %s\n%s%s", state, failed.Stdout, r.Stderr)
	}
	return nil
}
