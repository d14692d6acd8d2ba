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

// candidate writes the allow-list down.
func (a *allowList) candidate() (Candidate, error) {
	c := Candidate{Settings: []trace.Setting{{Name: "ProtectSystem", Value: "strict"}}, Reasons: map[int][]*trace.Observation{}, Notes: a.notes()}
	modes := a.e.unitModes()
	for _, place := range slices.Sorted(maps.Keys(a.open)) {
		settings, err := a.e.openPlace(place, modes)
		if err != nil {
			return c, err
		}
		c.Reasons[len(c.Settings)] = a.open[place]
		c.Settings = append(c.Settings, settings...)
	}
	if err := a.hide(&c); err != nil {
		return c, err
	}
	if err := a.putBack(&c, modes); err != nil {
		return c, err
	}
	return c, a.restrictExec(&c)
}

// hide writes down what is hidden. Systems lack some of what is out of reach; all have
// what is emptied, for it was used.
func (a *allowList) hide(c *Candidate) error {
	for _, sort := range [][]string{belongsToOthers, secrets, controls} {
		var gone []string
		for _, dir := range sort {
			if mode, hidden := a.hidden[dir]; hidden && mode == Inaccessible {
				gone = append(gone, dir)
			}
		}
		words, err := a.paths(gone)
		if err != nil {
			return err
		}
		c.list("InaccessiblePaths", words)
	}
	var empty []string
	for _, dir := range belongsToOthers {
		if a.hidden[dir] == Emptied {
			empty = append(empty, dir+":ro") // names of ours, that need no quotes
		}
	}
	c.list("TemporaryFileSystem", empty)
	return nil
}

// list adds a line of several words, if there are any.
func (c *Candidate) list(name string, words []string) {
	if len(words) > 0 {
		c.Settings = append(c.Settings, trace.Setting{Name: name, Value: strings.Join(words, " ")})
	}
}

// putBack writes down what is put back in the emptied directories. What systemd makes
// for the unit, it also mounts there.
func (a *allowList) putBack(c *Candidate, modes map[string]string) error {
	for _, place := range slices.Sorted(maps.Keys(a.back)) {
		b := a.back[place]
		b.tried = b.writable
		text, err := systemd.Quote(systemd.ClassBind, a.e.Target.Systemd, place)
		if err != nil {
			return fmt.Errorf("putting %q back: %w", place, err)
		}
		if d, root := StandardDirectory(place); b.writable && root == place && a.e.canMake(d, place) && len(a.e.unitList(d)) == 0 {
			settings, err := a.e.openPlace(place, modes)
			if err != nil {
				return err
			}
			c.Reasons[len(c.Settings)] = b.reasons
			c.Settings = append(c.Settings, settings...)
			continue
		}
		name := "BindReadOnlyPaths"
		if b.writable {
			name = "BindPaths"
		}
		c.Reasons[len(c.Settings)] = b.reasons
		c.Settings = append(c.Settings, trace.Setting{Name: name, Value: dash(text)})
	}
	return nil
}

// restrictExec writes down from where is executed.
func (a *allowList) restrictExec(c *Candidate) error {
	if !a.e.Target.Accepts("NoExecPaths") || !a.e.Target.Accepts("ExecPaths") {
		return nil
	}
	places, err := a.paths(a.mounted())
	if err != nil {
		return err
	}
	dirs, err := a.paths(slices.Sorted(maps.Keys(a.exec)))
	if err != nil {
		return err
	}
	c.list("NoExecPaths", append([]string{"/"}, places...))
	c.list("ExecPaths", dirs)
	return nil
}

// mounted are the places that have a mount of their own, which what is said of / does
// not concern (bind_mount_recursive in src/core/namespace.c passes over them): all that
// the unit writes to is among them.
func (a *allowList) mounted() []string {
	places := slices.Clone(temporaryDirectories)
	places = slices.AppendSeq(places, maps.Keys(a.back))
	places = slices.AppendSeq(places, maps.Keys(a.open))
	for _, d := range a.e.unitDirectories() {
		places = append(places, d.mount)
	}
	slices.Sort(places)
	return slices.DeleteFunc(slices.Compact(places), func(p string) bool { _, exec := a.exec[p]; return exec })
}

// unitDirectory is one that systemd makes for the unit: its name, and where it is
// mounted.
type unitDirectory struct{ name, mount string }

// unitDirectories are those of the unit's own lines.
func (e *Evidence) unitDirectories() []unitDirectory {
	var list []unitDirectory
	dynamic := isTrue(e.Unit("DynamicUser"))
	for _, b := range bases {
		for _, value := range e.unitList(b.directive) {
			words, err := systemd.Words(value, systemd.ClassExecDir, e.Target.Systemd)
			if err != nil {
				continue
			}
			for _, w := range words {
				if w.Symbolic || w.Text == "" {
					continue
				}
				d := unitDirectory{path.Join(b.base, w.Text), path.Join(b.base, w.Text)}
				if dynamic && b.directive != "RuntimeDirectory" {
					d.mount = path.Join(b.base, "private", w.Text) // the other name is a link to it
				}
				list = append(list, d)
			}
		}
	}
	return list
}

// paths writes paths down that may be missing.
func (a *allowList) paths(list []string) ([]string, error) {
	words := make([]string, len(list))
	for i, p := range list {
		text, err := systemd.Quote(systemd.ClassPathList, a.e.Target.Systemd, p)
		if err != nil {
			return nil, fmt.Errorf("naming %q: %w", p, err)
		}
		words[i] = dash(text)
	}
	return words, nil
}

// notes say how much of the file system is left.
func (a *allowList) notes() []string {
	gone, empty := 0, 0
	for dir := range a.hidden {
		if a.hidden[dir] == Inaccessible {
			gone++
		} else {
			empty++
		}
	}
	shown := []string{}
	for _, dir := range belongsToOthers {
		if _, hidden := a.hidden[dir]; !hidden {
			shown = append(shown, dir)
		}
	}
	text := fmt.Sprintf("leaves /usr, /run and /etc to be read, but for secrets and what gives orders to root, and %d places of %d directories that belong to others; %d more are out of reach",
		len(a.back), empty, gone)
	if len(shown) > 0 {
		text += ", and " + strings.Join(shown, ", ") + " stay as they are, since too much of them is used"
	}
	if left, of := a.visible(); of > 0 {
		text += fmt.Sprintf(". Visible are %d of the %d names in directories that belong to others", left, of)
	}
	return []string{text}
}

// visible counts what is left of the names in directories that belong to others, as far
// as the trace tells how many there were.
func (a *allowList) visible() (left, of int) {
	counts := map[string]int{}
	for _, n := range a.e.Trace.Header.Names {
		counts[string(n.Directory)] = n.Names
	}
	for _, dir := range belongsToOthers {
		of += counts[dir]
		if _, hidden := a.hidden[dir]; hidden {
			left += len(a.namesLeft(dir))
		} else {
			left += counts[dir]
		}
	}
	return left, of
}

// namesLeft are the names in a hidden directory of which anything is left: what is put
// back, and what systemd makes for the unit.
func (a *allowList) namesLeft(dir string) map[string]bool {
	names := map[string]bool{}
	places := slices.Collect(maps.Keys(a.back))
	for _, d := range a.e.unitDirectories() {
		places = append(places, d.name)
	}
	for _, place := range places {
		if within(place, dir) {
			names[inBase(dir, place)] = true
		}
	}
	return names
}
