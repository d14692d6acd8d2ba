// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// lines are the lines that start the service as the user.
func (id *identity) lines() []Line {
	list := id.userLines()
	if len(id.keep) > 0 {
		slices.SortFunc(id.keep, func(a, b needed) int { return strings.Compare(a.name, b.name) })
		list = append(list, line("AmbientCapabilities", strings.Join(names(id.keep), " "), evidenceOf(id.keep)))
	}
	for _, d := range id.directives() {
		list = append(list, id.directoryLines(d)...)
	}
	return slices.Concat(list, id.startOnly(), id.unitLines())
}

func line(name, value string, by []*trace.Observation, notes ...string) Line {
	return Line{Setting: trace.Setting{Name: name, Value: value}, Evidence: by, Notes: notes}
}

func evidenceOf(list []needed) []*trace.Observation {
	var all []*trace.Observation
	for _, n := range list {
		all = append(all, n.by...)
	}
	return all
}

func (id *identity) userLines() []Line {
	groups, joined := names(id.groups), evidenceOf(id.groups)
	var list []Line
	switch {
	case id.dynamic:
		list = id.dynamicLines()
		if len(groups) > 0 { // a group that is there already instead of one of its own
			list = append(list, line("Group", groups[0], id.groups[0].by))
			groups, joined = groups[1:], evidenceOf(id.groups[1:])
		}
	default:
		list = append(list, line("User", id.name, id.becameIt("setuid", "setresuid", "setreuid"), id.userNotes()...))
		if id.group != "" {
			list = append(list, id.groupLine())
		}
	}
	if len(groups) > 0 {
		list = append(list, line("SupplementaryGroups", strings.Join(groups, " "), joined))
	}
	return list
}

// groupLine names the group. The calls that set it say why; without any, it is the one
// that most was done as.
func (id *identity) groupLine() Line {
	by := id.becameIt("setgid", "setresgid", "setregid")
	if len(by) == 0 {
		return line("Group", id.group, nil, "is the group that its processes had as "+id.name)
	}
	return line("Group", id.group, by)
}

// everybodys are users of many programs that have nothing to do with each other.
var everybodys = []string{"nobody", "daemon"}

func (id *identity) userNotes() []string {
	if id.created {
		return []string{"never becomes another user, and did nothing that only root may: any user will do, this one is to be made"}
	}
	notes := []string{"starts as " + id.name + ", which it becomes anyway; without this file it starts as root again"}
	if programs := id.mayInsist(); programs != "" {
		notes = append(notes, "looks whether it is root ("+programs+"): most that do so leave out then what only root may; one that insists on it says so and ends, and can only stay root")
	}
	if slices.Contains(everybodys, id.name) {
		notes = append(notes, "shares "+id.name+" with other programs, which may do to each other what they like (systemd warns of it): better configure it to become a user of its own, and record it again")
	}
	return notes
}

// mayInsist are the programs of the service that look who they are as root.
func (id *identity) mayInsist() string {
	return programsOf(slices.DeleteFunc(id.becameIt(askingWho...), func(o *trace.Observation) bool {
		return o.Actor.UID != 0 || o.Actor.Line != "ExecStart" || !id.runs(o.Actor.Exe)
	}))
}

// dynamicLines replace what the unit says about its user: one that is there already
// would be used as it is, also one that only has the unit's name.
func (id *identity) dynamicLines() []Line {
	own, name := unitUser(id.trace) != "root", ""
	for _, known := range id.trace.Header.Unit.Users {
		if known == unitBase(id.trace) {
			name = known + "-dynamic"
		}
	}
	var list []Line
	if own || name != "" {
		list = append(list, line("User", name, nil))
	}
	if own {
		list = append(list, line("Group", "", nil))
	}
	note := "never becomes another user, and did nothing that only root may: systemd makes a user up while it runs"
	if own {
		note = "has no files that a user of its own must keep: systemd makes one up while it runs"
	}
	notes := []string{note}
	if own && len(id.made) > 0 {
		notes = append(notes, "is not "+unitUser(id.trace)+" any more: what else runs as that one, such as a tool or a job of its own, is not let at its files")
	}
	return append(list, line("DynamicUser", "yes", nil, notes...))
}

