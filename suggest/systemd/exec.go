// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"errors"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// Exec is one command of an Exec line.
type Exec struct {
	// Prefix are the special characters before the command, in the order they were
	// written: "-", "@", ":", "+", "!", "!!", "|".
	Prefix string
	// Path is the program: an absolute path, or a name to look for.
	Path string
	// Argv are the arguments, with argv[0], which is Path unless Prefix has "@".
	// Quotes, C escapes and "%%" are decoded. Specifiers and "$" stay as they are
	// written, as in the D-Bus property.
	Argv []string
}

// Privileged tells whether systemd runs the command outside of the sandbox.
func (e Exec) Privileged() bool { return strings.Contains(e.Prefix, "+") }

// KeepsRoot tells whether systemd leaves it to the command to become the unit's user (v235).
// "!!" is for kernels without ambient capabilities.
func (e Exec) KeepsRoot() bool {
	return strings.Contains(e.Prefix, "!") && !strings.Contains(e.Prefix, "!!")
}

// Trace returns the command as a trace holds it, for the Exec line of that name.
func (e Exec) Trace(line string) trace.Command {
	argv := []string{e.Path}
	if len(e.Argv) > 1 {
		argv = append(argv, e.Argv[1:]...)
	}
	return trace.Command{Line: line, Argv: argv, Prefix: e.Prefix}
}

// ParseExec reads the value of ExecStart=, ExecStartPre=, … as version v does. It may
// hold several commands, with a ";" between them as a word of its own. The commands
// before one that cannot be read are returned along with the error.
func ParseExec(value string, v Version) ([]Exec, error) {
	var commands []Exec
	x := extractor{text: value}
	for {
		first, ok, err := execWord(&x)
		if err != nil || !ok {
			return commands, err
		}
		e := Exec{}
		e.Prefix, e.Path = splitExecPrefix(first, v)
		if e.Path == "" {
			return commands, errors.New("the command has no program")
		}
		args, err := execArguments(&x)
		if err != nil {
			return commands, err
		}
		if !strings.Contains(e.Prefix, "@") {
			args = append([]string{e.Path}, args...)
		} else if len(args) == 0 {
			return commands, errors.New(`the command has no argv[0], which its "@" asks for`)
		}
		e.Argv = args
		commands = append(commands, e)
	}
}

// execArguments takes words up to the end of the command.
func execArguments(x *extractor) ([]string, error) {
	var args []string
	for {
		x.skip(whitespace)
		switch {
		case takeWord(x, ";"):
			return args, nil
		case takeWord(x, `\;`): // an argument, not a separator
			args = append(args, ";")
			continue
		}
		arg, ok, err := execWord(x)
		if err != nil || !ok {
			return args, err
		}
		args = append(args, arg)
	}
}

// takeWord takes the word if it is the next one as it is written.
func takeWord(x *extractor, word string) bool {
	after, ok := strings.CutPrefix(x.rest(), word)
	if !ok || after != "" && strings.IndexByte(whitespace, after[0]) < 0 {
		return false
	}
	x.pos += len(word)
	return true
}

// execWord takes a word of a command line. An escape sequence that is none is kept
// as it is written, for which systemd only warns.
func execWord(x *extractor) (string, bool, error) {
	start := *x
	word, ok, err := x.next(whitespace, unquote|cUnescape)
	if errors.Is(err, errEscape) {
		*x = start
		word, ok, err = x.next(whitespace, unquote|cUnescape|relaxed)
	}
	if decoded, symbolic := undouble(word, '%', isAlnum); !symbolic {
		word = decoded
	}
	return word, ok, err
}

// execPrefixes are the special characters before a command and the versions that
// brought them. Of "+", "!" and "!!" only one may be given.
var execPrefixes = []struct {
	text       string
	since      int
	privileges bool
}{
	{"!!", 235, true},
	{"!", 235, true},
	{"+", 231, true},
	{"-", 0, false},
	{"@", 0, false},
	{":", 242, false},
	{"|", 258, false},
}

// splitExecPrefix takes the special characters off the first word of a command.
func splitExecPrefix(word string, v Version) (prefix, path string) {
	privileges := false
	for {
		text := nextExecPrefix(word, prefix, v, privileges)
		if text == "" {
			return prefix, word
		}
		privileges = privileges || strings.Contains("+!!", text)
		prefix, word = prefix+text, word[len(text):]
	}
}

// nextExecPrefix returns the special characters that word begins with and that may
// still be given; "" if there are none.
func nextExecPrefix(word, given string, v Version, privileges bool) string {
	for _, p := range execPrefixes {
		if !strings.HasPrefix(word, p.text) || !v.AtLeast(p.since) {
			continue
		}
		if p.privileges && privileges || !p.privileges && strings.Contains(given, p.text) {
			continue
		}
		return p.text
	}
	return ""
}
