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
		a.allowExec(c.Argv[0])
	}
	for i := range a.e.Trace.Observations {
		if o := &a.e.Trace.Observations[i]; Charged(o) && strings.HasPrefix(string(o.Actor.Exe), "/") {
			a.allowExec(string(o.Actor.Exe))
		}
	}
}

// allowExec allows where a program is, for whatever reasons. Executing from everywhere is
// not allowed: what that denies is told.
func (a *allowList) allowExec(program string, reasons ...*trace.Observation) bool {
	dir := a.e.execDirectory(program)
	_, known := a.exec[dir]
	if dir == "/" {
		return false
	}
	a.exec[dir] = append(a.exec[dir], reasons...)
	return !known
}

// execute allows the directory of what was executed. A mount on the file alone would be
// gone when an upgrade replaces it.
func (a *allowList) execute(o *trace.Observation) bool {
	return a.allowExec(string(o.File.Path), o)
}

// execDirectory returns the directory to allow for a program or library: where its own
// cannot be written down (it may hold line breaks), or is not there when the service is
// started, one further up.
func (e *Evidence) execDirectory(file string) string {
	for _, dir := range libraries {
		if within(file, dir) {
			return dir
		}
	}
	dir := path.Dir(file)
	for !e.writesDown(dir) || e.comesLater(dir) {
		dir = path.Dir(dir)
	}
	return dir
}

// comesLater tells whether the unit makes a directory that systemd cannot make for it.
func (e *Evidence) comesLater(dir string) bool {
	d, root := StandardDirectory(dir)
	return e.Scene.made(dir) && (root != dir || !e.canMake(d, dir))
}
