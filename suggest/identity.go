// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// identity is starting a service at once as the user that it becomes anyway.
type identity struct {
	trace  *trace.Trace
	who    user
	name   string
	group  string
	groups []string // supplementary groups needed besides the user's own
	keep   map[string]bool
	made   map[string][]string // directories that systemd makes, by directive
	moves  moves
	steps  []Step
	scene  *directive.Scene
}

// dropIdentity asks of everything that the service did as root what would have
// happened if the user it becomes had done it. It returns the trace as it would have
// been, with the settings that make it so in front of the unit's own, and what is
// left for the administrator; or why the service has to stay as it is.
func dropIdentity(t *trace.Trace) (*identity, string) {
	if why := needsRoot(t); why != "" {
		return nil, why
	}
	uid, gid, ok := becomes(t)
	if !ok {
		return nil, "it never becomes another user, and which one could do its work cannot be told from this trace"
	}
	name := t.Header.Unit.Users[uid]
	if name == "" {
		return nil, fmt.Sprintf("user %d that it becomes has no name on the recorded system", uid)
	}
	id := &identity{trace: t, name: name, group: t.Header.Unit.Groups[gid], keep: map[string]bool{},
		who:  user{uid, gid, t.Header.Unit.Members[uid]},
		made: map[string][]string{}, moves: moves{}, scene: directive.NewScene(t.Observations)}
	for i := range t.Observations {
		if o := &t.Observations[i]; directive.Charged(o) && o.Actor.UID == 0 && o.Outcome == trace.OutcomeOK {
			id.ask(o)
		}
	}
	id.steps = append(id.steps, append(id.moves.edits(&t.Header), id.moves.unmentioned(&t.Header)...)...)
	return id, ""
}

// needsRoot says why a service has to be root; "" if it need not.
func needsRoot(t *trace.Trace) string {
	if u := unitUser(t); u != "" && u != "root" && u != "0" {
		return "it runs as " + u + " already"
	}
	users := map[uint32]bool{}
	for i := range t.Observations {
		o := &t.Observations[i]
		if !directive.Charged(o) {
			continue
		}
		if o.Actor.UID != 0 {
			users[o.Actor.UID] = true
		}
		if f := o.File; f != nil && f.Op == trace.OpMapExec && strings.HasPrefix(path.Base(string(f.Path)), "libpam.so") {
			return "it opens sessions for other users (it uses PAM), and must be root for that"
		}
	}
	if len(users) > 1 {
		return fmt.Sprintf("it becomes %d different users, and must be root for that", len(users))
	}
	return ""
}

func unitUser(t *trace.Trace) string {
	value := ""
	for _, s := range t.Header.Unit.Settings {
		if s.Name == "User" {
			value = s.Value
		}
	}
	return value
}

// becomes returns the user and the group that most was done as after root.
func becomes(t *trace.Trace) (uid, gid uint32, ok bool) {
	counts := map[[2]uint32]int{}
	for i := range t.Observations {
		if o := &t.Observations[i]; directive.Charged(o) && o.Actor.UID != 0 {
			counts[[2]uint32{o.Actor.UID, o.Actor.GID}]++
		}
	}
	if len(counts) == 0 {
		return 0, 0, false
	}
	best := slices.MaxFunc(slices.SortedFunc(maps.Keys(counts), func(a, b [2]uint32) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	}), func(a, b [2]uint32) int { return cmp.Compare(counts[a], counts[b]) })
	return best[0], best[1], true
}

// vanishing are the capabilities that are only needed to become another user, or to
// get past file permissions, which are looked at file by file.
var vanishing = []string{"CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH",
	"CAP_FOWNER", "CAP_FSETID", "CAP_CHOWN", "CAP_KILL"}

// ask looks at one thing that root did.
func (id *identity) ask(o *trace.Observation) {
	switch {
	case o.Capability != nil:
		use, _ := directive.CapabilityUse(o)
		if use == directive.CapNeeded && !o.Capability.Asked && !slices.Contains(vanishing, o.Capability.Name) {
			id.keep[o.Capability.Name] = true
		}
	case o.File != nil && !id.scene.Own(string(o.File.Path)):
		if b, denied := id.who.obstacleTo(o.File); denied {
			id.overcome(o, b)
		}
	case o.File != nil && o.File.Op != trace.OpRead:
		if f := *o.File; f.Parent != nil {
			f.Owner = nil // the user would have made it
			if b, denied := id.who.obstacleTo(&f); denied && !id.scene.Own(string(b.at)) {
				id.overcome(o, b)
			}
		}
	}
}

// overcome finds the least that lets the user do it.
func (id *identity) overcome(o *trace.Observation, b obstacle) {
	if b.want&mayWrite == 0 && !b.owns {
		id.letRead(b)
		return
	}
	place := string(b.at)
	if place != string(o.File.Path) && place != path.Dir(string(o.File.Path)) {
		place = path.Dir(string(o.File.Path))
	}
	switch d, root := directive.StandardDirectory(place); {
	case root != "" && isDirectory(o, b, root):
		id.make(d, root, b.owner)
	case place == "/run":
		id.move(o.File.Path, "RuntimeDirectory")
	case place == "/var/log":
		id.move(o.File.Path, "LogsDirectory")
	default:
		id.step(fmt.Sprintf("chown %s %s", id.name, b.at), fmt.Sprintf("%s has to write there", id.name))
	}
}

// isDirectory tells whether the standard directory is a directory, and no file in
// the base itself.
func isDirectory(o *trace.Observation, b obstacle, root string) bool {
	return root != string(o.File.Path) || o.File.Type == trace.TypeDirectory || b.at != o.File.Path
}

func (id *identity) letRead(b obstacle) {
	group := id.trace.Header.Unit.Groups[b.owner.GID]
	if b.owner.Mode>>3&b.want == b.want && b.owner.GID != 0 && group != "" {
		if !slices.Contains(id.groups, group) {
			id.groups = append(id.groups, group)
		}
		return
	}
	id.step(fmt.Sprintf("chgrp %s %s && chmod g+rX %s", id.group, b.at, b.at), fmt.Sprintf("only root may read it, and %s has to", id.name))
}

// make has systemd make a directory, which gives the whole tree to the user.
func (id *identity) make(directive, root string, owner *trace.Owner) {
	name := path.Base(root)
	if slices.Contains(id.made[directive], name) {
		return
	}
	id.made[directive] = append(id.made[directive], name)
	if owner.UID != id.who.uid && directive != "RuntimeDirectory" {
		id.steps = append(id.steps, Step{
			Text: fmt.Sprintf("know that systemd will give %s and all in it to %s when the service starts", root, id.name),
			Why:  "going back to root later leaves it so: chown it by hand then",
		})
	}
}

// move puts a file from a directory that is everybody's into one of the unit's own.
func (id *identity) move(from trace.Path, d string) {
	name, _, _ := strings.Cut(strings.TrimSuffix(id.trace.Header.Unit.Name, ".service"), "@")
	if name == "" {
		return
	}
	if !slices.Contains(id.made[d], name) {
		id.made[d] = append(id.made[d], name)
	}
	id.moves[from] = trace.Path(path.Join(path.Dir(string(from)), name, path.Base(string(from))))
}

func (id *identity) step(text, why string) {
	for _, s := range id.steps {
		if s.Text == text {
			return
		}
	}
	id.steps = append(id.steps, Step{Text: text, Why: why})
}
