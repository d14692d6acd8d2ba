// SPDX-License-Identifier: Apache-2.0

package unit

import (
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
