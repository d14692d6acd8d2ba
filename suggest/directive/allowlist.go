// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// allowList is a file system of which only what was used is left: directories with
// what belongs to others are hidden, what the unit needs of them is put back, and
// programs are only executed from where they were. It asks the model what that
// denies, and opens a place for each, as long as that helps.
type allowList struct {
	e *Evidence
	// hidden are directories that are out of reach (Inaccessible), or empty but for
	// what is put back (Emptied).
	hidden map[string]MountMode
	// back are the places in emptied directories that are put back.
	back map[string]*putBack
	// open are places outside of them that are written to.
	open map[string][]*trace.Observation
	// exec are the directories that programs and libraries are in.
	exec map[string][]*trace.Observation
}

// putBack is a place in an emptied directory that is still there.
type putBack struct {
	writable bool
	reasons  []*trace.Observation
}

// belongsToOthers are directories in which every service or user has something of its
// own. /etc, /run and /usr are none: much in them is everybody's, and is replaced
// while services run. Homes are the matter of ProtectHome=.
var belongsToOthers = []string{"/boot", "/efi", "/media", "/mnt", "/opt", "/srv", "/var/backups", "/var/cache", "/var/lib",
	"/var/local", "/var/log", "/var/mail", "/var/opt", "/var/spool", "/var/www"}

// secrets are what of /etc only administrators and single services read.
var secrets = []string{"/etc/cron.d", "/etc/gshadow", "/etc/gshadow-", "/etc/shadow", "/etc/shadow-", "/etc/ssh", "/etc/ssl/private",
	"/etc/sudoers", "/etc/sudoers.d"}

// maxPutBack is how many places of one directory are put back: a unit that uses more
// has business with the directory as a whole.
const maxPutBack = 8

// allowList returns the candidate; false if the target cannot have it, or if something
// cannot be written down.
func (e *Evidence) allowList() (Candidate, bool) {
	for _, name := range []string{"TemporaryFileSystem", "BindPaths", "BindReadOnlyPaths", "InaccessiblePaths"} {
		if !e.Target.Accepts(name) {
			return Candidate{}, false
		}
	}
	if e.ownRoot() || !e.Target.Enforces("ProtectSystem", "strict") {
		return Candidate{}, false
	}
	a := &allowList{e, map[string]MountMode{}, map[string]*putBack{}, map[string][]*trace.Observation{}, map[string][]*trace.Observation{}}
	a.begin()
	for range 16 {
		c, err := a.candidate()
		if err != nil {
			return Candidate{}, false
		}
		denied, helped := false, false
		for v := range e.violations(c.Settings) {
			denied = true
			helped = a.allow(v) || helped
		}
		if !denied || !helped {
			return c, true // the caller sees what it denies
		}
		a.bound()
	}
	return Candidate{}, false
}

// begin hides everything but the unit's own directories and programs.
func (a *allowList) begin() {
	for _, dir := range slices.Concat(belongsToOthers, secrets) {
		a.hidden[dir] = Inaccessible
	}
	for _, b := range bases {
		dir := strings.TrimSuffix(b.base, "/")
		if _, hidden := a.hidden[dir]; !hidden || len(a.e.unitList(b.directive)) == 0 {
			continue
		}
		a.hidden[dir] = Emptied // what systemd makes in it, it mounts there again
		if isTrue(a.e.Unit("DynamicUser")) && !a.e.Target.Systemd.AtLeast(250) {
			delete(a.hidden, dir) // the symbolic link to the private directory is not made again
		}
	}
	for _, o := range a.e.Of(trace.KindFile) {
		if f := o.File; f.Op == trace.OpList && o.Outcome == trace.OutcomeOK {
			delete(a.hidden, string(f.Path)) // to find less there is no error, and still another thing
		}
	}
	a.beginExec()
}

// base returns the hidden directory that a path is in, or "".
func (a *allowList) base(name string) string {
	for dir := range a.hidden {
		if within(name, dir) {
			return dir
		}
	}
	return ""
}

