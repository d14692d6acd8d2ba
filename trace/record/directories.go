// SPDX-License-Identifier: Apache-2.0

package record

import (
	"time"

	"golang.org/x/sys/unix"
)

// directory is an open directory.
type directory struct {
	fd    int
	path  string
	stat  *unix.Stat_t
	magic uint32
	// rest is what of the name looked for is not there.
	rest string
	when time.Time
}

type directoryKey struct {
	root int
	name string
}

const (
	// maxDirectories bounds how many are kept open; names come from a few at a time.
	maxDirectories = 128
	// directoryAge bounds how long one is taken for the one of that name.
	directoryAge = time.Second
)

// directory opens the directory of that name, or the deepest on the way to it; nil
// if it cannot be had.
func (r *roots) directory(root int, name string) *directory {
	key := directoryKey{root, name}
	now := time.Now()
	if d := r.directories[key]; d != nil && now.Sub(d.when) < directoryAge {
		return d
	}
	if len(r.directories) >= maxDirectories || r.directories[key] != nil {
		r.forgetDirectories()
	}
	fd, rest, err := openDeepest(root, name)
	if err != nil {
		return nil
	}
	d := &directory{fd: fd, path: pathOf(fd), stat: statFD(fd), magic: magicOf(fd), rest: rest, when: now}
	r.directories[key] = d
	return d
}

func (r *roots) forgetDirectories() {
	for _, d := range r.directories {
		unix.Close(d.fd)
	}
	clear(r.directories)
}
