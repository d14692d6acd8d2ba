// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// regroups are the calls by which programs set their groups without a look at whether
// they are root: that fails for everybody else, and many give up then.
func (id *identity) regroups() []*trace.Observation {
	return slices.DeleteFunc(id.becameIt("setgroups"), func(o *trace.Observation) bool { return id.looksFirst(o.Actor.Exe) })
}

// looksFirst tells whether a program looks whether it is root, and leaves out then what
// only root may.
func (id *identity) looksFirst(exe trace.Path) bool {
	return whoAsk(id.trace)[exe] && !slices.Contains(lookInVain, path.Base(string(exe)))
}

// lookInVain are programs that look who they are, and try to become it all the same if
// they are told to: bird (2.0.12), tor (0.4.9), setpriv --clear-groups (util-linux 2.38),
// gosu (1.14) and su-exec (0.2) give up then.
var lookInVain = []string{"bird", "tor", "setpriv", "gosu", "su-exec"}

// regroupSteps have what would give up told not to become the user, where its command
// does not say so.
func (id *identity) regroupSteps() []Step {
	calls := id.regroups()
	if len(calls) == 0 || id.name == "" || id.pretend || slices.ContainsFunc(id.trace.Header.Unit.Settings, func(s trace.Setting) bool {
		return isExec(s.Name) && id.withoutUser(s.Value) != s.Value
	}) {
		return nil
	}
	text := fmt.Sprintf("if %s gives up now, have it not become %s", programsOf(calls), id.name)
	if where := id.configuredIn(calls); len(where) > 0 {
		text += " (look in " + strings.Join(where, ", ") + ")"
	}
	return []Step{{Text: text, Why: "it sets its groups, which is refused to " + id.name + ", and may not look first whether it is root"}}
}

// toldSteps have a service that has a user, and gets one that is made up, not told to
// become the other: freeradius, ngircd and nsca name theirs in their configuration, look
// whether they are that one, and give up or complain if they may not become it.
func (id *identity) toldSteps() []Step {
	own := unitUser(id.trace)
	calls := id.asksForItself()
	if !id.dynamic || own == "root" || len(calls) == 0 {
		return nil
	}
	text := fmt.Sprintf("if %s is told to become %s, have it not", programsOf(calls), own)
	if where := id.configuredIn(calls); len(where) > 0 {
		text += " (look in " + strings.Join(where, ", ") + ")"
	}
	return []Step{{Text: text, Why: "it looks up users and who it is, and may give up if it is not " + own + ": to become that is refused to " + id.called()}}
}

// asksForItself are the calls by which programs that look up users find out who they are.
func (id *identity) asksForItself() []*trace.Observation {
	looksUp := map[trace.Path]bool{}
	for _, o := range useOf(id.trace, "/etc/passwd") {
		looksUp[o.Actor.Exe] = looksUp[o.Actor.Exe] || o.File.Op == trace.OpRead
	}
	return slices.DeleteFunc(id.becameIt(askingWho...), func(o *trace.Observation) bool { return !looksUp[o.Actor.Exe] })
}

// programsOf are the programs that did something, with the line of the unit that started
// them if that is another than the service's own.
func programsOf(list []*trace.Observation) string {
	own, helpers := []string{}, []string{}
	for _, o := range list {
		name := path.Base(string(o.Actor.Exe))
		if o.Actor.Line == "ExecStart" || o.Actor.Line == "" {
			own = append(own, name)
		} else {
			helpers = append(helpers, name+" in "+o.Actor.Line+"=")
		}
	}
	for _, h := range helpers {
		if name, _, _ := strings.Cut(h, " "); !slices.Contains(own, name) {
			own = append(own, h)
		}
	}
	slices.Sort(own)
	return strings.Join(slices.Compact(own), " or ")
}

// configurations are where files lie that tell a service whom to become, and that an
// administrator may want to look at.
var configurations = []string{"/etc/", "/usr/local/etc/", "/usr/share/"}

// configuredIn are the files and directories there that are the service's, and that the
// programs read which did something.
func (id *identity) configuredIn(calls []*trace.Observation) []string {
	var list []string
	for i := range id.trace.Observations {
		o := &id.trace.Observations[i]
		if o.File == nil || o.File.Op != trace.OpRead || o.File.Type != trace.TypeRegular || o.File.Chroot ||
			!slices.ContainsFunc(calls, func(c *trace.Observation) bool { return c.Actor.Exe == o.Actor.Exe }) {
			continue
		}
		for _, dir := range configurations {
			rest, ok := strings.CutPrefix(string(o.File.Path), dir)
			first, _, _ := strings.Cut(rest, "/")
			if ok && directive.Belongs(&id.trace.Header.Unit, dir+strings.TrimSuffix(first, path.Ext(first)), id.name) {
				list = append(list, dir+first)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
