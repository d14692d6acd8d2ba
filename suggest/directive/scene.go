// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"math/bits"
	"path"
	"slices"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// Scene is what the observations of a trace mean for each other: a file that the
// unit made itself is still there for it in a private directory, one that was
// there before is not.
type Scene struct {
	own map[string]bool
	// makers are the Exec lines that made them; several are those with more than one
	// command.
	makers  map[string][]string
	several map[string]bool
	// from has the old names of what was made by renaming or linking.
	from map[string]string
	// removed has when names were taken away.
	removed removals
	// asked counts the capabilities that each actor named in capset(2).
	asked map[trace.Actor]int
	// effective has those that each made effective there, where they were not nearly all.
	effective map[trace.Actor]uint64
	// buffers has who set the size of a socket's buffers.
	buffers buffers
	// callers are those who called execve(2): user, group and Exec line of each.
	callers map[trace.Actor]bool
	// elsewhere tells of the calls of each that were granted CAP_SYS_ADMIN whether that was
	// in other user namespaces only.
	elsewhere map[actorCall]bool
	// carry has the capabilities that the files of programs give them.
	carry map[trace.Path][]string
	// observations are those that the scene was made of; owners whose the directories
	// among them are.
	observations []trace.Observation
	owners       map[string]*trace.Owner
	// givenAway are the files of which root changes the owner or the mode.
	givenAway map[string]bool
	// groups are the groups that the system knew, by name.
	groups map[string]uint32
	// people are the users that the system knew, by name.
	people map[string]person
	// unit is the unit's name.
	unit string
	// recorded is the systemd that the trace was recorded under; zero is unknown.
	recorded systemd.Version
	// selinux is set when SELinux was in use there.
	selinux bool
	// mergedUsr is set when all its programs were in /usr; links are other symbolic links.
	mergedUsr bool
	links     links
	// pressure are the files in which memory pressure was asked to be told.
	pressure []string
}

// actorCall is a system call of somebody's.
type actorCall struct {
	actor trace.Actor
	call  string
}

// person is a user, with the groups that he is in.
type person struct {
	uid    uint32
	groups []uint32
}

// With returns the scene with the users that a trace's header names.
func (s *Scene) With(u trace.Unit) *Scene {
	with := *s
	with.unit = u.Name
	with.groups = map[string]uint32{}
	for gid, name := range u.Groups {
		with.groups[name], with.groups[fmt.Sprint(gid)] = gid, gid
	}
	with.people = map[string]person{}
	for uid, name := range u.Users {
		p := person{uid, slices.Clone(u.Members[uid])}
		if gid, ok := with.groups[name]; ok { // the group of the same name
			p.groups = append(p.groups, gid)
		}
		with.people[name] = p
		with.people[fmt.Sprint(uid)] = p
	}
	with.several = map[string]bool{}
	lines, programs := map[string]int{}, links{}
	for _, c := range u.Commands {
		if c.Program != "" && len(c.Argv) > 0 {
			programs[c.Argv[0]] = string(c.Program)
		}
		lines[c.Line]++
		with.several[c.Line] = lines[c.Line] > 1
	}
	with.links = s.links.and(programs)
	return &with
}

// unitName returns the unit's name; "" if there is no scene, or no unit.
func (s *Scene) unitName() string {
	if s == nil {
		return ""
	}
	return s.unit
}

// On returns the scene with the host that a trace was recorded on.
func (s *Scene) On(h trace.Host) *Scene {
	on := *s
	on.selinux, on.mergedUsr = h.SELinux, h.MergedUsr
	if v, err := systemd.ParseVersion(h.Systemd); err == nil {
		on.recorded = v
	}
	return &on
}

// newerThan tells whether the trace is of a newer system than the target: its C
// library makes calls that the target's does not.
func (s *Scene) newerThan(v systemd.Version) bool { return s.recorded.Major > v.Major && v.Major != 0 }

