// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// moves are the paths that have to be somewhere else, old to new.
type moves map[trace.Path]trace.Path

// edits returns the lines of the files that the unit reads, or that administer it,
// which name a path that moves. The unit's own files are none of them: what they say
// is in the drop-in.
func (m moves) edits(h *trace.Header) []Step {
	var steps []Step
	for _, mention := range h.Mentions {
		to, ok := m[mention.Path]
		if !ok || isComment(mention.Text) || isUnitFile(h, mention.File) {
			continue
		}
		as := cmp.Or(mention.As, string(mention.Path))
		i := slices.IndexFunc(steps, func(s Step) bool { return s.File == mention.File && s.Line == mention.Line })
		if i < 0 {
			i = len(steps)
			steps = append(steps, Step{File: mention.File, Line: mention.Line, Old: mention.Text, New: mention.Text,
				Text: fmt.Sprintf("in %s:%d, name %s instead of %s", mention.File, mention.Line, to, as),
				Why:  whyMove(&mention)})
		}
		steps[i].New = replacePath(steps[i].New, as, string(to))
		steps[i].Undo = append(steps[i].Undo, replaceBack(&mention, string(to), as))
	}
	return slices.DeleteFunc(steps, func(s Step) bool { return s.New == s.Old })
}

// administering are where files lie that a service does not read, and that are for what
// else is done to it.
var administering = []string{"/etc/init.d/", "/etc/logrotate.d/", "/etc/cron.daily/"}

func administers(file trace.Path) bool {
	return slices.ContainsFunc(administering, func(dir string) bool { return strings.HasPrefix(string(file), dir) })
}

// whyMove says what would go wrong without an edit.
func whyMove(at *trace.Mention) string {
	if administers(at.File) {
		return fmt.Sprintf("it looks for %s, which is there no longer", at.Path)
	}
	return dirOf(at.Path) + " is not the service's to write"
}

// What means something in the two halves of sed's s command.
var (
	inPattern     = strings.NewReplacer(`\`, `\\`, ".", `\.`, "[", `\[`, "]", `\]`, "*", `\*`, "^", `\^`, "$", `\$`, ",", `\,`)
	inReplacement = strings.NewReplacer(`\`, `\\`, "&", `\&`, ",", `\,`)
)

// replaceBack is the command that puts the path that a line named back into it.
func replaceBack(at *trace.Mention, is, was string) string {
	return fmt.Sprintf("sed -i %s %s", quoteShell(fmt.Sprintf("%ds,%s,%s,g", at.Line, inPattern.Replace(is), inReplacement.Replace(was))), quoteShell(string(at.File)))
}

func isComment(line string) bool {
	return slices.ContainsFunc([]string{"#", ";", "//", "--"}, func(c string) bool { return strings.HasPrefix(strings.TrimSpace(line), c) })
}

// isUnitFile tells the unit's own files; with a merged /usr they have two names.
func isUnitFile(h *trace.Header, file trace.Path) bool {
	for _, own := range append([]trace.Path{h.Unit.Fragment}, h.Unit.DropIns...) {
		if own == file || "/usr"+own == file || own == "/usr"+file {
			return true
		}
	}
	return false
}

// replacePath replaces a path where it stands as a whole.
func replacePath(text, old, new string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, old)
		if i < 0 {
			return b.String() + text
		}
		end := i + len(old)
		whole := (i == 0 || !isPathByte(text[i-1])) && (end == len(text) || !isPathByte(text[end]))
		b.WriteString(text[:i])
		if whole {
			b.WriteString(new)
		} else {
			b.WriteString(old)
		}
		text = text[end:]
	}
}

func isPathByte(c byte) bool {
	return strings.IndexByte("/_-.%$", c) >= 0 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// unmentioned returns the moves that no known line would bring about.
func (m moves) unmentioned(t *trace.Trace) []Step {
	var steps []Step
	for _, from := range slices.Sorted(maps.Keys(m)) {
		if mentioned(t, from) || m.follows(from) {
			continue
		}
		steps = append(steps, Step{
			Text: fmt.Sprintf("configure the service, and what else names it, to use %s instead of %s", m[from], from),
			Why:  fmt.Sprintf("%s is not the service's to write", path.Dir(string(from))),
		})
	}
	return steps
}

// follows tells whether a path is made of another one that moves: /run/d.sock.12.tmp
// goes where /run/d.sock goes.
func (m moves) follows(p trace.Path) bool {
	for from := range m {
		if rest, ok := strings.CutPrefix(string(p), string(from)); ok && rest != "" && strings.IndexByte(".-~", rest[0]) >= 0 {
			return true
		}
	}
	return false
}

// mentioned tells whether a line is known that makes the service use the path. What only
// others read, who administer it, does not.
func mentioned(t *trace.Trace, p trace.Path) bool {
	for _, mention := range t.Header.Mentions {
		if mention.Path == p && !isComment(mention.Text) && (!administers(mention.File) || reads(t, mention.File)) {
			return true
		}
	}
	for _, s := range t.Header.Unit.Settings { // an argument, or a variable in one
		if (strings.HasPrefix(s.Name, "ExecStart") || s.Name == "Environment") && spells(s.Value, p) {
			return true
		}
	}
	return false
}

func reads(t *trace.Trace, file trace.Path) bool {
	return slices.ContainsFunc(useOf(t, file), func(o *trace.Observation) bool { return o.File.Op == trace.OpRead })
}

// apply returns a value with all moves made, and one path that it names.
func (m moves) apply(value string) (string, trace.Path) {
	var by trace.Path
	for _, from := range slices.Sorted(maps.Keys(m)) {
		for _, as := range unitSpellings(string(from)) {
			if moved := replacePath(value, as, string(m[from])); moved != value {
				value, by = moved, from
			}
		}
	}
	return value, by
}

// unitSpellings are the ways to write a path in a unit file.
func unitSpellings(name string) []string {
	if rest, ok := strings.CutPrefix(name, "/run/"); ok {
		return []string{name, "/var/run/" + rest, "%t/" + rest}
	}
	return []string{name}
}

func spells(value string, p trace.Path) bool {
	return slices.ContainsFunc(unitSpellings(string(p)), func(as string) bool { return replacePath(value, as, "") != value })
}

// useOf returns what was done with a path.
func useOf(t *trace.Trace, p trace.Path) []*trace.Observation {
	var list []*trace.Observation
	for i := range t.Observations {
		if o := &t.Observations[i]; o.File != nil && o.File.Path == p && o.Actor.Phase == trace.PhaseService {
			list = append(list, o)
		}
	}
	return list
}
