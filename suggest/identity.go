// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// identity is a service with another user: the one that it becomes anyway, one that
// systemd makes up, or a new one.
type identity struct {
	trace  *trace.Trace
	target systemd.Target
	who    user
	// name and group are the user's; "" for one that systemd makes up.
	name, group string
	// dynamic is DynamicUser=yes. created is a named user that is still to be made.
	dynamic, created bool

	groups []needed // supplementary groups besides the user's own
	keep   []needed // capabilities that are left
	made   []directory
	moves  moves
	own    []ownership
	steps  []Step
	// pretend is set where a filter says that the service set its groups.
	pretend bool
	// why says why it cannot be; "" if it can.
	why string

	scene *directive.Scene
	dirs  map[string]*trace.Owner
	// gone are the files that were removed again, or given to the user.
	gone map[trace.Path]bool
}

// needed is a group or a capability, and what needs it.
type needed struct {
	name string
	by   []*trace.Observation
}

// need adds an observation to the entry of that name.
func need(list []needed, name string, o *trace.Observation) []needed {
	i := slices.IndexFunc(list, func(n needed) bool { return n.name == name })
	if i < 0 {
		return append(list, needed{name, []*trace.Observation{o}})
	}
	list[i].by = append(list[i].by, o)
	return list
}

func names(list []needed) []string {
	names := make([]string, len(list))
	for i, n := range list {
		names[i] = n.name
	}
	return names
}

// writableName is a name of a user, a group or a directory that needs no quotes in a
// unit file and means nothing else there.
var writableName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// changeIdentity asks of everything that the service did what would have happened if
// another user had done it. It returns what would make that possible; or why the
// service has to stay as it is.
func changeIdentity(t *trace.Trace, target systemd.Target, o Options) (*identity, string) {
	if why := staysAsItIs(t, o.DynamicUser); why != "" {
		return nil, why
	}
	if uid, gid, ok := becomes(t); ok && !o.DynamicUser {
		return static(t, target, uid, gid, !o.noPretending && directive.CanPretend(target))
	}
	return dynamicOrNew(t, target)
}

// static is starting at once as the user that the service becomes anyway.
func static(t *trace.Trace, target systemd.Target, uid, gid uint32, canPretend bool) (*identity, string) {
	id := newIdentity(t, target, user{uid: uid, gid: gid, groups: t.Header.Unit.Members[uid]})
	id.name, id.group = t.Header.Unit.Users[uid], t.Header.Unit.Groups[gid]
	if !writableName.MatchString(id.name) {
		return nil, fmt.Sprintf("user %d that it becomes has no name on the recorded system", uid)
	}
	if !writableName.MatchString(id.group) {
		id.group = ""
	}
	id.pretend = canPretend && len(id.regroups()) > 0
	id.askAll()
	return id, id.why
}

// nobodyYet is a user id that systemd gives to dynamic users, and that owns nothing.
const nobodyYet = 61184

// deniedToDynamic tells whether DynamicUser=, which makes the file system read-only,
// would deny something that no directory of the unit's own opens again.
func (id *identity) deniedToDynamic() bool {
	t := *id.asUser()
	t.Header.Unit.Settings = id.trace.Header.Unit.Settings
	var settings []trace.Setting
	for _, l := range id.lines() {
		settings = append(settings, l.Setting)
	}
	e := directive.NewEvidence(&t, id.target, directive.Safe, directive.NewModel())
	return slices.ContainsFunc(e.Violations(settings, 0), func(v directive.Violation) bool {
		return v.Outcome == "EROFS"
	})
}

// dynamicOrNew is a user that systemd makes up for the service; where the service has
// files that no directive gives it, or where systemd cannot, one that the
// administrator makes.
func dynamicOrNew(t *trace.Trace, target systemd.Target) (*identity, string) {
	id := newIdentity(t, target, user{uid: nobodyYet, gid: nobodyYet})
	id.dynamic = true
	id.askAll()
	if id.why != "" || len(id.own) == 0 && target.Systemd.AtLeast(235) && !id.deniedToDynamic() {
		return id, id.why
	}
	if unitUser(t) != "root" {
		return nil, "DynamicUser=yes is not for it: " + id.needsName()
	}
	name := unitBase(t)
	if !writableName.MatchString(name) {
		return nil, "DynamicUser=yes is not for it: " + id.needsName()
	}
	id = newIdentity(t, target, user{uid: nobodyYet, gid: nobodyYet})
	id.name, id.group, id.created = name, name, true
	id.askAll()
	return id, id.why
}

