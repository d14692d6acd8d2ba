// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// access(2) answers what the kernel would answer who does it (do_faccessat() in
// fs/open.c; Linux 5.15 to 6.18): whether a mount executes before it looks at the
// permissions of a file, and whether it can be written after that, which devices, FIFOs
// and sockets do not hang on. A service that is told "no" may end, so that a "yes" is as
// good as the deed, but for what is asked in passing.

// askOfAll are programs that ask of whatever they look at: Erlang's file:read_file_info/1
// says of every file whether it can be read and written, and hardly anybody wants to know.
var askOfAll = []string{"beam.smp"}

// everybodys are directories that nobody has for itself.
var everybodys = slices.Concat([]string{"/"}, ofSystem, []string{"/var/cache", "/var/lib", "/var/log", "/var/spool"})

// InPassing says why nothing hangs on the answer to a question of access(2); "" if
// something may. Who is not root is told "yes" only where something is its own. Root is
// told so everywhere: of programs, and of a directory that is everybody's, it says nothing.
func InPassing(o *trace.Observation) string {
	f := o.File
	switch {
	case f == nil || !f.Op.Asks():
		return ""
	case f.Op != trace.OpAskExecute && slices.Contains(askOfAll, path.Base(string(o.Actor.Exe))):
		return "its program asks that of whatever it looks at"
	case f.Op == trace.OpAskWrite && o.Actor.UID == 0 && ofSystems(string(f.Path)):
		return "root may write everywhere"
	}
	return ""
}

// ofSystems tells whether a path is among programs, or a directory of everybody's.
func ofSystems(name string) bool {
	return slices.Contains(everybodys, name) ||
		slices.ContainsFunc(systemYes, func(m versionedMount) bool { return within(name, m.path) })
}

// asMeant is what was done to a file: what is asked in passing is no more than a look.
func asMeant(o *trace.Observation) *trace.File {
	if InPassing(o) == "" {
		return o.File
	}
	look := *o.File
	look.Op = trace.OpStat
	return &look
}

// mayInaccessible answers what may be done to what systemd has put in the place of an
// inaccessible file: its mode is 000, and its mount is read-only. Strong is who may read
// it all the same.
func (s *Sandbox) mayInaccessible(f *trace.File, strong bool) trace.Outcome {
	switch {
	case !strong, f.Op == trace.OpAskExecute && f.Type != trace.TypeDirectory, f.Op == trace.OpAskWrite && s.lost.fully("CAP_DAC_OVERRIDE"):
		return eacces
	case f.Op == trace.OpAskWrite && !special(f.Type):
		return erofs
	}
	return allowed
}

// ofRoots answers whether a directory may be written that systemd has made, and that is
// root's; whether its mount can be is another matter.
func ofRoots(o *trace.Observation) trace.Outcome {
	if o.Actor.UID == 0 || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	return eacces
}
