// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// writable opens what a ProtectSystem= value closes and the unit writes to: it asks
// the model which observations the value denies, opens a place for each, and asks
// again, since a place opened can itself be in the way (a mount point cannot be
// removed, and nothing is renamed across two mounts).
func (e *Evidence) writable(protect trace.Setting) (Candidate, bool) {
	places := map[string][]*trace.Observation{}
	for range 8 {
		c, ok := e.asSettings(protect, places)
		if !ok {
			return Candidate{}, false
		}
		denied, found := false, map[string][]*trace.Observation{}
		for v := range e.violations(c.Settings) {
			denied = true
			place, ok := e.placeFor(v)
			if _, again := places[place]; again { // it did not help
				place = path.Dir(place)
			}
			if !ok || place == "/" {
				return c, true // the caller sees what it denies
			}
			found[place] = append(found[place], v.Observation)
		}
		if !denied {
			return c, true
		}
		for place, reasons := range found {
			places[place] = append(places[place], reasons...)
		}
		fold(places)
	}
	return Candidate{}, false
}

// placeFor returns the path that has to be writable for a denied operation: where it
// cannot be written down (it may hold line breaks), the directory that it is in.
func (e *Evidence) placeFor(v Violation) (string, bool) {
	place, ok := e.deniedPlace(v)
	for place != "/" && ok && !e.writesDown(place) {
		place = path.Dir(place)
	}
	return place, ok
}

// writesDown tells whether a path can be written into a unit file.
func (e *Evidence) writesDown(file string) bool {
	_, err := systemd.Quote(systemd.ClassPathList, e.Target.Systemd, file)
	return err == nil
}

func (e *Evidence) deniedPlace(v Violation) (string, bool) {
	f := v.Observation.File
	if f == nil {
		return "", false
	}
	name := string(f.Path)
	switch v.Outcome {
	case erofs:
		if d, root := StandardDirectory(name); f.Op == trace.OpMkdir && root == name && e.canMake(d, name) {
			return name, true
		}
		if f.Op == trace.OpAskWrite && f.Type == trace.TypeDirectory {
			return e.applications(name), true
		}
		if _, parent := Writes(f); parent || f.Folded || replaceable(name) {
			return e.applications(path.Dir(name)), true
		}
		return name, true
	case ebusy:
		return path.Dir(name), true
	case exdev:
		return common(path.Dir(name), path.Dir(string(f.Peer))), true
	}
	return "", false
}

// replaceable tells files that somebody may replace by another of the same name, as
// log rotation does: a mount on such a file would go on showing the old one.
func replaceable(name string) bool {
	for _, fixed := range []string{"/etc", "/usr", "/boot", "/proc", "/sys", "/dev"} {
		if within(name, fixed) {
			return false
		}
	}
	return path.Dir(name) != "/"
}

// appDirectory widens a directory to the one that belongs to an application as a
// whole: what it makes below is its own business.
func appDirectory(dir string) string {
	if _, root := StandardDirectory(dir); root != "" {
		return root
	}
	for _, base := range []string{"/var/spool/", "/var/www/", "/srv/", "/opt/", "/var/backups/", "/var/mail/"} {
		if rest, ok := strings.CutPrefix(dir, base); ok && rest != "" {
			name, _, _ := strings.Cut(rest, "/")
			return base + name
		}
	}
	return dir
}

// applications is appDirectory for what is written to. In a directory that is not the
// unit's it is the first one that is: systemd makes only the last one of StateDirectory=a/b
// for the unit, and leaves the others to root.
func (e *Evidence) applications(dir string) string {
	place, known := e.narrowed[dir]
	if !known {
		place = e.narrow(dir)
		e.narrowed[dir] = place
	}
	return place
}

func (e *Evidence) narrow(dir string) string {
	whole := appDirectory(dir)
	d, root := StandardDirectory(dir)
	if d == "" || e.canMake(d, root) {
		return whole
	}
	at := root
	for part := range strings.SplitSeq(strings.TrimPrefix(strings.TrimPrefix(dir, root), "/"), "/") {
		if at = path.Join(at, part); at != root && e.canMake(d, at) {
			return at
		}
	}
	return whole
}

