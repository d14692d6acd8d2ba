// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"maps"
	"path"
	"slices"
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
	keeps := map[trace.Actor]bool{}
	gifts, kept := giftsOf(observations), keptIn(observations)
	for i := range observations {
		o := &observations[i]
		if !Charged(o) {
			continue
		}
		if keepsFiles(o) && !keeps[o.Actor] {
			keeps[o.Actor] = true
			list = append(list, calls(o, abi, keeping...)...)
		}
		if looksAfter(o) && gifts[gift{o.Actor, o.File.Owner.UID}] {
			list = append(list, setsMode(o))
			delete(gifts, gift{o.Actor, o.File.Owner.UID})
		}
		switch {
		case makesAnew(o):
		case looksFor(o) && kept[string(o.File.Path)]:
			list = append(list, calls(o, abi, "mkdir")...)
		default:
			continue
		}
		made, file := *o, *o.File
		file.Op, made.File, made.Outcome = trace.OpMkdir, &file, trace.OutcomeOK
		list = append(list, made)
		if w := o.File.Owner; w != nil && o.Actor.UID == 0 && w.UID != 0 {
			list = append(list, givesAway(o, abi)...)
		}
	}
	return list
}

// keepsFiles tells whether a service makes files in a directory of its own.
func keepsFiles(o *trace.Observation) bool {
	f := o.File
	return f != nil && f.Op == trace.OpCreate && o.Outcome == trace.OutcomeOK && !f.Partial && !f.Chroot &&
		isAppDirectory(path.Dir(string(f.Path))) && f.Parent != nil && f.Parent.UID == o.Actor.UID
}

// keeping is what whoever keeps files does with them sooner or later: where there is no
// directory below its own yet, squid makes them; prosody replaces files when it first saves
// something, and prometheus makes room for what it will write.
var keeping = []string{"mkdir", "rename", "unlink", "ftruncate", "fallocate", "fsync"}

// calls are calls of the actor of an observation.
func calls(o *trace.Observation, abi string, names ...string) []trace.Observation {
	var list []trace.Observation
	for _, name := range names {
		list = append(list, trace.Observation{Kind: trace.KindSyscall, Syscall: &trace.Syscall{ABI: abi, Name: name},
			Actor: o.Actor, Outcome: trace.OutcomeOK, Count: o.Count, First: o.First, Last: o.Last})
	}
	return list
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

// looksFor tells whether an observation is of a script's look for a directory in /run, which
// no boot finds there: [ -d /run/slapd ] || mkdir /run/slapd.
func looksFor(o *trace.Observation) bool {
	return looksAfter(o) && o.Actor.UID == 0 && strings.HasPrefix(string(o.File.Path), "/run/") &&
		slices.Contains(shellNames, path.Base(string(o.Actor.Exe)))
}

// keptIn returns the directories that the service makes something in.
func keptIn(observations []trace.Observation) map[string]bool {
	kept := map[string]bool{}
	for i := range observations {
		o := &observations[i]
		if o.File == nil || o.Outcome != trace.OutcomeOK || !Charged(o) {
			continue
		}
		switch o.File.Op {
		case trace.OpCreate, trace.OpMkdir, trace.OpBind:
			kept[path.Dir(string(o.File.Path))] = true
		}
	}
	return kept
}

// gift is that an actor made somebody the owner of something.
type gift struct {
	actor trace.Actor
	to    uint32
}

// giftsOf returns what root gave to other users, by those who set modes as well.
func giftsOf(observations []trace.Observation) map[gift]bool {
	gifts, setModes := map[gift]bool{}, map[trace.Actor]bool{}
	for i := range observations {
		o := &observations[i]
		if o.File == nil || o.Outcome != trace.OutcomeOK || !Charged(o) {
			continue
		}
		switch w := o.File.Owner; {
		case o.File.Op == trace.OpChmod:
			setModes[o.Actor] = true
		case o.File.Op == trace.OpChown && o.Actor.UID == 0 && w != nil && w.UID != 0:
			gifts[gift{o.Actor, w.UID}] = true
		}
	}
	maps.DeleteFunc(gifts, func(g gift, _ bool) bool { return !setModes[g.actor] })
	return gifts
}

// looksAfter tells whether an observation is of a look at a directory that an earlier
// start may have made: cupsd makes it if it is not there, gives it away, and sets its mode
// only then.
func looksAfter(o *trace.Observation) bool {
	f := o.File
	return f != nil && f.Op == trace.OpStat && o.Outcome == trace.OutcomeOK && !f.Partial && !f.Chroot &&
		f.Type == trace.TypeDirectory && f.Owner != nil && isAppDirectory(string(f.Path))
}

// setsMode is what it takes to set the mode of what belongs to another by then.
func setsMode(o *trace.Observation) trace.Observation {
	return trace.Observation{Kind: trace.KindCapability, Capability: &trace.Capability{Name: "CAP_FOWNER", Syscall: "chmod", Result: trace.OutcomeOK},
		Actor: o.Actor, Outcome: trace.OutcomeOK, Count: o.Count, First: o.First, Last: o.Last}
}
