// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

const (
	// maxConfig is the largest file that is looked at, and maxMentions and
	// maxMentionLine bound what is kept.
	maxConfig      = 1 << 20
	maxMentions    = 200
	maxMentionLine = 400
	// maxSpellings bounds what is looked for.
	maxSpellings = 1000
)

// configDirs are where files lie that an administrator may change.
var configDirs = []string{"/etc/", "/usr/lib/", "/usr/share/", "/usr/local/", "/opt/", "/srv/"}

// changing are the operations that need a path to be writable, or that make it.
var changing = []trace.FileOp{trace.OpWrite, trace.OpCreate, trace.OpMkdir, trace.OpMknod, trace.OpRemove, trace.OpBind,
	trace.OpRenameTo, trace.OpSymlink, trace.OpTruncate}

// mentions finds the lines of files that name the paths which a unit changed, and looks
// again only where something is new. The zero value has found none yet.
type mentions struct {
	spellings map[string]trace.Path
	files     map[string]mentioning
}

// mentioning is what was found in a file as it was then.
type mentioning struct {
	modified time.Time
	size     int64
	found    []trace.Mention
}

// add looks in the files that the unit read, and in those that others administer it
// by, for the paths that it changed.
func (m *mentions) add(t *trace.Trace) {
	spellings, files := whatToLookFor(t)
	if !maps.Equal(spellings, m.spellings) {
		m.spellings, m.files = spellings, map[string]mentioning{}
	}
	t.Header.Mentions = nil
	for _, name := range files {
		t.Header.Mentions = append(t.Header.Mentions, m.in(name)...)
		if len(t.Header.Mentions) >= maxMentions {
			t.Header.Mentions = t.Header.Mentions[:maxMentions]
			return
		}
	}
}

// in is what a file mentions.
func (m *mentions) in(name string) []trace.Mention {
	info, err := os.Stat(name)
	if err != nil || len(m.spellings) == 0 {
		return nil
	}
	known, ok := m.files[name]
	if !ok || !known.modified.Equal(info.ModTime()) || known.size != info.Size() {
		known = mentioning{info.ModTime(), info.Size(), mentionsIn(name, m.spellings)}
		m.files[name] = known
	}
	return known.found
}

// whatToLookFor are the ways to write down what a unit changed, and the files that may
// mention it.
func whatToLookFor(t *trace.Trace) (spellings map[string]trace.Path, files []string) {
	spellings, files = map[string]trace.Path{}, administering(t.Header.Unit.Name)
	for i := range t.Observations {
		f := t.Observations[i].File
		if f == nil || f.Partial || t.Observations[i].Actor.Phase != trace.PhaseService {
			continue
		}
		if slices.Contains(changing, f.Op) && !f.Folded && len(spellings) < maxSpellings {
			addSpellings(spellings, f, t.Header.Unit.Name)
		}
		if f.Op == trace.OpRead && f.Type == trace.TypeRegular && isConfig(string(f.Path)) {
			files = append(files, string(f.Path))
		}
	}
	slices.Sort(files)
	return spellings, slices.Compact(files)
}

// administering are files that the unit itself does not read, and that may name its
// paths: Debian's init scripts, through which log rotation asks services to open
// their logs again, and the configuration of that rotation.
func administering(unit string) []string {
	files, _ := filepath.Glob("/etc/logrotate.d/*") // the pattern is right, there is no other error
	name := strings.TrimSuffix(unit, ".service")
	if name == "" || strings.Contains(name, "/") {
		return files
	}
	return append(files, "/etc/init.d/"+name, "/etc/default/"+name, "/etc/cron.daily/"+name)
}

// addSpellings adds the ways to write a path down. Names directly below the root are
// words that mean nothing.
func addSpellings(spellings map[string]trace.Path, f *trace.File, unit string) {
	for _, p := range []trace.Path{f.Path, f.Given} {
		name := string(p)
		if strings.Count(name, "/") < 2 || isProc(name) || strings.HasPrefix(name, "/dev/") {
			continue
		}
		spellings[name] = f.Path
		if strings.HasPrefix(name, "/run/") {
			spellings["/var"+name] = f.Path
		}
		dir, base := filepath.Split(name)
		if rest, ok := strings.CutPrefix(base, strings.TrimSuffix(unit, ".service")); ok && unit != "" {
			spellings[dir+"$NAME"+rest] = f.Path
			spellings[dir+"${NAME}"+rest] = f.Path
		}
	}
}

func isConfig(name string) bool {
	if strings.HasSuffix(name, ".so") || strings.Contains(name, ".so.") {
		return false
	}
	return slices.ContainsFunc(configDirs, func(dir string) bool { return strings.HasPrefix(name, dir) })
}

// mentionsIn are the lines of a text file that hold one of the paths as a whole
// word.
func mentionsIn(name string, spellings map[string]trace.Path) []trace.Mention {
	text, ok := readText(name)
	if !ok {
		return nil
	}
	odd := slices.DeleteFunc(slices.Collect(maps.Keys(spellings)), isWord)
	var found []trace.Mention
	for n, line := range strings.Split(text, "\n") {
		if !strings.Contains(line, "/") || len(line) > maxMentionLine {
			continue
		}
		for _, as := range heldBy(line, spellings, odd) {
			found = append(found, mention(name, n+1, line, as, spellings[as]))
		}
	}
	return found
}

// heldBy are the spellings that a line holds, in order. Those that are one word are
// found by the words of the line, and the odd ones by looking for each.
func heldBy(line string, spellings map[string]trace.Path, odd []string) []string {
	var held []string
	for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r < utf8.RuneSelf && !isPathByte(byte(r)) }) {
		if _, ok := spellings[word]; ok {
			held = append(held, word)
		}
	}
	for _, as := range odd {
		if holdsWord(line, as) {
			held = append(held, as)
		}
	}
	slices.Sort(held)
	return slices.Compact(held)
}

// isWord tells whether nothing in a spelling ends a word.
func isWord(as string) bool {
	for i := range len(as) {
		if !isPathByte(as[i]) {
			return false
		}
	}
	return true
}

func mention(file string, line int, text, as string, of trace.Path) trace.Mention {
	m := trace.Mention{Path: of, File: trace.Path(file), Line: line, Text: strings.TrimSpace(text)}
	if as != string(of) {
		m.As = as
	}
	return m
}

// readText reads a small regular text file.
func readText(name string) (string, bool) {
	// What is in the place of a file that was read may be a FIFO by now, and opening
	// that would wait for a writer.
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return "", false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() >= maxConfig {
		return "", false
	}
	text, err := io.ReadAll(io.LimitReader(f, maxConfig))
	if err != nil || bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) {
		return "", false
	}
	return string(text), true
}

// holdsWord tells whether a line holds a path that does not go on in either
// direction.
func holdsWord(line, p string) bool {
	for from := 0; ; {
		i := strings.Index(line[from:], p)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(p)
		if (i == 0 || !isPathByte(line[i-1])) && (end == len(line) || !isPathByte(line[end])) {
			return true
		}
		from = i + 1
	}
}

func isPathByte(c byte) bool {
	return c == '/' || c == '_' || c == '-' || c == '.' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
