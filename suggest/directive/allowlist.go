// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// allowList is a file system of which only what was used is left: directories with
// what belongs to others are hidden, what the unit needs of them is put back, and
// programs are only executed from where they were. It asks the model what that
// denies, and opens a place for each, as long as that helps.
type allowList struct {
	e    *Evidence
	trie *trie
	// hidden are directories that are out of reach (Inaccessible), or empty but for
	// what is put back (Emptied).
	hidden map[string]MountMode
	// back are the places in emptied directories that are put back.
	back map[string]*putBack
	// open are places outside of them that are written to.
	open map[string][]*trace.Observation
	// exec are the directories that programs and libraries are in.
	exec map[string][]*trace.Observation
	// passed counts how often a directory was asked for that is only on the way to what
	// is put back.
	passed map[string]int
}

// putBack is a place in an emptied directory that is still there.
type putBack struct {
	writable bool
	reasons  []*trace.Observation
	// tried is set when a candidate had it, writable.
	tried bool
}

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
	a := &allowList{e, e.newTrie(), map[string]MountMode{}, map[string]*putBack{}, map[string][]*trace.Observation{}, map[string][]*trace.Observation{}, map[string]int{}}
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
	for _, dir := range slices.Concat(belongsToOthers, secrets, controls) {
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
	for dir := range a.trie.links {
		delete(a.hidden, dir) // a mount in the place of the link would not follow it when it changes
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
	dir, f := a.base(name), v.Observation.File
	if !slices.Contains(belongsToOthers, dir) {
		delete(a.hidden, dir)
		return true
	}
	if a.hidden[dir] == Inaccessible {
		a.hidden[dir] = Emptied
		return true
	}
	place, passing := a.trie.place(dir, name)
	direct := place == name && (f.Folded || f.Type != trace.TypeDirectory) // a file, which somebody may replace by another
	switch {
	case place == dir || direct || path.Dir(place) == dir && changing(path.Base(place)) || !a.e.writesDown(place):
		a.show(dir, v.Outcome == erofs, v.Observation)
		return true
	case passing && a.passed[place] < 3: // it is there when what is below it is put back
		a.passed[place]++
		return true
	case place == name && makes[f.Op] && a.back[place] != nil && a.back[place].tried: // it is not there when the unit starts for the first time
		a.show(dir, true, v.Observation)
		return true
	}
	return a.restore(place, v.Outcome == erofs, v.Observation)
}

// restore puts a place back, with those in it, and tells whether it was not as much
// there before.
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
	for _, other := range a.placesIn(place) {
		if other != place {
			b.writable = b.writable || a.back[other].writable
			b.reasons = append(b.reasons, a.back[other].reasons...)
			delete(a.back, other)
		}
	}
	return news
}

// placesIn are the places put back in a directory, in order.
func (a *allowList) placesIn(dir string) []string {
	var list []string
	for place := range a.back {
		if within(place, dir) {
			list = append(list, place)
		}
	}
	slices.Sort(list)
	return list
}

// show hides a directory no longer.
func (a *allowList) show(dir string, writable bool, o *trace.Observation) {
	delete(a.hidden, dir)
	for _, place := range a.placesIn(dir) {
		if b := a.back[place]; b.writable {
			a.open[place] = append(a.open[place], b.reasons...)
		}
		delete(a.back, place)
	}
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
	if dir := a.base(place); dir != "" && place != dir && slices.Contains(belongsToOthers, dir) {
		a.trie.note(place, true, false).whole = true
		return a.restore(place, true, v.Observation)
	} else if dir != "" {
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

// bound folds places of which there are too many, the deepest first, and gives up on
// directories of which there are too many still. It leaves out places that are within
// others.
func (a *allowList) bound() {
	for _, dir := range slices.Sorted(maps.Keys(a.hidden)) {
		for places := a.placesIn(dir); len(places) > maxPutBack; places = a.placesIn(dir) {
			up := crowded(places)
			if up == dir {
				a.show(dir, false, nil)
				break
			}
			a.trie.note(up, false, false).whole = true
			a.restore(up, false, nil)
		}
	}
	fold(a.open)
}

// crowded returns the directory in which most of the deepest places are.
func crowded(places []string) string {
	depth, count := 0, map[string]int{}
	for _, p := range places {
		depth = max(depth, strings.Count(p, "/"))
	}
	most := ""
	for _, p := range places {
		if up := path.Dir(p); strings.Count(p, "/") == depth {
			if count[up]++; count[up] > count[most] {
				most = up
			}
		}
	}
	return most
}
