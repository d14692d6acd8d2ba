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

// unexercised returns what the unit may do and the training runs did not show, in
// words that fit behind "not seen:".
func unexercised(t *trace.Trace) []string {
	c := t.Coverage()
	var list []string
	for _, command := range c.NeverRan {
		if !strings.Contains(command.Prefix, "+") { // what is not in the sandbox needs nothing of it
			list = append(list, fmt.Sprintf("%s=%s never ran", command.Line, strings.Join(command.Argv, " ")))
		}
	}
	if len(t.Header.Unit.Commands) == 0 { // a command, or another's recording
		return list
	}
	m := mainProcesses(t)
	if c.Stops == 0 && c.Starts < 2 && !m.called("exit_group", "exit") {
		list = append(list, "a stop of the service")
	}
	// Who reads his signals from a descriptor returns from none: keepalived.
	if m.called("rt_sigaction", "sigaction") && !m.called("rt_sigreturn", "sigreturn", "signalfd", "signalfd4") {
		list = append(list, "a signal that it handles, as a reload or the rotation of its logs may send")
	}
	if dirs := notEmpty(t); len(dirs) > 0 {
		list = append(list, fmt.Sprintf("a first start, with nothing in %s yet", strings.Join(dirs, ", ")))
	}
	return list
}

// mainCalls are the names of the system calls that a unit's main processes made.
type mainCalls map[string]bool

func (m mainCalls) called(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return m[n] })
}

// mainProcesses returns what the processes of the program in ExecStart= called, before
// the recording began as well. A program that starts another is told apart from it by
// its name; where no process has that name they all count.
func mainProcesses(t *trace.Trace) mainCalls {
	var programs []string
	for _, c := range t.Header.Unit.Commands {
		if c.Line == "ExecStart" && len(c.Argv) > 0 {
			programs = append(programs, path.Base(c.Argv[0]))
		}
	}
	named, all := mainCalls{}, mainCalls{}
	for i := range t.Observations {
		o := &t.Observations[i]
		if o.Syscall == nil || !directive.Charged(o) || o.Actor.Line != "ExecStart" && o.Actor.Line != "" {
			continue
		}
		all[o.Syscall.Name] = true
		if slices.Contains(programs, path.Base(string(o.Actor.Exe))) {
			named[o.Syscall.Name] = true
		}
	}
	if len(named) > 0 {
		return named
	}
	return all
}

// stateDirectory returns the directory that a service has for itself and that is still
// there after a boot, of those that a file is in; "" if there is none.
func stateDirectory(file string) string {
	if rest, ok := strings.CutPrefix(file, "/var/spool/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		return "/var/spool/" + name
	}
	if d, root := directive.StandardDirectory(file); d != "RuntimeDirectory" {
		return root
	}
	return ""
}

// mostNamed is how many directories a message names.
const mostNamed = 4

// notEmpty returns the directories that the service keeps something in, and that had
// files of an earlier start in them.
func notEmpty(t *trace.Trace) []string {
	scene := directive.NewScene(t.Observations)
	keeps, old := map[string]bool{}, map[string]bool{}
	for i := range t.Observations {
		o := &t.Observations[i]
		if o.File == nil || o.Outcome != trace.OutcomeOK || o.File.Partial || o.File.Chroot || !directive.Charged(o) {
			continue
		}
		root := stateDirectory(string(o.File.Path))
		if root == "" || root == string(o.File.Path) {
			continue
		}
		self, parent := directive.Writes(o.File)
		if o.File.Op.Asks() {
			continue
		}
		keeps[root] = keeps[root] || self || parent
		old[root] = old[root] || o.File.Type == trace.TypeRegular && o.File.Op != trace.OpStat && !scene.Own(string(o.File.Path))
	}
	var dirs []string
	for dir := range keeps {
		if keeps[dir] && old[dir] {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	if more := len(dirs) - mostNamed; more > 0 {
		dirs = append(dirs[:mostNamed], fmt.Sprintf("%d more", more))
	}
	return dirs
}
