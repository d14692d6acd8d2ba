// SPDX-License-Identifier: Apache-2.0

package record

import (
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// maxArgv is how much of a command line the kernel side reads.
const maxArgv = 512

// findCommands returns the Exec lines that systemd may have started with argv (whose
// words end with a NUL each), as an executable at exe.
func findCommands(commands []trace.Command, argv []byte, exe trace.Path) []*trace.Command {
	var found []*trace.Command
	cut := len(argv) == maxArgv
	words := strings.Split(strings.TrimSuffix(string(argv), "\x00"), "\x00")
	for i := range commands {
		if c := &commands[i]; isCommand(c, words, cut) || isScript(c, words, cut) {
			found = append(found, c)
		}
	}
	for i := 0; i < len(commands) && found == nil; i++ {
		if sameProgram(commands[i].Argv[0], exe) {
			found = append(found, &commands[i])
		}
	}
	return found
}

// isCommand tells whether the words are those of an Exec line. With "@" the second
// word is argv[0], which no property tells apart.
func isCommand(c *trace.Command, words []string, cut bool) bool {
	named := words[0] == c.Argv[0] || strings.Contains(c.Prefix, "@")
	return named && matchArgs(c.Argv[1:], words[1:], cut)
}

// isScript tells whether the words are those of an Exec line that names a script: the
// kernel puts the interpreter, and at most one argument for it, before the script
// (Linux, fs/binfmt_script.c).
func isScript(c *trace.Command, words []string, cut bool) bool {
	for before := 1; before <= 2 && before < len(words); before++ {
		if words[before] == c.Argv[0] && matchArgs(c.Argv[1:], words[before+1:], cut) {
			return true
		}
	}
	return false
}

// sameProgram compares the end of paths: the one in the unit may go through links.
func sameProgram(configured string, exe trace.Path) bool {
	return path.Base(configured) == path.Base(string(exe))
}

// matchArgs tells whether arguments are those of the unit with variables expanded:
// "$X" alone stands for any number of words, and a word with "${X}" for any word.
func matchArgs(want, got []string, cut bool) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if strings.HasPrefix(want[0], "$") && !strings.HasPrefix(want[0], "${") && !strings.HasPrefix(want[0], "$$") {
		for n := 0; n <= len(got); n++ {
			if matchArgs(want[1:], got[n:], cut) {
				return true
			}
		}
		return false
	}
	if len(got) == 0 {
		return cut
	}
	last := cut && len(got) == 1
	return matchArg(want[0], got[0], last) && (last || matchArgs(want[1:], got[1:], cut))
}

// matchArg compares one word; a word that was cut may be the beginning of it.
func matchArg(want, got string, cut bool) bool {
	literal, _, variable := strings.Cut(strings.ReplaceAll(want, "$$", "\x00"), "$")
	literal = strings.ReplaceAll(literal, "\x00", "$")
	if variable {
		return strings.HasPrefix(got, literal) || cut && strings.HasPrefix(literal, got)
	}
	return got == literal || cut && strings.HasPrefix(literal, got)
}

// early are the lines that run before the main process does.
var early = []string{"ExecCondition", "ExecStartPre", "ExecStart"}

// chooseCommand picks the line that was started of those that fit: while the main
// process runs it is none that precedes it.
func chooseCommand(fit []*trace.Command, mainRuns bool) *trace.Command {
	for _, c := range fit {
		if slices.Contains(early, c.Line) != mainRuns {
			return c
		}
	}
	if len(fit) > 0 {
		return fit[0]
	}
	return nil
}
