// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// execLines are the settings whose commands run under the unit's sandbox.
var execLines = []string{"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost"}

// outside returns the Exec lines whose commands run outside of the sandbox: those that
// have the "+" prefix (v231), all of them, and with PermissionsStartOnly=, which systemd
// still reads, all but ExecStart=.
func (u *Unit) outside() []string {
	startOnly := isTrue(last(u.Values("PermissionsStartOnly")))
	return slices.DeleteFunc(slices.Clone(execLines), func(name string) bool {
		return !(startOnly && name != "ExecStart") && !(u.Systemd.AtLeast(231) && u.allOfLine(name, systemd.Exec.Privileged))
	})
}

// elevated returns the Exec lines whose commands systemd starts as root under the sandbox,
// whatever the unit's user is: those that have the "!" prefix, all of them. With a user that
// is made up nobody uses it.
func (u *Unit) elevated() []string {
	if !u.hasUser() || isTrue(last(u.Values("DynamicUser"))) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(execLines), func(name string) bool { return !u.allOfLine(name, systemd.Exec.KeepsRoot) })
}

// asRoot is the unit as commands see it for which systemd does not become its user.
func (u *Unit) asRoot() *Unit {
	root := *u
	root.elevates = true
	root.settings = slices.DeleteFunc(slices.Clone(u.settings), func(s trace.Setting) bool {
		return slices.Contains([]string{"User", "Group", "SupplementaryGroups"}, s.Name)
	})
	return &root
}

// allOfLine tells whether a unit has commands of an Exec line, and something is true of all.
func (u *Unit) allOfLine(name string, is func(systemd.Exec) bool) bool {
	values := sinceReset(u.Values(name))
	return len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !allCommands(v, u.Systemd, is) })
}

// allCommands tells whether something is true of all commands of an Exec line.
func allCommands(value string, v systemd.Version, is func(systemd.Exec) bool) bool {
	commands, err := systemd.ParseExec(value, v)
	return err == nil && len(commands) > 0 && !slices.ContainsFunc(commands, func(c systemd.Exec) bool { return !is(c) })
}

// onlySignals tells commands that do nothing but to signal the main process:
// "/bin/kill -HUP $MAINPID". Which process that is is systemd's to say.
func onlySignals(c systemd.Exec) bool {
	if path.Base(c.Path) != "kill" || strings.ContainsAny(c.Prefix, "!+@|") {
		return false
	}
	pids := 0
	for _, a := range c.Argv[1:] {
		switch {
		case a == "$MAINPID" || a == "${MAINPID}":
			pids++
		case !strings.HasPrefix(a, "-"):
			return false
		}
	}
	return pids == 1
}

// signalling are the Exec lines, but for ExecStart=, that only signal.
func (e *Evidence) signalling() []string {
	var lines []string
	for _, name := range execLines {
		values := e.unitList(name)
		only := func(v string) bool { return allCommands(v, e.Target.Systemd, onlySignals) && !strings.Contains(v, ";") }
		if name != "ExecStart" && len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !only(v) }) {
			lines = append(lines, name)
		}
	}
	return lines
}

// plusLines says the Exec lines again with the prefix "+".
func (e *Evidence) plusLines(names []string) []trace.Setting {
	var list []trace.Setting
	for _, name := range names {
		list = append(list, trace.Setting{Name: name})
		for _, v := range e.unitList(name) {
			list = append(list, trace.Setting{Name: name, Value: "+" + strings.TrimSpace(v)})
		}
	}
	return list
}