func within(name, dir string) bool {
	rest, below := strings.CutPrefix(name, dir)
	return below && (rest == "" || rest[0] == '/') || dir == "/"
}

// common returns the deepest directory that both are in.
func common(a, b string) string {
	for !within(b, a) {
		a = path.Dir(a)
	}
	return a
}

// maxSiblings is how many places of one directory are opened by their names. Where there
// are more, the next one has another name.
const maxSiblings = 8

// ofSystem are directories in which many have something of their own.
var ofSystem = []string{"/boot", "/dev", "/etc", "/home", "/proc", "/run", "/sys", "/usr", "/var"}

// foldable tells whether a directory may be opened for the sake of what is in it.
func foldable(dir string) bool {
	return slices.Contains(ofSeveral, dir) ||
		!slices.Contains(ofSystem, dir) && path.Dir(dir) != "/usr" && path.Dir(dir) != "/var"
}

// crowd opens the directories that lead to places by more than maxSiblings names.
func crowd(places map[string][]*trace.Observation) {
	names := map[string]map[string]bool{}
	for p := range places {
		for up := path.Dir(p); up != "/"; p, up = up, path.Dir(up) {
			if names[up] == nil {
				names[up] = map[string]bool{}
			}
			names[up][p] = true
		}
	}
	for dir, list := range names {
		if _, open := places[dir]; !open && len(list) > maxSiblings && foldable(dir) {
			places[dir] = nil
		}
	}
}

// fold opens directories for places of which there are too many, and leaves out places
// that are within others.
func fold(places map[string][]*trace.Observation) {
	crowd(places)
	for _, p := range slices.Sorted(maps.Keys(places)) {
		for up := path.Dir(p); up != "/"; up = path.Dir(up) {
			if _, ok := places[up]; ok {
				places[up] = append(places[up], places[p]...)
				delete(places, p)
				break
			}
		}
	}
}

// asSettings writes places down: as a directory that systemd makes where that takes
// nothing away from anybody, as ReadWritePaths= otherwise. A path that cannot be
// written in a unit file makes the candidate impossible.
func (e *Evidence) asSettings(protect trace.Setting, places map[string][]*trace.Observation) (Candidate, bool) {
	c := Candidate{Settings: []trace.Setting{protect}, Reasons: map[int][]*trace.Observation{}}
	modes := e.unitModes()
	for _, place := range slices.Sorted(maps.Keys(places)) {
		settings, err := e.openPlace(place, modes)
		if err != nil {
			return Candidate{}, false
		}
		c.Reasons[len(c.Settings)] = places[place]
		c.Settings = append(c.Settings, settings...)
	}
	return c, true
}

// unitModes are the modes that the unit's own lines give its directories; a unit
// has one for all directories of a sort.
func (e *Evidence) unitModes() map[string]string {
	modes := map[string]string{}
	for _, b := range bases {
		if len(e.unitList(b.directive)) > 0 {
			modes[b.directive] = "0755"
			if m := e.Unit(b.directive + "Mode"); m != "" {
				modes[b.directive] = m
			}
		}
	}
	return modes
}

// openPlace writes one place down, and notes the mode of directories of its sort.
func (e *Evidence) openPlace(place string, modes map[string]string) ([]trace.Setting, error) {
	if d, _ := StandardDirectory(place); d != "" && e.canMake(d, place) {
		mode, _ := e.madeFor(place)
		if known, set := modes[d]; !set || known == mode {
			modes[d] = mode
			return e.directory(d, strings.TrimPrefix(place, DirectoryBase(d)+"/"), mode)
		}
	}
	if name, mode, ok := e.configuration(place); ok {
		if known, set := modes["ConfigurationDirectory"]; !set || known == mode {
			modes["ConfigurationDirectory"] = mode
			return e.directory("ConfigurationDirectory", name, mode)
		}
	}
	text, err := systemd.Quote(systemd.ClassPathList, e.Target.Systemd, place)
	if err != nil {
		return nil, fmt.Errorf("opening %q: %w", place, err)
	}
	switch {
	case e.ownRoot():
		text = dash(prefixed("+", text))
	case !slices.Contains(always, place):
		text = dash(text) // a missing path without it keeps the unit from starting (226/NAMESPACE)
	}
	return []trace.Setting{{Name: "ReadWritePaths", Value: text}}, nil
}

