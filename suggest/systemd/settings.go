// SPDX-License-Identifier: Apache-2.0

package systemd

import "github.com/sbxprof/sbxprof/trace"

// Combine returns the settings of one section ("Service") of a unit's files, its
// fragment first and then its drop-ins in the order systemd reads them, as a
// trace's header holds them.
func Combine(section string, files ...File) []trace.Setting {
	var all []trace.Setting
	for _, f := range files {
		for _, s := range f.Settings {
			if s.Section == section {
				all = append(all, trace.Setting{Name: s.Name, Value: s.Value})
			}
		}
	}
	return all
}

// oldNames are the names that some directives had before v231, still accepted.
var oldNames = map[string]string{
	"ReadWriteDirectories":    "ReadWritePaths",
	"ReadOnlyDirectories":     "ReadOnlyPaths",
	"InaccessibleDirectories": "InaccessiblePaths",
}

// CurrentName returns the name under which systemd now knows a directive.
func CurrentName(name string) string {
	if n, ok := oldNames[name]; ok {
		return n
	}
	return name
}

// Values returns the assignments of a list that add up: those after the last empty
// one. Old names count, and an empty BindPaths= or BindReadOnlyPaths= resets both.
func Values(settings []trace.Setting, name string) []string {
	var values []string
	for _, s := range settings {
		switch {
		case s.Value == "" && resets(CurrentName(s.Name), CurrentName(name)):
			values = nil
		case CurrentName(s.Name) == CurrentName(name):
			values = append(values, s.Value)
		}
	}
	return values
}

// resets tells whether an empty assignment of one directive resets another.
func resets(assigned, name string) bool {
	bind := func(n string) bool { return n == "BindPaths" || n == "BindReadOnlyPaths" }
	return assigned == name || bind(assigned) && bind(name)
}
