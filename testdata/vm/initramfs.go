// SPDX-License-Identifier: Apache-2.0

package vm

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// guestPackage is the program that is both the initramfs's init and the agent.
const guestPackage = "github.com/sbxprof/sbxprof/testdata/vm/guest"

// initramfsFor returns an initramfs for the image of the options, in memory.
func initramfsFor(ctx context.Context, o Options) (*os.File, error) {
	folder, err := image(ctx, o)
	if err != nil {
		return nil, err
	}
	guest, err := buildGuest(ctx)
	if err != nil {
		return nil, err
	}
	modules, err := filepath.Glob(filepath.Join(folder, "modules", "*.ko"))
	if err != nil {
		return nil, err
	}
	fd, err := unix.MemfdCreate("initramfs", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "initramfs")
	if err := writeInitramfs(f, guest, modules); err != nil {
		f.Close()
		return nil, fmt.Errorf("writing the initramfs: %w", err)
	}
	return f, nil
}

// buildGuest builds the guest program. Go has it in its cache most of the time.
func buildGuest(ctx context.Context) ([]byte, error) {
	dir, err := os.MkdirTemp("", "sbxprof-vm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "guest")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, guestPackage)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the guest program, for which the working directory must be in this repository: %w\n%s", err, said)
	}
	return os.ReadFile(program)
}

// writeInitramfs writes the archive that the kernel unpacks: the guest program as
// its init, and the modules as /modules/NN-NAME.ko.
func writeInitramfs(w io.Writer, guest []byte, modules []string) error {
	a := &newc{w: w}
	for _, dir := range []string{"dev", "root", "modules"} {
		a.add(entry{name: dir, mode: unix.S_IFDIR | 0o755})
	}
	// Without it PID 1 has no standard error.
	a.add(entry{name: "dev/console", mode: unix.S_IFCHR | 0o600, major: 5, minor: 1})
	a.add(entry{name: "init", mode: unix.S_IFREG | 0o755, content: guest})
	for _, path := range modules {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		a.add(entry{name: "modules/" + filepath.Base(path), mode: unix.S_IFREG | 0o644, content: content})
	}
	a.add(entry{name: "TRAILER!!!"})
	return a.err
}

// entry is a file in an initramfs; major and minor are a device's.
type entry struct {
	name               string
	mode, major, minor uint32
	content            []byte
}

// newc writes a cpio archive in the format that Linux's
// Documentation/driver-api/early-userspace/buffer-format.rst describes.
type newc struct {
	w   io.Writer
	err error // the first that writing met
}

func (a *newc) add(e entry) {
	var b bytes.Buffer
	// magic, inode, mode, uid, gid, links, mtime, size, device, rdev, length of name, checksum
	fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 0, e.mode, 0, 0, 1, 0,
		len(e.content), 0, 0, e.major, e.minor, len(e.name)+1, 0)
	b.WriteString(e.name + "\x00")
	pad(&b)
	b.Write(e.content)
	pad(&b)
	if a.err == nil {
		_, a.err = a.w.Write(b.Bytes())
	}
}

// pad fills b up to a multiple of four bytes.
func pad(b *bytes.Buffer) {
	for b.Len()%4 != 0 {
		b.WriteByte(0)
	}
}