// NewScene looks through the observations of a trace.
func NewScene(observations []trace.Observation) *Scene {
	s := &Scene{own: map[string]bool{}, makers: map[string][]string{}, from: map[string]string{}, removed: removals{}, asked: map[trace.Actor]int{}, effective: map[trace.Actor]uint64{},
		buffers: buffers{}, callers: map[trace.Actor]bool{}, elsewhere: map[actorCall]bool{}, carry: map[trace.Path][]string{},
		observations: observations, owners: map[string]*trace.Owner{}, givenAway: map[string]bool{}, links: linksIn(observations), pressure: pressureFiles(observations)}
	for i := range observations {
		o := &observations[i]
		f := o.File
		switch {
		case o.Syscall != nil && o.Syscall.Name == "capset":
			s.effective[o.Actor] |= effectiveOf(o.Syscall)
			continue
		case o.Syscall != nil && o.Syscall.Name == "setsockopt":
			s.buffers.add(o)
			continue
		case o.Syscall != nil && o.Outcome == trace.OutcomeOK && (o.Syscall.Name == "execve" || o.Syscall.Name == "execveat"):
			s.callers[trace.Actor{UID: o.Actor.UID, GID: o.Actor.GID, Line: o.Actor.Line}] = true
			continue
		case o.Capability != nil && o.Capability.Asked:
			s.asked[o.Actor]++
			continue
		case o.Capability != nil && o.Capability.Name == "CAP_SYS_ADMIN" && o.Outcome == trace.OutcomeOK:
			s.granted(o)
			continue
		case f != nil && !f.Folded && makesAnew(o):
			s.makes(o)
			continue
		case f == nil || o.Outcome != trace.OutcomeOK || f.Folded: // of other names it is not known
			continue
		}
		s.learn(f)
		s.removed.add(o)
		switch f.Op {
		case trace.OpCreate, trace.OpMkdir, trace.OpMknod, trace.OpSymlink, trace.OpBind:
			s.makes(o)
		case trace.OpRenameTo, trace.OpLinkTo:
			s.from[string(f.Path)] = string(f.Peer)
		case trace.OpChown, trace.OpChmod:
			if o.Actor.UID == 0 {
				s.givenAway[string(f.Path)] = true
			}
		case trace.OpExecute:
			if f.Carries != nil && f.Carries.RootID == 0 {
				s.carry[f.Path] = f.Carries.Permitted
			}
		}
	}
	return s
}

// granted remembers in which user namespaces a call was granted a capability.
func (s *Scene) granted(o *trace.Observation) {
	key := actorCall{o.Actor, o.Capability.Syscall}
	before, known := s.elsewhere[key]
	s.elsewhere[key] = o.Capability.ForeignNS && (before || !known)
}

// asksElsewhere tells whether a system call of somebody's is about a user namespace of his
// own, where the unit's capabilities decide nothing.
func (s *Scene) asksElsewhere(o *trace.Observation) bool {
	return s != nil && o.Syscall != nil && s.elsewhere[actorCall{o.Actor, o.Syscall.Name}]
}

// makes remembers what the unit made, and by which of its lines.
func (s *Scene) makes(o *trace.Observation) {
	name := string(o.File.Path)
	s.own[name] = true
	if !slices.Contains(s.makers[name], o.Actor.Line) {
		s.makers[name] = append(s.makers[name], o.Actor.Line)
	}
}

// learn remembers whose the directories are.
func (s *Scene) learn(f *trace.File) {
	if f.Chroot || f.Partial {
		return
	}
	if f.Type == trace.TypeDirectory && f.Owner != nil {
		s.owners[string(f.Path)] = f.Owner
	}
	if f.Parent != nil {
		s.owners[path.Dir(string(f.Path))] = f.Parent
	}
}

// nearlyAll is how many capabilities nobody needs together.
const nearlyAll = 32

// effectiveOf returns the capabilities that a capset(2) makes effective, as a mask; none
// if they are nearly all.
func effectiveOf(call *trace.Syscall) uint64 {
	var mask uint64
	for _, a := range call.Args {
		switch a.Name {
		case "effective":
			mask |= a.Value
		case "effective_high":
			mask |= a.Value << 32
		}
	}
	if bits.OnesCount64(mask) >= nearlyAll {
		return 0
	}
	return mask
}

// keepsAll tells whether an observation is of a program that named nearly all
// capabilities in capset(2): it keeps what it has, whatever that is, as setpriv does
// before it drops the rest. Those that it makes effective, as squid does one, it wants.
func (s *Scene) keepsAll(o *trace.Observation) bool {
	n := slices.Index(capabilityNames, o.Capability.Name)
	return o.Capability.Asked && s.asked[o.Actor] >= nearlyAll && (n < 0 || s.effective[o.Actor]>>n&1 == 0)
}

// made tells whether a name is one that the unit made.
func (s *Scene) made(file string) bool {
	_, renamed := s.from[file]
	return renamed || s.own[file]
}

// Own tells whether the unit made the file, or a directory that it is in.
func (s *Scene) Own(file string) bool {
	return s.origin(file, func(name string) bool { return s.own[name] })
}

// ownOf tells the same of the command of an Exec line. Those of a line with several are
// not told apart.
func (s *Scene) ownOf(line, file string) bool {
	return !s.several[line] && s.origin(file, func(name string) bool { return slices.Contains(s.makers[name], line) })
}

// origin tells whether a file, a directory that it is in, or one that it was before is
// one of those.
func (s *Scene) origin(file string, is func(string) bool) bool {
	for range 8 { // names of names
		for p := file; p != "/" && p != "."; p = path.Dir(p) {
			if is(p) {
				return true
			}
		}
		old, renamed := s.from[file]
		if !renamed {
			return false
		}
		file = old
	}
	return false
}