// becameIt are the calls by which the service became the user.
func (id *identity) becameIt(calls ...string) []*trace.Observation {
	var list []*trace.Observation
	for i := range id.trace.Observations {
		o := &id.trace.Observations[i]
		if o.Syscall != nil && directive.Charged(o) && o.Outcome == trace.OutcomeOK && slices.Contains(calls, o.Syscall.Name) {
			list = append(list, o)
		}
	}
	return list
}

func (id *identity) directoryLines(d string) []Line {
	var list []Line
	for i := range id.made {
		if m := &id.made[i]; m.directive == d {
			list = append(list, line(d, m.name, m.by, id.directoryNotes(m)...))
		}
	}
	if mode := id.directoryMode(d); mode != "0755" {
		list = append(list, line(d+"Mode", mode, nil, "keeps the mode that the directory had; systemd's default is 0755"))
	}
	return list
}

// asUser is the trace as it would have been: everything was done by the user, what
// only root asks for was not, and files are where they have moved.
func (id *identity) asUser() *trace.Trace {
	t := *id.trace
	t.Header.Unit.Settings = slices.Clone(t.Header.Unit.Settings)
	for _, l := range id.lines() {
		t.Header.Unit.Settings = append(t.Header.Unit.Settings, l.Setting)
	}
	asks := whoAsk(id.trace)
	t.Observations = nil
	for _, o := range id.trace.Observations {
		if !directive.Charged(&o) {
			t.Observations = append(t.Observations, o)
			continue
		}
		if id.vanishes(&o, asks) {
			continue
		}
		if o.Actor.UID == 0 || id.who.uid == nobodyYet {
			o.Actor.UID, o.Actor.GID = id.who.uid, id.who.gid
		}
		if o.File != nil {
			o.File = id.moved(o.File)
		}
		t.Observations = append(t.Observations, o)
	}
	t.Observations = append(t.Observations, id.unseen()...)
	return &t
}

// unseen are checks for capabilities that are kept and that the trace does not hold.
func (id *identity) unseen() []trace.Observation {
	var list []trace.Observation
	for _, n := range id.keep {
		o := *n.by[0]
		if slices.ContainsFunc(n.by, func(o *trace.Observation) bool { return o.Capability != nil }) {
			continue
		}
		o.Kind, o.Address, o.Signal = trace.KindCapability, nil, nil
		o.Capability = &trace.Capability{Name: n.name}
		o.Actor.UID, o.Actor.GID = id.who.uid, id.who.gid
		list = append(list, o)
	}
	return list
}

// vanishes tells whether something is only done, or asked for, by root, or by who was
// root a moment ago: setpriv becomes the user first and sets the groups then.
func (id *identity) vanishes(o *trace.Observation, asks map[trace.Path]bool) bool {
	switch {
	case o.Capability != nil:
		return !slices.Contains(names(id.keep), o.Capability.Name) && !id.carries(o.Actor.Exe)
	case o.Actor.UID != 0:
		return false
	case o.Syscall != nil:
		return asks[o.Actor.Exe] && slices.Contains(onlyRoots, o.Syscall.Name)
	case o.File != nil:
		return o.File.Op == trace.OpChown && asks[o.Actor.Exe]
	}
	return false
}

// moved returns the file where it is from now on.
func (id *identity) moved(f *trace.File) *trace.File {
	to, ok := id.moves[f.Path]
	peer, moves := id.moves[f.Peer]
	if !ok && !moves {
		return f
	}
	g := *f
	if ok {
		g.Path, g.Given = to, ""
		g.Parent = &trace.Owner{UID: id.who.uid, GID: id.who.gid, Mode: 0o755}
	}
	if moves {
		g.Peer = peer
	}
	return &g
}