// allow opens what a violation needs, and tells whether that is anything new.
func (a *allowList) allow(v Violation) bool {
	f := v.Observation.File
	if f == nil {
		return false
	}
	name := string(f.Path)
	switch {
	case v.Directive == "NoExecPaths":
		return a.execute(v.Observation)
	case v.Outcome == ebusy || v.Outcome == exdev:
		return a.join(v)
	case a.base(name) != "":
		return a.reach(v, name)
	}
	place, ok := a.e.placeFor(v)
	if !ok || place == "/" {
		return false
	}
	_, known := a.open[place]
	a.open[place] = append(a.open[place], v.Observation)
	return !known
}

// reach opens a place in a hidden directory: first the directory is emptied instead of
// out of reach, then what is used of it is put back.
func (a *allowList) reach(v Violation, name string) bool {
	dir := a.base(name)
	place := inBase(dir, name)
	switch {
	case slices.Contains(secrets, dir):
		delete(a.hidden, dir)
		return true
	case a.hidden[dir] == Inaccessible:
		a.hidden[dir] = Emptied
		return true
	case place == dir || place == name && (v.Observation.File.Folded || v.Observation.File.Type != trace.TypeDirectory):
		// A file directly in it is used, which somebody may replace by another.
		a.show(dir, v.Outcome == erofs, v.Observation)
		return true
	}
	if changing(path.Base(place)) || !a.e.writesDown(place) {
		a.show(dir, v.Outcome == erofs, v.Observation)
		return true
	}
	return a.restore(place, v.Outcome == erofs, v.Observation)
}

// version is a name with a version in it, which an upgrade changes.
var version = regexp.MustCompile(`[0-9]\.[0-9]`)

// changing tells names that are another the next time: a mount on one would be of what
// is gone.
func changing(name string) bool { return temporary(name) || version.MatchString(name) }

// inBase returns what of a hidden directory a path belongs to: one name in it.
func inBase(dir, name string) string {
	rest := strings.TrimPrefix(strings.TrimPrefix(name, dir), "/")
	first, _, _ := strings.Cut(rest, "/")
	return path.Join(dir, first)
}

// restore puts a place back, and tells whether it was not as much there before.
func (a *allowList) restore(place string, writable bool, o *trace.Observation) bool {
	a.hidden[a.base(place)] = Emptied
	b := a.back[place]
	news := b == nil || writable && !b.writable
	if b == nil {
		b = &putBack{}
		a.back[place] = b
	}
	b.writable = b.writable || writable
	if o != nil {
		b.reasons = append(b.reasons, o)
	}
	return news
}

// show hides a directory no longer.
func (a *allowList) show(dir string, writable bool, o *trace.Observation) {
	delete(a.hidden, dir)
	maps.DeleteFunc(a.back, func(place string, b *putBack) bool {
		if !within(place, dir) {
			return false
		}
		if b.writable {
			a.open[place] = append(a.open[place], b.reasons...)
		}
		return true
	})
	if writable {
		a.open[dir] = append(a.open[dir], o)
	}
}

// join puts the two names of a rename or link on one mount.
func (a *allowList) join(v Violation) bool {
	place, ok := a.e.placeFor(v)
	if !ok || place == "/" {
		return false
	}
	if dir := a.base(place); dir != "" {
		a.show(dir, true, v.Observation)
		return true
	}
	for dir := range a.hidden {
		if within(dir, place) {
			a.show(dir, false, nil)
		}
	}
	_, known := a.open[place]
	a.open[place] = append(a.open[place], v.Observation)
	return !known
}

// bound gives up on directories of which too much is put back, and leaves out places
// that are within others.
func (a *allowList) bound() {
	for _, dir := range slices.Sorted(maps.Keys(a.hidden)) {
		n := 0
		for place := range a.back {
			if path.Dir(place) == dir {
				n++
			}
		}
		if n > maxPutBack {
			a.show(dir, false, nil)
		}
	}
	fold(a.open)
}
