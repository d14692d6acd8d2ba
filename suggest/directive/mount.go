// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"slices"
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

	// Open is set when everybody may write to an Emptied directory.
	Open bool
	// Made is set when systemd makes the directory if it is not there.
	Made bool

	source Source
}

// View is the unit's file system as the mounts of all its settings make it.
type View struct {
	byPath map[string][]Mount
	// dirs remembers what at found for directories: most files share theirs with
	// many others.
	dirs map[string]place
}

func newView(mounts []Mount) *View {
	v := &View{byPath: make(map[string][]Mount, len(mounts)), dirs: map[string]place{}}
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
	// point is the mount whose own path this is; on is the deepest mount's path.
	point *Mount
	on    string
}

// at returns the mounts that rule a path. A deeper one overrides the shallower one,
// except that nothing is mounted below an inaccessible path.
func (v *View) at(name string) place {
	if name == "/" {
		return v.enter(place{on: "/"}, "/")
	}
	return v.enter(v.dir(path.Dir(name)), name)
}

func (v *View) dir(name string) place {
	p, known := v.dirs[name]
	if !known {
		p = v.at(name)
		v.dirs[name] = p
	}
	return p
}

// enter goes from a directory to what is in it. Of several mounts at the same path,
// the first of each sort counts.
func (v *View) enter(p place, name string) place {
	p.point = nil
	if p.presence != nil && p.presence.Mode == Inaccessible {
		return p
	}
	at := v.byPath[name]
	for i := range at {
		if p.missing(&at[i]) {
			continue
		}
		p.take(&at[i])
		if p.point == nil {
			p.point, p.on = &at[i], name
		}
	}
	return p
}

// missing tells whether there is nothing to mount on: systemd makes the mount points
// of the mounts that bring something, and passes over others.
func (p *place) missing(m *Mount) bool {
	e := p.presence
	return e != nil && e.Mode == Emptied && e.Path != m.Path && m.Mode != Bound && m.Mode != Emptied && !m.Made && !e.keeps(m.Path)
}

func (p *place) take(m *Mount) {
	if p.presence != nil && p.presence.Mode == Inaccessible {
		return
	}
	switch m.Mode {
	case Inaccessible:
		p.presence, p.write, p.exec = m, nil, nil
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
}

// touches tells whether any mount can matter for what is in a directory.
func (v *View) touches(dir string) bool {
	for p := range v.byPath {
		if within(dir, p) || within(p, dir) {
			return true
		}
	}
	return false
}
