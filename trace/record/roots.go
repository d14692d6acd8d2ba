// SPDX-License-Identifier: Apache-2.0

package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// roots are the root directories of the processes that are watched: open, so that
// names can be looked up in their mount namespaces also after they are gone.
type roots struct {
	fds map[rootKey]int
	// byRoot finds another mount namespace with the same root directory, whose view
	// is nearly the same.
	byRoot      map[uint64]int
	self        int
	directories map[directoryKey]*directory
}

type rootKey struct {
	mountNS uint32
	root    uint64
}

// maxRoots bounds how many are kept open.
const maxRoots = 512

func newRoots() (*roots, error) {
	fd, err := openDir("/")
	if err != nil {
		return nil, fmt.Errorf("opening the root directory: %w", err)
	}
	return &roots{fds: map[rootKey]int{}, byRoot: map[uint64]int{}, self: fd, directories: map[directoryKey]*directory{}}, nil
}

func openDir(name string) (int, error) {
	return unix.Open(name, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}

// of is the root directory of a process, or the next best if it is gone already.
func (r *roots) of(key rootKey, pid uint32) int {
	if fd, ok := r.fds[key]; ok {
		return fd
	}
	if pid != 0 && len(r.fds) < maxRoots {
		if fd, err := openDir("/proc/" + strconv.Itoa(int(pid)) + "/root"); err == nil {
			r.fds[key] = fd
			r.byRoot[key.root] = fd
			return fd
		}
	}
	if fd, ok := r.byRoot[key.root]; ok {
		return fd
	}
	return r.self
}

// Close forgets them all.
func (r *roots) Close() {
	r.forgetDirectories()
	for _, fd := range r.fds {
		unix.Close(fd)
	}
	unix.Close(r.self)
}

// located is what a name leads to.
type located struct {
	// path is absolute in the mount namespace, with the links on the way resolved.
	path string
	// stat is that of what is there, nil if nothing is; parent that of its directory.
	stat, parent *unix.Stat_t
	// magic is the file system's; 0 if nothing is there.
	magic uint32
}

// locate looks up an absolute name as a process with that root sees it. Its last
// component is followed if it is a link and follow is set. What is not there is
// located as far as there is something.
func (r *roots) locate(root int, name string, follow bool) located {
	dir, base := path.Split(strings.TrimRight(name, "/"))
	if base == "" || base == "." || base == ".." {
		return locateOpen(root, name)
	}
	d := r.directory(root, dir)
	if d == nil {
		return located{path: path.Clean(name)}
	}
	l := located{path: path.Join(d.path, d.rest, base)}
	if d.rest != "" {
		return l
	}
	l.parent = d.stat
	var st unix.Stat_t
	if unix.Fstatat(d.fd, base, &st, unix.AT_SYMLINK_NOFOLLOW) != nil {
		return l
	}
	if follow && st.Mode&unix.S_IFMT == unix.S_IFLNK {
		return followed(root, name, l)
	}
	l.stat, l.magic = &st, d.magic
	if d.stat == nil || st.Dev != d.stat.Dev { // something is mounted there
		l.magic = locateOpen(root, name).magic
	}
	return l
}

// followed is what a link leads to; a broken one stays what it is.
func followed(root int, name string, link located) located {
	l := locateOpen(root, name)
	if l.stat == nil {
		return link
	}
	return l
}

// locateOpen looks a name up with all links followed.
func locateOpen(root int, name string) located {
	fd, err := openIn(root, name, unix.O_PATH|unix.O_CLOEXEC)
	if err != nil {
		return located{path: path.Clean(name)}
	}
	defer unix.Close(fd)
	l := located{path: pathOf(fd), stat: statFD(fd), magic: magicOf(fd)}
	l.parent = parentOf(root, l.path, l.stat)
	return l
}

// parentOf is the directory of a path; otherwise is returned if it cannot be had.
func parentOf(root int, name string, otherwise *unix.Stat_t) *unix.Stat_t {
	fd, err := openIn(root, path.Dir(name), unix.O_PATH|unix.O_CLOEXEC)
	if err != nil {
		return otherwise
	}
	defer unix.Close(fd)
	return statFD(fd)
}

// openDeepest opens the deepest directory on the way to dir that is there, and
// returns what is left of dir below it.
func openDeepest(root int, dir string) (fd int, rest string, err error) {
	for {
		fd, err = openIn(root, dir, unix.O_PATH|unix.O_CLOEXEC)
		if err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ENOTDIR) {
			return fd, rest, err
		}
		up := path.Dir(strings.TrimRight(dir, "/"))
		if up == "." || up == dir {
			return -1, "", err
		}
		rest = path.Join(path.Base(strings.TrimRight(dir, "/")), rest)
		dir = up
	}
}

// openIn opens a name as a process with that root would. Links in /proc that lead
// out of it are not followed: they lead to what this process has.
func openIn(root int, name string, flags int) (int, error) {
	how := unix.OpenHow{Flags: uint64(flags), Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS}
	if name = strings.TrimLeft(name, "/"); name == "" {
		name = "."
	}
	return unix.Openat2(root, name, &how)
}

// pathOf is where an open file is in its mount namespace.
func pathOf(fd int) string {
	name, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	if err != nil {
		return "/"
	}
	return strings.TrimSuffix(name, " (deleted)")
}

func statFD(fd int) *unix.Stat_t {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil
	}
	return &st
}

func magicOf(fd int) uint32 {
	var st unix.Statfs_t
	if err := unix.Fstatfs(fd, &st); err != nil {
		return 0
	}
	return uint32(st.Type)
}
