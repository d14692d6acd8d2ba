// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// Where things are, below a root.
const (
	// Program is the installed program.
	Program = "/usr/libexec/probe"
	// Area is the default working area.
	Area = "/var/lib/probe"
	// User is the name of an unprivileged user with id UserID, which also is its
	// group's.
	User   = "probe"
	UserID = 4711
	// OtherID is the user and group that own what is somebody else's.
	OtherID = 4712
)

// Prepare installs the program, a file that [Build] returned, below root, and makes
// the user and the files that operations need outside of the working area. It
// needs root. A running instance's root is /proc/PID/root: /dev, /run and the like
// are then the instance's own. A second call makes everything afresh.
func Prepare(root, program string) error {
	r, err := os.OpenRoot(root)
	if err != nil {
		return fmt.Errorf("preparing the probes' root: %w", err)
	}
	defer r.Close()
	binary, err := os.ReadFile(program)
	if err != nil {
		return fmt.Errorf("preparing the probes' root: %w", err)
	}
	m := maker{root: r, program: binary, directories: 0o777, files: 0o666}
	if err := m.install(); err != nil {
		return fmt.Errorf("preparing %s: %w", root, err)
	}
	for _, op := range Table {
		for _, item := range op.Needs {
			if item.outside() {
				err = errors.Join(err, m.makeOutside(item))
			}
		}
	}
	if err != nil {
		return fmt.Errorf("preparing %s: %w", root, err)
	}
	return addUser(r)
}

// PrepareArea makes a working area afresh, below a root that was prepared: what
// one run of any operations as the user uid needs. Runs at the same time need one
// each; the program finds it by PROBE_AREA.
func PrepareArea(root, area string, uid int) error {
	r, err := os.OpenRoot(root)
	if err != nil {
		return fmt.Errorf("preparing the working area: %w", err)
	}
	defer r.Close()
	m := maker{root: r, uid: uid, directories: 0o755, files: 0o644}
	m.removeCreated()
	m.unmountLeft(area)
	if m.program, err = r.ReadFile(below(Program)); err != nil {
		return fmt.Errorf("preparing the working area (is the root prepared?): %w", err)
	}
	if err := m.afresh(directory(area)); err != nil {
		return fmt.Errorf("preparing the working area: %w", err)
	}
	for _, op := range Table {
		for _, item := range op.Needs {
			if item.outside() {
				continue
			}
			if item.Path == "" {
				item.Path = op.Name
			}
			item.Path = path.Join(area, item.Path)
			if err := m.make(item); err != nil {
				return fmt.Errorf("preparing the working area: %w", err)
			}
		}
	}
	return nil
}

// below is an absolute path as os.Root takes it.
func below(p string) string {
	return strings.TrimPrefix(p, "/")
}

// maker makes items below a root.
type maker struct {
	root    *os.Root
	program []byte
	uid     int
	// The permissions of what has none of its own.
	directories, files uint32
}

func (m *maker) install() error {
	if err := m.root.MkdirAll(path.Dir(below(Program)), 0o755); err != nil {
		return err
	}
	_ = m.root.Remove(below(Program)) // it may be running
	return m.make(program(0, Program))
}

// makeOutside makes a directory that is the probes' own afresh, and leaves devices
// that are there as they are.
func (m *maker) makeOutside(item Item) error {
	if item.isDir() {
		return m.afresh(item)
	}
	if err := m.root.MkdirAll(path.Dir(below(item.Path)), 0o755); err != nil {
		return err
	}
	if item.Program {
		_ = m.root.Remove(below(item.Path)) // it may be an older one
	}
	if err := m.make(item); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func (m *maker) afresh(item Item) error {
	if !strings.HasPrefix(path.Base(item.Path), "probe") {
		return fmt.Errorf("%s is not named probe…: it will not be removed", item.Path)
	}
	if err := m.root.RemoveAll(below(item.Path)); err != nil {
		return err
	}
	if err := m.root.MkdirAll(path.Dir(below(item.Path)), 0o755); err != nil {
		return err
	}
	return m.make(item)
}

// removeCreated removes what an earlier run created outside of its working area; it
// need not be there.
func (m *maker) removeCreated() {
	name := created[min(m.uid, 1)]
	for _, place := range places {
		_ = m.root.Remove(path.Join(below(place.path), name))
	}
	_ = m.root.Remove(path.Join("dev/probe", name))
}

// unmountLeft takes away what an earlier run was let mount in its working area and not
// let unmount: where nobody gave it mounts of its own it is in the way.
func (m *maker) unmountLeft(area string) {
	dir, err := m.root.Open(below(area))
	if err != nil {
		return // the first run
	}
	defer dir.Close()
	for _, name := range []string{"mount_tmpfs", "mount_bind"} {
		_ = unix.Unmount(fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), name), unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
	}
}

func (m *maker) make(item Item) error {
	parent, err := m.root.Open(path.Dir(below(item.Path)))
	if err != nil {
		return err
	}
	defer parent.Close()
	dir, name := int(parent.Fd()), path.Base(item.Path)
	if err := m.node(dir, name, item); err != nil {
		return &fs.PathError{Op: "make", Path: item.Path, Err: err}
	}
	if err := m.own(dir, name, item); err != nil {
		return &fs.PathError{Op: "set the owner or mode of", Path: item.Path, Err: err}
	}
	return nil
}

func (m *maker) node(dir int, name string, item Item) error {
	switch item.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		return unix.Mkdirat(dir, name, 0o700)
	case unix.S_IFLNK:
		return unix.Symlinkat(item.Target, dir, name)
	case unix.S_IFREG:
		return m.regular(dir, name, item)
	default:
		return unix.Mknodat(dir, name, item.Mode, int(item.Device))
	}
}

func (m *maker) regular(dir int, name string, item Item) error {
	fd, err := unix.Openat(dir, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	content := []byte("prepared\n")
	if item.Program {
		content = m.program
	} else if item.Content != "" {
		content = []byte(item.Content)
	}
	_, err = f.Write(content)
	return err
}

// own sets owner, mode and attribute, in the order in which none undoes another.
func (m *maker) own(dir int, name string, item Item) error {
	uid := m.uid
	if item.UID != 0 {
		uid = item.UID
	}
	if err := unix.Fchownat(dir, name, uid, uid, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	if item.Mode&unix.S_IFMT == unix.S_IFLNK {
		return nil
	}
	mode := item.Mode & 0o7777
	switch {
	case mode != 0:
	case item.isDir():
		mode = m.directories
	default:
		mode = m.files
	}
	if err := unix.Fchmodat(dir, name, mode, 0); err != nil || item.Xattr == "" {
		return err
	}
	return setXattr(dir, name, item)
}

func setXattr(dir int, name string, item Item) error {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Fsetxattr(fd, item.Xattr, []byte(item.Value), 0)
}

// addUser makes the user known to the C library.
func addUser(r *os.Root) error {
	for file, line := range map[string]string{
		"etc/passwd": fmt.Sprintf("%s:x:%d:%d::/home/probe:/bin/sh\n", User, UserID, UserID),
		"etc/group":  fmt.Sprintf("%s:x:%d:\n", User, UserID),
	} {
		text, err := r.ReadFile(file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("adding the user %s: %w", User, err)
		}
		if bytes.Contains(text, []byte(line)) {
			continue
		}
		if err := r.WriteFile(file, append(text, line...), 0o644); err != nil {
			return fmt.Errorf("adding the user %s: %w", User, err)
		}
	}
	return nil
}