// always are directories that are there before any service starts: systemd makes them
// itself (tmpfiles.d/var.conf), or does not start without them.
var always = []string{"/etc", "/run", "/tmp", "/usr", "/var", "/var/cache", "/var/lib", "/var/log", "/var/spool", "/var/tmp"}

// configuration tells whether a directory that is written to is configuration of the
// unit's own, with its name in /etc. systemd gives such a directory to the unit's user
// only when it makes it, and lets the unit write there, as seen on 252 and 257; of
// another mode than it is told it warns.
func (e *Evidence) configuration(place string) (name, mode string, ok bool) {
	name, ok = strings.CutPrefix(place, "/etc/")
	first, _, _ := strings.Cut(name, "/")
	if !ok || e.ownRoot() || len(e.unitList("ConfigurationDirectory")) > 0 || !e.Target.Accepts("ConfigurationDirectory") || !Belongs(&e.Trace.Header.Unit, first) {
		return "", "", false
	}
	for _, o := range e.doneIn(place) {
		if owner := ownerOf(o.File, place); owner != nil {
			return name, fmt.Sprintf("%04o", owner.Mode&0o7777), true
		}
	}
	return "", "", false
}

// dash puts the prefix "-" before a path as Quote has written it.
func dash(quoted string) string { return prefixed("-", quoted) }

// prefixed puts a prefix before a path as Quote has written it.
func prefixed(prefix, quoted string) string {
	if rest, ok := strings.CutPrefix(quoted, `"`); ok {
		return `"` + prefix + rest
	}
	return prefix + quoted
}

// canMake tells whether systemd may make the directory instead of the unit: it is the
// unit's own, by name, by owner, or because the unit made it. What is
// in /run goes away with the unit then, so it must be the unit's own.
func (e *Evidence) canMake(directive, dir string) bool {
	if e.ownRoot() {
		return false
	}
	if !e.Target.Accepts(directive) || directive == "RuntimeDirectory" && !e.Scene.own[dir] || !e.belongs(dir) {
		return false
	}
	_, owned := e.madeFor(dir)
	return owned
}

func (e *Evidence) directory(name, value, mode string) ([]trace.Setting, error) {
	text, err := systemd.Quote(systemd.ClassExecDir, e.Target.Systemd, value)
	if err != nil {
		return nil, fmt.Errorf("naming %s=%q: %w", name, value, err)
	}
	list := []trace.Setting{{Name: name, Value: text}}
	if mode != "0755" {
		list = append(list, trace.Setting{Name: name + "Mode", Value: mode})
	}
	return list, nil
}

// madeFor tells whether systemd may take a directory over, and with which mode:
// *Directory= gives the whole tree to the unit's user when the owner is another
// one, so that this one must be the owner already.
func (e *Evidence) madeFor(dir string) (mode string, ok bool) {
	for _, o := range e.doneIn(dir) {
		owner := ownerOf(o.File, dir)
		if owner == nil {
			continue
		}
		if !e.isUnitUser(owner.UID) || !e.isUnitGroup(owner.GID) {
			return "", false
		}
		mode, ok = fmt.Sprintf("%04o", owner.Mode&0o7777), true
	}
	return mode, ok
}

func ownerOf(f *trace.File, dir string) *trace.Owner {
	switch {
	case string(f.Path) == dir && f.Type == trace.TypeDirectory:
		return f.Owner
	case path.Dir(string(f.Path)) == dir:
		return f.Parent
	}
	return nil
}

func (e *Evidence) isUnitUser(uid uint32) bool {
	user := e.Unit("User")
	if user == "" {
		user = "root"
	}
	return user == e.Trace.Header.Unit.Users[uid] || user == fmt.Sprint(uid) || user == "root" && uid == 0
}

func (e *Evidence) isUnitGroup(gid uint32) bool {
	group := e.Unit("Group")
	if group == "" {
		return e.Unit("User") != "" || gid == 0 // the user's primary group, whichever it is
	}
	return group == e.Trace.Header.Unit.Groups[gid] || group == fmt.Sprint(gid)
}
