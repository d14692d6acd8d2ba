// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"maps"
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

// hide writes down what is hidden.
func (a *allowList) hide(c *Candidate) error {
	var gone, empty []string
	for _, dir := range slices.Sorted(maps.Keys(a.hidden)) {
		text, err := systemd.Quote(systemd.ClassPathList, a.e.Target.Systemd, dir)
		if err != nil {
			return err
		}
		if a.hidden[dir] == Inaccessible {
			gone = append(gone, dash(text))
		} else {
			empty = append(empty, text+":ro")
		}
	}
	// Systems lack some of them; all have those that are emptied, for they were used.
	c.list("InaccessiblePaths", gone)
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
// for the unit is made before it is mounted there.
func (a *allowList) putBack(c *Candidate, modes map[string]string) error {
	for _, place := range slices.Sorted(maps.Keys(a.back)) {
		b := a.back[place]
		text, err := systemd.Quote(systemd.ClassBind, a.e.Target.Systemd, place)
		if err != nil {
			return fmt.Errorf("putting %q back: %w", place, err)
		}
		if d, root := StandardDirectory(place); b.writable && root == place && a.e.canMake(d, place) && len(a.e.unitList(d)) == 0 {
			settings, err := a.e.openPlace(place, modes)
			if err != nil {
				return err
			}
			c.Settings = append(c.Settings, settings...)
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
	var dirs []string
	for _, dir := range slices.Sorted(maps.Keys(a.exec)) {
		text, err := systemd.Quote(systemd.ClassPathList, a.e.Target.Systemd, dir)
		if err != nil {
			return fmt.Errorf("executing from %q: %w", dir, err)
		}
		dirs = append(dirs, dash(text))
	}
	c.list("NoExecPaths", []string{"/"})
	c.list("ExecPaths", dirs)
	return nil
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
	text := fmt.Sprintf("leaves /usr, /run and /etc to be read but for its secrets, and %d places of %d directories that belong to others; %d more are out of reach",
		len(a.back), empty, gone)
	if len(shown) > 0 {
		text += ", and " + strings.Join(shown, ", ") + " stay as they are, since too much of them is used"
	}
	return []string{text}
}
