// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// libraries are the directories of libraries, dynamic linkers and helpers. They are
// taken as a whole: an upgrade brings other names, and the C library loads modules
// that nobody names (NSS, iconv, engines).
var libraries = []string{"/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/lib", "/lib32", "/lib64"}

// beginExec allows what the unit's commands and processes are.
func (a *allowList) beginExec() {
	for _, dir := range libraries {
		a.exec[dir] = nil
	}
	for _, c := range a.e.Trace.Header.Unit.Commands {
		if strings.Contains(c.Prefix, "+") || len(c.Argv) == 0 || !strings.HasPrefix(c.Argv[0], "/") {
			continue
		}
		a.exec[execDirectory(c.Argv[0])] = nil
	}
	for i := range a.e.Trace.Observations {
		if o := &a.e.Trace.Observations[i]; Charged(o) && strings.HasPrefix(string(o.Actor.Exe), "/") {
			a.exec[execDirectory(string(o.Actor.Exe))] = nil
		}
	}
}

// execute allows the directory of what was executed. A mount on the file alone would be
// gone when an upgrade replaces it.
func (a *allowList) execute(o *trace.Observation) bool {
	dir := execDirectory(string(o.File.Path))
	_, known := a.exec[dir]
	if dir == "/" {
		return false
	}
	a.exec[dir] = append(a.exec[dir], o)
	return !known
}

// execDirectory returns the directory to allow for a program or library.
func execDirectory(file string) string {
	for _, dir := range libraries {
		if within(file, dir) {
			return dir
		}
	}
	return path.Dir(file)
}
