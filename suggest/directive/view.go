// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"cmp"
	"maps"
	"path"
	"slices"
)

func newView(mounts []Mount, scene *Scene) *View {
	v := &View{scene: scene, byPath: make(map[string]*point, len(mounts)), dirs: map[string]place{}, inside: map[string]bool{}}
	slices.SortStableFunc(mounts, func(a, b Mount) int { return cmp.Or(cmp.Compare(a.Mode, b.Mode), cmp.Compare(a.rank(), b.rank())) })
	for i := range mounts {
		v.add(&mounts[i])
	}
	v.dropRepeated()
	return v
}

// add notes a mount; of several at one path the first is made, with the flags of all
// (drop_duplicates() in src/core/namespace.c).
func (v *View) add(m *Mount) {
	p := v.byPath[m.Path]
	if p == nil {
		p = &point{Mount: *m}
		v.byPath[m.Path] = p
		v.inside[path.Dir(m.Path)] = true
		for up := path.Dir(m.Path); m.replaces() && up != "/"; up = path.Dir(up) {
			v.inside[path.Dir(up)] = true // what leads to it is there, and others may not be
		}
	}
	p.Made = p.Made || m.Made
	if p.sealed == nil && m.seals() {
		p.sealed = m
		p.Sealed = true
	}
	if p.noExec == nil && m.Mode == NoExec {
		p.noExec = m
	}
}

// dropRepeated leaves out what only says again what is said of a directory further up:
// it becomes no mount point (drop_nop()).
func (v *View) dropRepeated() {
	for _, name := range slices.Sorted(maps.Keys(v.byPath)) {
		p := v.byPath[name]
		if p.Mode != ReadOnly && p.Mode != ReadWrite && p.Mode != Implicit || name == "/" {
			continue
		}
		for up := path.Dir(name); ; up = path.Dir(up) {
			if above := v.byPath[up]; above != nil {
				if above.Mode == p.Mode {
					delete(v.byPath, name)
				}
				break
			}
			if up == "/" {
				break
			}
		}
	}
}

// place is what the view makes of one path: the mounts that rule its presence,
// whether it can be written, and whether it can be executed; nil for none.
type place struct {
	presence, write, noExec *Mount
	// point is the mount point whose own path this is; on is the deepest one's path.
	point *point
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

// enter goes from a directory to what is in it.
func (v *View) enter(p place, name string) place {
	p.point = nil
	at := v.byPath[name]
	if at == nil || p.presence != nil && p.presence.Mode == Inaccessible || v.missing(p, at) {
		return p
	}
	p.point, p.on = at, name
	switch {
	case at.Mode == Inaccessible || at.replaces():
		p.presence = &at.Mount
	case at.Made && p.presence != nil && p.presence.empties():
		p.presence = nil // what systemd makes for the unit, it also mounts there
	}
	// A mount point that is not made read-only itself stays as it was, whatever it is
	// for; and so for execution. One that is not there yet is like what it is made in.
	if v.later(at) {
		p.write, p.noExec = cmp.Or(at.sealed, p.write), cmp.Or(at.noExec, p.noExec)
		return p
	}
	p.write, p.noExec = at.sealed, at.noExec
	return p
}

// later tells whether the service makes a mount point only once it runs, so that nothing
// is mounted there before its next start.
func (v *View) later(at *point) bool {
	return !at.Made && !at.replaces() && v.scene != nil && slices.Equal(v.scene.makers[at.Path], []string{"ExecStart"})
}

// missing tells whether there is nothing to mount on: systemd makes the mount points
// of the mounts that bring something, and passes over others. What is inaccessible is not
// brought, whoever else is to have it (as seen on 252 and 257).
func (v *View) missing(p place, at *point) bool {
	e := p.presence
	return e != nil && e.empties() && !at.replaces() && (!at.Made || at.Mode == Inaccessible) && !e.keeps(at.Path) && !v.leads(at.Path)
}

// buries tells whether a mount point is in an emptied directory, where there is nothing.
func (v *View) buries(name string) bool {
	at := v.byPath[name]
	return at != nil && name != "/" && v.missing(v.dir(path.Dir(name)), at)
}

// leads tells whether a directory is on the way to a mount that brings something, or to
// what systemd makes for the unit.
func (v *View) leads(dir string) bool {
	for name, p := range v.byPath {
		if name != dir && within(name, dir) && (p.replaces() || p.Made) {
			return true
		}
	}
	return false
}

// any returns one of the mounts, always the same.
func (v *View) any() *Mount { return &v.byPath[slices.Min(slices.Collect(maps.Keys(v.byPath)))].Mount }

// touches tells whether any mount can matter for what is in a directory.
func (v *View) touches(dir string) bool {
	for p := range v.byPath {
		if within(dir, p) || within(p, dir) {
			return true
		}
	}
	return false
}
