// SPDX-License-Identifier: Apache-2.0

package enforce

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxFile bounds what is edited.
const maxFile = 1 << 20

// target is a file that is to be replaced by another version of itself.
type target struct {
	path   string
	text   string
	info   os.FileInfo
	xattrs map[string][]byte
}

// readTarget reads a regular file of one name: another version of it would be in the
// place of a symbolic link, and not under the other names.
func readTarget(path string) (*target, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if errors.Is(err, unix.ELOOP) {
		return nil, errors.New("it is a symbolic link: edit what that leads to by hand")
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, errors.New("it is no small regular file: edit it by hand")
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Nlink > 1 {
		return nil, errors.New("it has other names (hard links), under which it would stay as it is: edit it by hand")
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, err
	}
	xattrs, err := readXattrs(f)
	return &target{path, string(text), info, xattrs}, err
}

// replace puts another text into the file's place, with all that belonged to it. It
// fails when somebody else changed the file since it was read.
func (t *target) replace(text string) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(t.path), "."+filepath.Base(t.path)+".sbxprof-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp.Name()))
		}
	}()
	if err := errors.Join(t.fill(tmp, text), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := t.unchanged(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), t.path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(t.path))
}

// fill writes the text; the owner comes before the mode, since chown clears bits of
// it.
func (t *target) fill(tmp *os.File, text string) error {
	if _, err := tmp.WriteString(text); err != nil {
		return err
	}
	owner, ok := t.info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("%s: its owner is not known", t.path)
	}
	if err := errors.Join(t.withoutList(tmp), tmp.Chown(int(owner.Uid), int(owner.Gid))); err != nil {
		return err
	}
	if err := unix.Fchmod(int(tmp.Fd()), uint32(owner.Mode)&0o7777); err != nil {
		return err
	}
	for name, value := range t.xattrs {
		if err := unix.Fsetxattr(int(tmp.Fd()), name, value, 0); err != nil {
			return fmt.Errorf("keeping the attribute %s: %w", name, err)
		}
	}
	return nil
}

// accessList is the attribute with a file's access control list.
const accessList = "system.posix_acl_access"

// withoutList takes away the list that a new file gets from its directory's default.
func (t *target) withoutList(tmp *os.File) error {
	if _, has := t.xattrs[accessList]; has {
		return nil
	}
	err := unix.Fremovexattr(int(tmp.Fd()), accessList)
	if errors.Is(err, unix.ENODATA) || errors.Is(err, unix.ENOTSUP) {
		return nil
	}
	return err
}

func (t *target) unchanged() error {
	now, err := os.Lstat(t.path)
	if err != nil {
		return err
	}
	if !os.SameFile(now, t.info) || !now.ModTime().Equal(t.info.ModTime()) || now.Size() != t.info.Size() {
		return errors.New("somebody else has just changed it: try again")
	}
	return nil
}

// readXattrs returns the extended attributes, among which are access control lists
// and security labels.
func readXattrs(f *os.File) (map[string][]byte, error) {
	names := make([]byte, 1<<16)
	n, err := unix.Flistxattr(int(f.Fd()), names)
	if errors.Is(err, unix.ENOTSUP) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing its extended attributes: %w", err)
	}
	xattrs := map[string][]byte{}
	for _, name := range splitZero(names[:n]) {
		value := make([]byte, 1<<16)
		n, err := unix.Fgetxattr(int(f.Fd()), name, value)
		if err != nil {
			return nil, fmt.Errorf("reading the extended attribute %s: %w", name, err)
		}
		xattrs[name] = value[:n]
	}
	return xattrs, nil
}

func splitZero(list []byte) []string {
	var names []string
	start := 0
	for i, c := range list {
		if c == 0 {
			names = append(names, string(list[start:i]))
			start = i + 1
		}
	}
	return names
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