// needsName says why the user must have a name of its own.
func (id *identity) needsName() string {
	switch {
	case len(id.own) > 0:
		return fmt.Sprintf("it has files outside of the directories that systemd makes (%s)", id.own[0].path)
	case id.target.Systemd.AtLeast(235):
		return "it writes where that would be read-only"
	}
	return "systemd " + id.target.Systemd.String() + " does not know it"
}

func newIdentity(t *trace.Trace, target systemd.Target, who user) *identity {
	id := &identity{trace: t, target: target, who: who, moves: moves{}, scene: directive.NewScene(succeeded(t)),
		dirs: map[string]*trace.Owner{}, gone: map[trace.Path]bool{}}
	for i := range t.Observations {
		if o := &t.Observations[i]; o.File != nil && o.Outcome == trace.OutcomeOK && !o.File.Chroot && !o.File.Partial {
			id.learn(o.File)
		}
	}
	return id
}

// succeeded leaves out what failed: a directory that could not be made because it was
// there has another owner than one that was made.
func succeeded(t *trace.Trace) []trace.Observation {
	return slices.DeleteFunc(slices.Clone(t.Observations), func(o trace.Observation) bool { return o.Outcome != trace.OutcomeOK })
}

// learn remembers whose the directories are.
func (id *identity) learn(f *trace.File) {
	if f.Type == trace.TypeDirectory && f.Owner != nil {
		id.dirs[string(f.Path)] = f.Owner
	}
	if f.Parent != nil {
		id.dirs[dirOf(f.Path)] = f.Parent
	}
	switch f.Op {
	case trace.OpRemove, trace.OpRmdir, trace.OpRenameFrom:
		id.gone[f.Path] = true
	case trace.OpChown:
		id.gone[f.Path] = id.gone[f.Path] || f.Owner != nil && f.Owner.UID == id.who.uid
	}
}

// askAll asks what the user would need, and writes down the steps.
func (id *identity) askAll() {
	if id.created {
		id.steps = append(id.steps, newUser(id.name))
	}
	id.askEverything()
	if len(id.made) > 0 && id.why == "" { // what systemd gives to the user is no obstacle, whatever came first
		for i := range id.made {
			id.made[i].by = nil
		}
		id.groups, id.keep, id.own, id.moves = nil, nil, nil, moves{}
		id.askEverything()
		id.made = slices.DeleteFunc(id.made, func(d directory) bool { return len(d.by) == 0 })
	}
	id.steps = slices.Concat(id.stopSteps(), id.leftSteps(), id.steps, id.ownershipSteps(), id.moves.edits(&id.trace.Header), id.moves.unmentioned(id.trace), id.regroupSteps(), id.toldSteps(), id.scriptSteps())
}

// askEverything looks at all that was done.
func (id *identity) askEverything() {
	for i := range id.trace.Observations {
		o := &id.trace.Observations[i]
		switch {
		case !directive.Charged(o):
		case o.Outcome != trace.OutcomeOK:
			id.askOfBoot(o)
		case directive.NeedsSysAdmin(o):
			id.refuse("it needs CAP_SYS_ADMIN in %s, which is as good as being root", o.Syscall.Name)
		case o.Actor.UID == 0 || id.who.uid == nobodyYet:
			id.ask(o)
		case o.Capability != nil && !id.carries(o.Actor.Exe): // it kept that when it dropped
			id.askCapability(o)
		}
	}
}

func (id *identity) step(text, why string) {
	if !slices.ContainsFunc(id.steps, func(s Step) bool { return s.Text == text }) {
		id.steps = append(id.steps, Step{Text: text, Why: why})
	}
}

// refuse notes the first reason for which the service has to stay as it is.
func (id *identity) refuse(format string, args ...any) {
	if id.why == "" {
		id.why = fmt.Sprintf(format, args...)
	}
}

// called is the user in messages.
func (id *identity) called() string {
	if id.dynamic {
		return "the user that systemd makes up"
	}
	return id.name
}

// unitBase is the unit's name without suffix and instance.
func unitBase(t *trace.Trace) string {
	name, _, _ := strings.Cut(strings.TrimSuffix(t.Header.Unit.Name, ".service"), "@")
	return name
}

// unitUser is the user that the unit starts as.
func unitUser(t *trace.Trace) string {
	value := "root"
	for _, s := range t.Header.Unit.Settings {
		if s.Name == "User" {
			value = s.Value
		}
	}
	if value == "" || value == "0" {
		return "root"
	}
	return value
}
