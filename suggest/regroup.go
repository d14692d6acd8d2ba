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
	asks := whoAsk(id.trace)
	return slices.DeleteFunc(id.becameIt("setgroups"), func(o *trace.Observation) bool { return asks[o.Actor.Exe] })
}

// regroupSteps have what would give up told not to become the user, where its command
// does not say so.
func (id *identity) regroupSteps() []Step {
	calls := id.regroups()
	if len(calls) == 0 || id.name == "" || slices.ContainsFunc(id.trace.Header.Unit.Settings, func(s trace.Setting) bool {
		return isExec(s.Name) && id.withoutUser(s.Value) != s.Value
	}) {
		return nil
	}
	text := fmt.Sprintf("if %s gives up now, have it not become %s", programsOf(calls), id.name)
	if where := id.configuredIn(calls); len(where) > 0 {
		text += " (look in " + strings.Join(where, ", ") + ")"
	}
	return []Step{{Text: text, Why: "it sets its groups without a look at whether it is root, and that is refused to " + id.name}}
}

// programsOf are the programs that did something.
func programsOf(list []*trace.Observation) string {
	var programs []string
	for _, o := range list {
		name := path.Base(string(o.Actor.Exe))
		if o.Actor.Line != "ExecStart" && o.Actor.Line != "" {
			name += " in " + o.Actor.Line + "="
		}
		programs = append(programs, name)
	}
	slices.Sort(programs)
	return strings.Join(slices.Compact(programs), " or ")
}

// configuredIn are the files and directories in /etc that are the service's, and that
// the programs read which did something.
func (id *identity) configuredIn(calls []*trace.Observation) []string {
	var list []string
	for i := range id.trace.Observations {
		o := &id.trace.Observations[i]
		rest, ok := "", false
		if o.File != nil && o.File.Op == trace.OpRead && o.File.Type == trace.TypeRegular && !o.File.Chroot {
			rest, ok = strings.CutPrefix(string(o.File.Path), "/etc/")
		}
		if !ok || !slices.ContainsFunc(calls, func(c *trace.Observation) bool { return c.Actor.Exe == o.Actor.Exe }) {
			continue
		}
		first, _, _ := strings.Cut(rest, "/")
		if directive.Belongs(&id.trace.Header.Unit, "/etc/"+strings.TrimSuffix(first, path.Ext(first)), id.name) {
			list = append(list, "/etc/"+first)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
