// SPDX-License-Identifier: Apache-2.0

package enforce

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/suggest"
)

// ErrOtherOwner is a file that is not whose it was when the trace was recorded.
var ErrOtherOwner = errors.New("its owner, group or mode is not what it was when the trace was recorded: record again, or do it by hand")

// permit changes who may use a file. The file is opened first, with no symbolic link on
// the way, and what is open is compared and changed: a service that may write there
// cannot have another one changed.
func (s *Steps) permit(step suggest.Step) error {
	p := step.Permissions
	at, err := openAt(s.Root + string(p.Path))
	if err != nil {
		return fmt.Errorf("opening %s: %w", p.Path, err)
	}
	defer at.Close()
	var now unix.Stat_t
	if err := unix.Fstat(int(at.Fd()), &now); err != nil {
		return fmt.Errorf("looking at %s: %w", p.Path, err)
	}
	next, err := after(p, &now)
	switch {
	case err != nil:
		return err
	case p.Entry == "" && next.same(&now):
		s.say("already so: %s", string(p.Path))
		return nil
	case now.Uid != p.Before.UID || now.Gid != p.Before.GID || p.Entry == "" && now.Mode&0o7777 != p.Before.Mode: // with a list, part of the mode is its mask
		return fmt.Errorf("%s: %w", p.Path, ErrOtherOwner)
	}
	agreed, err := s.agree(step)
	if !agreed || err != nil {
		return err
	}
	changed := true
	if p.Entry != "" {
		changed, err = addEntry(at, p.Entry)
	} else {
		err = next.set(at, &now)
	}
	switch {
	case err != nil:
		return fmt.Errorf("changing %s: %w", p.Path, err)
	case !changed:
		s.say("already so: %s", string(p.Path))
	default:
		s.done(step)
	}
	return nil
}

// openAt opens a file for nothing but to name it, with no symbolic link on the way.
func openAt(name string) (*os.File, error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_SYMLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, name, &how)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// permissions are whose a file is to be.
type permissions struct{ uid, gid, mode uint32 }

func after(p *suggest.Permissions, now *unix.Stat_t) (permissions, error) {
	next := permissions{now.Uid, now.Gid, now.Mode&0o7777 | p.Add}
	if p.Owner != "" {
		u, err := user.Lookup(p.Owner)
		if err != nil {
			return next, fmt.Errorf("%s is to be %s's: %w", p.Path, p.Owner, err)
		}
		if next.uid, err = number(u.Uid); err != nil {
			return next, err
		}
	}
	if p.Group != "" {
		g, err := user.LookupGroup(p.Group)
		if err != nil {
			return next, fmt.Errorf("%s is to be the group %s's: %w", p.Path, p.Group, err)
		}
		if next.gid, err = number(g.Gid); err != nil {
			return next, err
		}
	}
	return next, nil
}

func number(id string) (uint32, error) {
	n, err := strconv.ParseUint(id, 10, 32)
	return uint32(n), err
}

func (p permissions) same(now *unix.Stat_t) bool {
	return p.uid == now.Uid && p.gid == now.Gid && p.mode == now.Mode&0o7777
}

// set changes both owner and mode, or neither. The mode is last: chown clears bits of it.
func (p permissions) set(at *os.File, before *unix.Stat_t) error {
	fd := int(at.Fd())
	if err := unix.Fchownat(fd, "", int(p.uid), int(p.gid), unix.AT_EMPTY_PATH); err != nil {
		return err
	}
	err := os.Chmod(magicLink(fd), os.FileMode(p.mode&0o777)|setBits(p.mode))
	if err == nil {
		return nil
	}
	return errors.Join(err, unix.Fchownat(fd, "", int(before.Uid), int(before.Gid), unix.AT_EMPTY_PATH))
}

// setBits are the set-id and sticky bits as os.FileMode has them.
func setBits(mode uint32) os.FileMode {
	var m os.FileMode
	for bit, as := range map[uint32]os.FileMode{unix.S_ISUID: os.ModeSetuid, unix.S_ISGID: os.ModeSetgid, unix.S_ISVTX: os.ModeSticky} {
		if mode&bit != 0 {
			m |= as
		}
	}
	return m
}

// magicLink is a name of an open file: the calls that take one do not take a descriptor
// that was opened with O_PATH.
func magicLink(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// addEntry adds an entry to the access control list of an open file, which setfacl has
// as its own descriptor 3. It tells whether that changed anything.
func addEntry(at *os.File, entry string) (changed bool, err error) {
	before, err := listOf(at)
	if err != nil {
		return false, err
	}
	cmd := exec.Command("setfacl", "--modify", entry, magicLink(3))
	cmd.ExtraFiles = []*os.File{at}
	err = runCommand(cmd)
	if errors.Is(err, exec.ErrNotFound) {
		return false, fmt.Errorf("%w: install what has it (the package acl), and try again", err)
	}
	if err != nil {
		return false, err
	}
	now, err := listOf(at)
	return !bytes.Equal(before, now), err
}

// listOf is the access control list of an open file as the kernel has it; nil for none.
func listOf(at *os.File) ([]byte, error) {
	list := make([]byte, 1<<16)
	n, err := unix.Getxattr(magicLink(int(at.Fd())), accessList, list)
	if errors.Is(err, unix.ENODATA) || errors.Is(err, unix.ENOTSUP) {
		return nil, nil
	}
	return list[:max(n, 0)], err
}

// makeUser makes a system user, if there is none of that name.
func (s *Steps) makeUser(step suggest.Step) error {
	if _, err := user.Lookup(step.User); err == nil {
		s.say("already so: there is a user %s", step.User)
		return nil
	}
	agreed, err := s.agree(step)
	if !agreed || err != nil {
		return err
	}
	cmd := exec.Command("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", step.User)
	if err := runCommand(cmd); err != nil {
		return fmt.Errorf("making the user %s: %w", step.User, err)
	}
	s.done(step)
	return nil
}

// runCommand has what a command says in its error.
func runCommand(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w (%.200q)", cmd.Args[0], err, out)
	}
	return nil
}
