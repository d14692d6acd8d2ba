// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"
	"strings"
)

// MountMode is what a mount that systemd makes for the unit does to the paths at
// and below its own.
type MountMode uint8

// The modes, for one path the earlier one wins (the order of the enum in
// systemd's src/core/namespace.c, v229 to v262).
const (
	Inaccessible MountMode = iota // nothing below can be reached
	Bound                         // another directory is mounted there
	Emptied                       // an empty directory of the unit's own
	ReadOnly
	ReadWrite
	NoExec
	Exec
)

// Mount is a mount that systemd makes for the unit.
type Mount struct {
	Path string
	Mode MountMode
	// Sealed is set for a Bound or Emptied mount that is read-only itself.
	Sealed bool
	// Keep are the names in an Emptied directory that systemd puts there again:
	// what is in PrivateDevices='s /dev.
	Keep []string
	// KeepsOwn is set when the unit finds there what it has put there itself, as
	// with PrivateTmp=.
	KeepsOwn bool

	// Made is set when systemd makes the directory if it is not there.
	Made bool

	source Source
}

// View is the unit's file system as the mounts of all its settings make it.
type View struct {
	byPath map[string][]Mount
}

func newView(mounts []Mount) *View {
	v := &View{byPath: make(map[string][]Mount, len(mounts))}
	for _, m := range mounts {
		v.byPath[m.Path] = append(v.byPath[m.Path], m)
	}
	for _, at := range v.byPath {
		slices.SortStableFunc(at, func(a, b Mount) int { return int(a.Mode) - int(b.Mode) })
	}
	return v
}

// place is what the view makes of one path: the mounts that rule its presence,
// whether it can be written, and whether it can be executed; nil for none.
type place struct {
	presence, write, exec *Mount
	// point is the mount whose own path this is.
	point *Mount
}

// at returns the mounts that rule a path. They are looked up from the root down:
// a deeper one overrides the shallower one, except that nothing is mounted below
// an inaccessible path.
func (v *View) at(path string) place {
	var p place
	for _, prefix := range prefixes(path) {
		for i := range v.byPath[prefix] {
			if p.take(&v.byPath[prefix][i], prefix == path) {
				return p
			}
		}
	}
	return p
}

// take applies a mount, and tells whether nothing below it matters. Of several at
// the same path, the first of each sort counts.
func (p *place) take(m *Mount, here bool) (final bool) {
	switch m.Mode {
	case Inaccessible:
		p.presence, p.write, p.exec, p.point = m, nil, nil, m
		return true
	case Bound, Emptied:
		if p.presence == nil || p.presence.Path != m.Path {
			p.presence, p.write, p.exec = m, nil, nil
			if m.Sealed {
				p.write = m
			}
		}
	case ReadOnly, ReadWrite:
		if p.write == nil || p.write.Path != m.Path {
			p.write = m
		}
	case NoExec, Exec:
		if p.exec == nil || p.exec.Path != m.Path {
			p.exec = m
		}
	}
	if here && p.point == nil {
		p.point = m
	}
	return false
}

// prefixes returns "/", "/a", "/a/b" for "/a/b".
func prefixes(path string) []string {
	list := make([]string, 1, 8)
	list[0] = "/"
	for i := 1; i < len(path); {
		n := strings.IndexByte(path[i:], '/')
		if n < 0 {
			return append(list, path)
		}
		list = append(list, path[:i+n])
		i += n + 1
	}
	return list
}

// mountOf returns the path of the mount that a path is on, as far as the view's
// mounts decide it.
func (v *View) mountOf(path string) string {
	at := "/"
	for _, prefix := range prefixes(path) {
		if len(v.byPath[prefix]) > 0 {
			at = prefix
		}
	}
	return at
}
