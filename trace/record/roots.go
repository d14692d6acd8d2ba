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
	"time"

	"golang.org/x/sys/unix"
)

// roots are the root directories of the processes that are watched: open, with their
// mount namespaces, so that names can be looked up also after a process is gone.
type roots struct {
	open map[rootKey]*processRoot
	// byRoot finds another mount namespace with the same root directory, whose view
	// is nearly the same.
	byRoot      map[uint64]*processRoot
	self        int
	directories map[directoryKey]*directory
}

type rootKey struct {
	mountNS uint32
	root    uint64
}

// processRoot is a root directory. Without its namespace, which goes with its last
// process, nothing would be mounted below it any more.
type processRoot struct {
	fd, namespace int
	used          time.Time
}

const (
	// maxRoots bounds how many are kept open.
	maxRoots = 256
	// rootAge is how long one is kept that is not used: as long as events may wait. An
	// open namespace keeps what is mounted there from being let go.
	rootAge = 10 * time.Second
)

func newRoots() (*roots, error) {
	fd, err := openDir("/")
	if err != nil {
		return nil, fmt.Errorf("opening the root directory: %w", err)
	}
	return &roots{map[rootKey]*processRoot{}, map[uint64]*processRoot{}, fd, map[directoryKey]*directory{}}, nil
}

func openDir(name string) (int, error) {
	return unix.Open(name, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}

// of is the root directory of a process, or the next best if it is gone already.
func (r *roots) of(key rootKey, pid uint32) int {
	root := r.open[key]
	if root == nil && pid != 0 && len(r.open) < maxRoots {
		if root = openRoot(pid, key.mountNS); root != nil {
			r.open[key], r.byRoot[key.root] = root, root
		}
	}
	if root == nil {
		root = r.byRoot[key.root]
	}
	if root == nil {
		return r.self
	}
	root.used = time.Now()
	return root.fd
}

// openRoot opens the root directory of a process, nil if that is gone or in another
// mount namespace by now.
func openRoot(pid, mountNS uint32) *processRoot {
	dir := "/proc/" + strconv.Itoa(int(pid))
	namespace, err := unix.Open(dir+"/ns/mnt", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	st := statFD(namespace)
	fd, err := openDir(dir + "/root")
	if err != nil || st == nil || st.Ino != uint64(mountNS) {
		unix.Close(namespace)
		if err == nil {
			unix.Close(fd)
		}
		return nil
	}
	return &processRoot{fd: fd, namespace: namespace}
}

// expire closes what has not been used for a while.
func (r *roots) expire(now time.Time) {
	for key, root := range r.open {
		if now.Sub(root.used) < rootAge {
			continue
		}
		r.forgetDirectories()
		root.close()
		delete(r.open, key)
		if r.byRoot[key.root] == root {
			delete(r.byRoot, key.root)
		}
	}
}

func (p *processRoot) close() {
	unix.Close(p.fd)
	unix.Close(p.namespace)
}

// Close forgets them all.
func (r *roots) Close() {
	r.forgetDirectories()
	for _, root := range r.open {
		root.close()
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
