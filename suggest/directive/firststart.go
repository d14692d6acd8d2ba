// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// A training run seldom holds the very first start of a service, or the first after a
// boot, when /run is empty. What it does then can be told from what it tries later: a
// directory that it would make, and that is there already, it made before; and one
// that it would make as root, and that belongs to somebody else, it gave away.

// makesAnew tells whether an observation is of a directory that an earlier start has
// made.
func makesAnew(o *trace.Observation) bool {
	f := o.File
	if f == nil || f.Op != trace.OpMkdir || o.Outcome != "EEXIST" || f.Partial || f.Chroot || f.Type != trace.TypeDirectory {
		return false
	}
	return isAppDirectory(string(f.Path)) && mayMake(&o.Actor, f.Parent)
}

// appBases are where services have directories of their own. What is not below one
// of them belongs to the system, and is there before any service starts.
var appBases = []string{"/var/lib/", "/var/cache/", "/var/log/", "/run/", "/var/spool/", "/var/www/", "/srv/", "/opt/",
	"/var/backups/", "/var/mail/", "/tmp/", "/var/tmp/"}

// systemDirectories are below these and of the system all the same.
var systemDirectories = []string{"/run/lock", "/run/user", "/run/systemd", "/run/dbus", "/run/udev", "/run/log", "/var/spool/mail"}

func isAppDirectory(name string) bool {
	for _, d := range systemDirectories {
		if name == d {
			return false
		}
	}
	for _, base := range appBases {
		if strings.HasPrefix(name, base) {
			return true
		}
	}
	return false
}

// mayMake tells whether an actor can make something in a directory: mkdir -p also
// tries those that only root can have made.
func mayMake(a *trace.Actor, parent *trace.Owner) bool {
	switch {
	case a.UID == 0 || parent == nil:
		return true
	case a.UID == parent.UID:
		return parent.Mode&0o200 != 0
	case a.GID == parent.GID:
		return parent.Mode&0o020 != 0
	}
	return parent.Mode&0o002 != 0
}

// firstStart returns what a first start plainly does besides what was observed.
// abi is the native ABI of the target.
func firstStart(observations []trace.Observation, abi string) []trace.Observation {
	var list []trace.Observation
	mayMakeDirectories := map[trace.Actor]bool{}
	for i := range observations {
		o := &observations[i]
		if !Charged(o) {
			continue
		}
		if keepsFiles(o) && !mayMakeDirectories[o.Actor] {
			mayMakeDirectories[o.Actor] = true
			list = append(list, makesDirectory(o, abi))
		}
		if !makesAnew(o) {
			continue
		}
		made := *o
		made.Outcome = trace.OutcomeOK
		list = append(list, made)
		if w := o.File.Owner; w != nil && o.Actor.UID == 0 && w.UID != 0 {
			list = append(list, givesAway(o, abi)...)
		}
	}
	return list
}

// keepsFiles tells whether a service makes files in a directory of its own: where there is
// none below it yet, squid makes them, and others do.
func keepsFiles(o *trace.Observation) bool {
	f := o.File
	return f != nil && f.Op == trace.OpCreate && o.Outcome == trace.OutcomeOK && !f.Partial && !f.Chroot &&
		isAppDirectory(path.Dir(string(f.Path))) && f.Parent != nil && f.Parent.UID == o.Actor.UID
}

// makesDirectory is the call with which the actor of an observation would make one.
func makesDirectory(o *trace.Observation, abi string) trace.Observation {
	return trace.Observation{Kind: trace.KindSyscall, Syscall: &trace.Syscall{ABI: abi, Name: "mkdir"},
		Actor: o.Actor, Outcome: trace.OutcomeOK, Count: o.Count, First: o.First, Last: o.Last}
}

// givesAway is what it takes to change the owner of a directory that was made, by
// whichever call.
func givesAway(o *trace.Observation, abi string) []trace.Observation {
	file := *o.File
	file.Op = trace.OpChown
	list := []trace.Observation{
		{Kind: trace.KindFile, File: &file},
		{Kind: trace.KindCapability, Capability: &trace.Capability{Name: "CAP_CHOWN", Syscall: "chown", Result: trace.OutcomeOK}},
		{Kind: trace.KindSyscall, Syscall: &trace.Syscall{ABI: abi, Name: "chown"}},
		{Kind: trace.KindSyscall, Syscall: &trace.Syscall{ABI: abi, Name: "fchown"}},
	}
	for i := range list {
		one := &list[i]
		one.Actor, one.Outcome, one.Count, one.First, one.Last = o.Actor, trace.OutcomeOK, o.Count, o.First, o.Last
	}
	return list
}
