// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// obviation is another way to what capabilities were used for.
type obviation struct {
	capabilities []string
	settings     []trace.Setting
	notes        []string
}

// obviate returns what makes capabilities unnecessary, the most first.
func (e *Evidence) obviate(needed map[string]bool) []obviation {
	files, signals := e.obviateFiles(needed), e.obviateSignals(needed)
	var list []obviation
	for _, o := range []obviation{files.and(signals), files, signals} {
		if len(o.settings) > 0 {
			list = append(list, o)
		}
	}
	return list
}

// and is both. They come one after the other in a drop-in.
func (o obviation) and(p obviation) obviation {
	if len(o.settings) == 0 || len(p.settings) == 0 {
		return obviation{}
	}
	return obviation{slices.Concat(o.capabilities, p.capabilities), slices.Concat(o.settings, p.settings), slices.Concat(o.notes, p.notes)}
}

// obviateFiles has root join the groups of what it needs no capability for then.
func (e *Evidence) obviateFiles(needed map[string]bool) obviation {
	if !needed["CAP_DAC_READ_SEARCH"] && !needed["CAP_DAC_OVERRIDE"] {
		return obviation{}
	}
	groups := e.rootsGroups()
	if len(groups) == 0 {
		return obviation{}
	}
	list := strings.Join(groups, " ")
	return obviation{fileCapabilities, []trace.Setting{{Name: "SupplementaryGroups", Value: list}},
		[]string{fmt.Sprintf("lets root at the files of %s, for which it used a capability", strings.Join(groups, ", "))}}
}

// obviateSignals has systemd run the commands that only signal the main process
// outside of the sandbox, if nothing else sends signals to another user's processes.
func (e *Evidence) obviateSignals(needed map[string]bool) obviation {
	lines := e.signalling()
	if !needed["CAP_KILL"] || len(lines) == 0 || !e.Target.Systemd.AtLeast(231) {
		return obviation{}
	}
	for _, c := range e.Trace.Header.Unit.Commands { // another that may signal, and never ran
		if c.Line != "ExecStart" && c.Runs == 0 && strings.Contains(strings.Join(c.Argv, " "), "kill") && !slices.Contains(lines, c.Line) {
			return obviation{}
		}
	}
	return obviation{[]string{"CAP_KILL"}, e.plusLines(lines),
		[]string{fmt.Sprintf("has %s= signal the main process from outside of the sandbox, so that nothing in it needs CAP_KILL", strings.Join(lines, "= and "))}}
}
