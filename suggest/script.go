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

// scriptSteps have the unit start the program itself, where a script that starts it
// insists on being root: memcached's of Debian does.
func (id *identity) scriptSteps() []Step {
	script := id.startScript()
	if script == "" || id.who.uid == nobodyYet && !strings.HasPrefix(script, "/etc/init.d/") { // it is the service itself
		return nil
	}
	text := "if " + script + " insists on being root, name what it executes"
	if programs := id.startedAs(); len(programs) > 0 {
		text += " (" + strings.Join(programs, " or ") + ", with its arguments)"
	}
	return []Step{{Text: text + " in ExecStart= instead of it", Why: fmt.Sprintf("it would not start the service as %s; whether it looks is not seen", id.name)}}
}

// launchers are programs that become the user only to execute another one.
var launchers = []string{"start-stop-daemon", "setpriv", "runuser", "su", "chpst", "setuidgid"}

// startedAs are the programs that the ExecStart lines executed and that ran as the user.
func (id *identity) startedAs() []string {
	var list []string
	for i := range id.trace.Observations {
		o := &id.trace.Observations[i]
		if o.File == nil || o.File.Op != trace.OpExecute || o.Outcome != trace.OutcomeOK || !directive.Charged(o) || o.Actor.Line != "ExecStart" {
			continue
		}
		if id.runs(o.Actor.Exe) && !slices.Contains(launchers, path.Base(string(o.File.Path))) {
			list = append(list, string(o.File.Path))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// stopSteps have what root started stopped as it was started: with the user's drop-in
// the line that stops it is the user's, and where systemd leaves other processes alone
// what it does not end goes on.
func (id *identity) stopSteps() []Step {
	stops, process := false, false
	for _, s := range id.trace.Header.Unit.Settings {
		switch s.Name {
		case "KillMode":
			process = s.Value == "process" || s.Value == "none"
		case "ExecStop":
			stops = stops || s.Value != ""
		}
	}
	if !stops || !process {
		return nil
	}
	return []Step{{Text: "stop the service before the other steps and systemctl daemon-reload, and start it after that", Why: "ExecStop= would run as " + id.called() + " and not end, or not find, what root started, and systemd does not either with this KillMode="}}
}

// startScript is the command of the unit that starts as a script of another program
// than the service's own; "" if there is none. Scripts often look whether they are root,
// which is not seen: their interpreters do so whatever is in them.
func (id *identity) startScript() string {
	for i := range id.trace.Observations {
		o := &id.trace.Observations[i]
		f := o.File
		if f == nil || !directive.Charged(o) || f.Op != trace.OpExecute || o.Actor.Line != "ExecStart" || o.Outcome != trace.OutcomeOK {
			continue
		}
		if f.Interpreter == "" || isLoader(f.Interpreter) || !id.commandIs(f) || id.runs(o.Actor.Exe) {
			continue
		}
		return string(f.Path)
	}
	return ""
}

// runs tells whether the user ran a program.
func (id *identity) runs(exe trace.Path) bool {
	return slices.ContainsFunc(id.trace.Observations, func(o trace.Observation) bool {
		return directive.Charged(&o) && o.Actor.Exe == exe && o.Actor.UID == id.who.uid
	})
}

// commandIs tells whether a file is what an ExecStart line of the unit names.
func (id *identity) commandIs(f *trace.File) bool {
	return slices.ContainsFunc(id.trace.Header.Unit.Commands, func(c trace.Command) bool {
		return c.Line == "ExecStart" && len(c.Argv) > 0 && (c.Argv[0] == string(f.Path) || c.Argv[0] == string(f.Given))
	})
}
