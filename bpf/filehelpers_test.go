// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// openMany makes as many files as the second argument says in the directory of the
// first, and opens each as often as the third one says.
func openMany(args []string) error {
	files, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	times, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	for n := range files {
		name := filepath.Join(args[0], "f"+strconv.Itoa(n))
		for range times {
			fd, err := unix.Open(name, unix.O_CREAT|unix.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			unix.Close(fd)
		}
	}
	return nil
}

// openDeep makes directories below each other, relative to the working directory,
// as many and with as long names as the arguments say, and a file in the last.
func openDeep(args []string) error {
	if err := unix.Chdir(args[0]); err != nil {
		return err
	}
	depth, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	length, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	dir := strings.Repeat("d", length)
	for range depth {
		if err := errors.Join(unix.Mkdir(dir, 0o700), unix.Chdir(dir)); err != nil {
			return err
		}
	}
	fd, err := unix.Open("deepest", unix.O_CREAT|unix.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

func touch(name string) error {
	fd, err := unix.Open(name, unix.O_CREAT|unix.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// openInMounts binds DIR/from on DIR/to in a mount namespace of its own, and makes
// a file by each way.
func openInMounts(args []string) error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	from, to := filepath.Join(args[0], "from"), filepath.Join(args[0], "to")
	if err := errors.Join(os.Mkdir(from, 0o700), os.Mkdir(to, 0o700)); err != nil {
		return err
	}
	if err := unix.Mount(from, to, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	// The same file by two ways: two paths.
	return errors.Join(touch(from+"/same"), touch(to+"/same"))
}

// openInChroot makes a file in a chroot, and one by a descriptor from outside.
func openInChroot(args []string) error {
	jail := filepath.Join(args[0], "jail")
	if err := os.Mkdir(jail, 0o700); err != nil {
		return err
	}
	outside, err := unix.Open(args[0], unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(unix.Chroot(jail), unix.Chdir("/")); err != nil {
		return err
	}
	fd, err := unix.Openat(outside, "escaped", unix.O_CREAT|unix.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(unix.Close(fd), touch("/inside"), unix.Mkdir("/made", 0o700))
}

// openUnlinked changes a file that has no name any more, and one that never had.
func openUnlinked(args []string) error {
	name := filepath.Join(args[0], "gone")
	fd, err := unix.Open(name, unix.O_CREAT|unix.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(unix.Unlink(name), unix.Ftruncate(fd, 5)); err != nil {
		return err
	}
	_, err = unix.Open(args[0], unix.O_TMPFILE|unix.O_RDWR, 0o600)
	return err
}

// doFileOps does each operation on a file of its own name in the directory.
func doFileOps(args []string) error {
	if err := unix.Chdir(args[0]); err != nil {
		return err
	}
	for _, op := range fileOps {
		if err := op.do(); err != nil {
			return fmt.Errorf("%s: %w", op.name, err)
		}
	}
	return nil
}

// fileOp is an operation, on a file whose name begins with the operation's.
type fileOp struct {
	name  string
	op    Op
	flags uint32
	do    func() error
}

// with makes a file, and opens it for reading.
func with(name string, do func(fd int) error) error {
	if err := touch(name); err != nil {
		return err
	}
	fd, err := unix.Open(name, unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(do(fd), unix.Close(fd))
}

func pathPtr(s string) uintptr {
	p, _ := unix.BytePtrFromString(s)
	return uintptr(unsafe.Pointer(p))
}

func sys(trap uintptr, args ...uintptr) error {
	var a [6]uintptr
	copy(a[:], args)
	if _, _, errno := syscall.Syscall6(trap, a[0], a[1], a[2], a[3], a[4], a[5]); errno != 0 {
		return errno
	}
	return nil
}

const cwd = ^uintptr(99) // AT_FDCWD

var fileOps = []fileOp{
	{"creat", OpOpen, unix.O_CREAT | unix.O_WRONLY | unix.O_TRUNC, func() error { return sys(unix.SYS_CREAT, pathPtr("creat"), 0o600) }},
	{"openat2", OpOpen, unix.O_CREAT | unix.O_RDWR, func() error {
		_, err := unix.Openat2(unix.AT_FDCWD, "openat2", &unix.OpenHow{Flags: unix.O_CREAT | unix.O_RDWR, Mode: 0o600})
		return err
	}},
	{"mkdir", OpMkdir, noFollow, func() error { return sys(unix.SYS_MKDIR, pathPtr("mkdir"), 0o700) }},
	{"at-mkdir", OpMkdir, noFollow, func() error { return unix.Mkdirat(unix.AT_FDCWD, "at-mkdir", 0o700) }},
	{"rmdir", OpRmdir, noFollow, func() error { return errors.Join(unix.Mkdir("rmdir", 0o700), sys(unix.SYS_RMDIR, pathPtr("rmdir"))) }},
	{"at-rmdir", OpUnlink, noFollow | removeDir, func() error {
		return errors.Join(unix.Mkdir("at-rmdir", 0o700), unix.Unlinkat(unix.AT_FDCWD, "at-rmdir", removeDir))
	}},
	{"mknod", OpMknod, noFollow, func() error { return sys(unix.SYS_MKNOD, pathPtr("mknod"), unix.S_IFIFO|0o600, 0) }},
	{"at-mknod", OpMknod, noFollow, func() error { return unix.Mknodat(unix.AT_FDCWD, "at-mknod", unix.S_IFSOCK|0o600, 0) }},
	{"unlink", OpUnlink, noFollow, func() error { return errors.Join(touch("unlink"), sys(unix.SYS_UNLINK, pathPtr("unlink"))) }},
	{"at-unlink", OpUnlink, noFollow, func() error {
		return errors.Join(touch("at-unlink"), unix.Unlinkat(unix.AT_FDCWD, "at-unlink", 0))
	}},
	{"rename", OpRenameFrom, noFollow, func() error {
		return errors.Join(touch("rename"), sys(unix.SYS_RENAME, pathPtr("rename"), pathPtr("new-rename")))
	}},
	{"new-rename", OpRenameTo, noFollow, func() error { return nil }},
	{"at-rename", OpRenameFrom, noFollow, func() error {
		return errors.Join(touch("at-rename"), sys(unix.SYS_RENAMEAT, cwd, pathPtr("at-rename"), cwd, pathPtr("new-at-rename")))
	}},
	{"at2-rename", OpRenameFrom, noFollow | unix.RENAME_NOREPLACE, func() error {
		return errors.Join(touch("at2-rename"), unix.Renameat2(unix.AT_FDCWD, "at2-rename", unix.AT_FDCWD, "new-at2-rename", unix.RENAME_NOREPLACE))
	}},
	{"link", OpLinkFrom, noFollow, func() error {
		return errors.Join(touch("link"), sys(unix.SYS_LINK, pathPtr("link"), pathPtr("new-link")))
	}},
	{"new-link", OpLinkTo, noFollow, func() error { return nil }},
	{"at-link", OpLinkFrom, noFollow, func() error {
		return errors.Join(touch("at-link"), unix.Linkat(unix.AT_FDCWD, "at-link", unix.AT_FDCWD, "new-at-link", 0))
	}},
	{"symlink", OpSymlink, noFollow, func() error { return sys(unix.SYS_SYMLINK, pathPtr("target"), pathPtr("symlink")) }},
	{"at-symlink", OpSymlink, noFollow, func() error { return unix.Symlinkat("target", unix.AT_FDCWD, "at-symlink") }},
	{"truncate", OpTruncate, 0, func() error { return errors.Join(touch("truncate"), unix.Truncate("truncate", 5)) }},
	{"ftruncate", OpTruncate, 0, func() error {
		fd, err := unix.Open("ftruncate", unix.O_CREAT|unix.O_RDWR, 0o600)
		return errors.Join(err, unix.Ftruncate(fd, 5))
	}},
	{"fallocate", OpTruncate, 0, func() error {
		fd, err := unix.Open("fallocate", unix.O_CREAT|unix.O_RDWR, 0o600)
		return errors.Join(err, unix.Fallocate(fd, 0, 0, 5))
	}},
	{"chmod", OpChmod, 0, func() error { return errors.Join(touch("chmod"), sys(unix.SYS_CHMOD, pathPtr("chmod"), 0o640)) }},
	{"fchmod", OpChmod, 0, func() error { return with("fchmod", func(fd int) error { return unix.Fchmod(fd, 0o640) }) }},
	{"at-chmod", OpChmod, 0, func() error {
		return errors.Join(touch("at-chmod"), sys(unix.SYS_FCHMODAT, cwd, pathPtr("at-chmod"), 0o640))
	}},
	{"chown", OpChown, 0, func() error { return errors.Join(touch("chown"), sys(unix.SYS_CHOWN, pathPtr("chown"), 1, 1)) }},
	{"lchown", OpChown, noFollow, func() error { return errors.Join(touch("lchown"), unix.Lchown("lchown", 1, 1)) }},
	{"fchown", OpChown, 0, func() error { return with("fchown", func(fd int) error { return unix.Fchown(fd, 1, 1) }) }},
	{"at-chown", OpChown, 0, func() error {
		return with("at-chown", func(fd int) error { return unix.Fchownat(fd, "", 1, 1, unix.AT_EMPTY_PATH) })
	}},
	{"utimensat", OpUtime, 0, func() error {
		return errors.Join(touch("utimensat"), unix.UtimesNanoAt(unix.AT_FDCWD, "utimensat", make([]unix.Timespec, 2), 0))
	}},
	{"futimens", OpUtime, 0, func() error {
		return with("futimens", func(fd int) error { return sys(unix.SYS_UTIMENSAT, uintptr(fd), 0, 0, 0) })
	}},
	{"utimes", OpUtime, 0, func() error { return errors.Join(touch("utimes"), sys(unix.SYS_UTIMES, pathPtr("utimes"), 0)) }},
	{"setxattr", OpXattr, 0, func() error {
		return errors.Join(touch("setxattr"), unix.Setxattr("setxattr", "trusted.test", []byte("x"), 0))
	}},
	{"fsetxattr", OpXattr, 0, func() error {
		return with("fsetxattr", func(fd int) error { return unix.Fsetxattr(fd, "trusted.test", []byte("x"), 0) })
	}},
	{"bind-unix", OpBind, 0, func() error {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		return errors.Join(err, unix.Bind(fd, &unix.SockaddrUnix{Name: "bind-unix"}))
	}},
	{"stat", OpStat, 0, func() error {
		var st unix.Stat_t
		return errors.Join(touch("stat"), sys(unix.SYS_STAT, pathPtr("stat"), uintptr(unsafe.Pointer(&st))))
	}},
	{"exists", OpAccess, 0, func() error { return errors.Join(touch("exists"), sys(unix.SYS_ACCESS, pathPtr("exists"), unix.F_OK)) }},
	{"access", OpAccess, unix.R_OK | unix.W_OK, func() error {
		return errors.Join(touch("access"), sys(unix.SYS_ACCESS, pathPtr("access"), unix.R_OK|unix.W_OK))
	}},
	{"at-access", OpAccess, unix.W_OK, func() error {
		return errors.Join(touch("at-access"), sys(unix.SYS_FACCESSAT, cwd, pathPtr("at-access"), unix.W_OK))
	}},
	{"at2-access", OpAccess, unix.W_OK | noFollow, func() error {
		return errors.Join(touch("at2-access"), sys(unix.SYS_FACCESSAT2, cwd, pathPtr("at2-access"), unix.W_OK, unix.AT_EACCESS|noFollow))
	}},
	{"fd-access", OpAccess, unix.R_OK, func() error {
		return with("fd-access", func(fd int) error {
			return sys(unix.SYS_FACCESSAT2, uintptr(fd), pathPtr(""), unix.R_OK, unix.AT_EMPTY_PATH)
		})
	}},
	{"readlink", OpStat, noFollow, func() error {
		_, err := unix.Readlink("symlink", make([]byte, 64))
		return errors.Join(err, unix.Symlink("x", "readlink"), func() error { _, err := unix.Readlink("readlink", make([]byte, 64)); return err }())
	}},
	{"fchdir", OpChdir, 0, func() error {
		if err := unix.Mkdir("fchdir", 0o700); err != nil {
			return err
		}
		here, err := unix.Open(".", unix.O_RDONLY, 0)
		if err != nil {
			return err
		}
		fd, err := unix.Open("fchdir", unix.O_RDONLY|unix.O_DIRECTORY, 0)
		return errors.Join(err, unix.Fchdir(fd), unix.Fchdir(here))
	}},
	{"inotify", OpWatch, 0, func() error {
		fd, err := unix.InotifyInit1(0)
		if err != nil {
			return err
		}
		_, err = unix.InotifyAddWatch(fd, "inotify", unix.IN_CREATE)
		return errors.Join(touch("inotify"), ignore(err, unix.ENOENT), func() error { _, err := unix.InotifyAddWatch(fd, "inotify", unix.IN_CREATE); return err }())
	}},
	{"mmap", OpMapExec, unix.PROT_EXEC, func() error {
		return with("mmap", func(fd int) error {
			_, err := unix.Mmap(fd, 0, 4096, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE)
			return err
		})
	}},
	{"ioctl", OpIoctl, unix.TCGETS, func() error {
		return with("ioctl", func(fd int) error {
			_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
			return ignore(err, unix.ENOTTY)
		})
	}},
}

func ignore(err error, expected unix.Errno) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

// execScript executes a script of the directory.
func execScript(args []string) error {
	return unix.Exec(args[0], []string{"script"}, os.Environ())
}

// spreadFiles makes as many directories as the second argument says in the directory
// of the first, and in each, one after the other, as many files as the third says. No
// file stays: their inodes are used again.
func spreadFiles(args []string) error {
	directories, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	files, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	for d := range directories {
		dir := filepath.Join(args[0], "d"+strconv.Itoa(d))
		if err := unix.Mkdir(dir, 0o700); err != nil {
			return err
		}
		for f := range files {
			name := filepath.Join(dir, "f"+strconv.Itoa(f))
			if err := errors.Join(touch(name), unix.Unlink(name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// nameUntouched makes a directory whose name it maps from a file, in memory that nobody
// has touched: it is there only when the kernel has read it.
func nameUntouched(args []string) error {
	fd, err := unix.Open(args[0], unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	name, err := unix.Mmap(fd, 0, os.Getpagesize(), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return err
	}
	return sys(unix.SYS_MKDIR, uintptr(unsafe.Pointer(unsafe.SliceData(name))), 0o700)
}
