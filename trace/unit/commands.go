// SPDX-License-Identifier: Apache-2.0

package unit

import (
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// lines are the Exec lines in the order in which they run.
var lines = []string{"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost",
	"ExecReload", "ExecReloadPost", "ExecStop", "ExecStopPost"}

// prefixes are systemd's words for the special characters before a command
// (property ExecStartEx and the like, v243 and newer), in the order they are
// written in a trace.
var prefixes = []struct{ flag, prefix string }{
	{"ignore-failure", "-"}, {"no-env-expand", ":"}, {"via-shell", "|"},
	{"privileged", "+"}, {"no-setuid", "!"}, {"ambient", "!!"},
}

// commandsOf reads the unit's Exec lines. Without the newer properties only the
// prefixes "-" and "@" are known.
func commandsOf(p properties) []trace.Command {
	var commands []trace.Command
	for _, line := range lines {
		list, ok := p[line+"Ex"].([][]any)
		if !ok {
			list, _ = p[line].([][]any)
		}
		for _, fields := range list {
			if c, ok := commandOf(line, fields); ok {
				commands = append(commands, c)
			}
		}
	}
	return commands
}

// commandOf reads one command: path, argv, then flags (or whether failure is
// ignored), then when it ran.
func commandOf(line string, fields []any) (trace.Command, bool) {
	if len(fields) < 3 {
		return trace.Command{}, false
	}
	path, _ := fields[0].(string)
	argv, _ := fields[1].([]string)
	if path == "" {
		return trace.Command{}, false
	}
	c := trace.Command{Line: line, Argv: []string{path}}
	if len(argv) > 0 {
		c.Argv = append(c.Argv, argv[1:]...)
		if argv[0] != path {
			c.Prefix = "@"
		}
	}
	c.Prefix += prefixOf(fields[2])
	return c, true
}

func prefixOf(flags any) string {
	var set []string
	switch f := flags.(type) {
	case []string:
		set = f
	case bool:
		if f {
			set = []string{"ignore-failure"}
		}
	}
	text := ""
	for _, p := range prefixes {
		for _, f := range set {
			if f == p.flag {
				text += p.prefix
			}
		}
	}
	return text
}

// setPrefixes gives commands the prefixes that are written in the unit's files: the
// D-Bus properties before v243 tell of "-" and "@" alone, and so of a privileged
// command that it is in the sandbox.
func setPrefixes(commands []trace.Command, settings []trace.Setting, v systemd.Version) {
	for _, line := range lines {
		written := writtenCommands(line, settings, v)
		for i := range commands {
			c := &commands[i]
			if c.Line != line {
				continue
			}
			// systemd drops the commands that it cannot read.
			n := slices.IndexFunc(written, func(e systemd.Exec) bool { return isCommand(e, c) })
			if n >= 0 {
				c.Prefix = written[n].Prefix
				written = written[n+1:]
			}
		}
	}
}

// writtenCommands are the commands of a line in the unit's files. An empty value
// drops those before it.
func writtenCommands(line string, settings []trace.Setting, v systemd.Version) []systemd.Exec {
	var written []systemd.Exec
	for _, s := range settings {
		if s.Name != line {
			continue
		}
		if s.Value == "" {
			written = nil
			continue
		}
		// Those before one that cannot be read are what systemd runs.
		commands, _ := systemd.ParseExec(s.Value, v)
		written = append(written, commands...)
	}
	return written
}

// isCommand tells whether a written command is the one that systemd has loaded, which
// has specifiers replaced and the program's directory filled in.
func isCommand(e systemd.Exec, c *trace.Command) bool {
	return strings.Contains(e.Path, "%") || path.Base(e.Path) == path.Base(c.Argv[0])
}
