// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sbxprof/sbxprof/trace"
)

const (
	// maxConfig is the largest file that is looked at, and maxMentions and
	// maxMentionLine bound what is kept.
	maxConfig      = 1 << 20
	maxMentions    = 200
	maxMentionLine = 400
)

// configDirs are where files lie that an administrator may change.
var configDirs = []string{"/etc/", "/usr/lib/", "/usr/share/", "/usr/local/", "/opt/", "/srv/"}

// changing are the operations that need a path to be writable, or that make it.
var changing = []trace.FileOp{trace.OpWrite, trace.OpCreate, trace.OpMkdir, trace.OpMknod, trace.OpRemove, trace.OpBind,
	trace.OpRenameTo, trace.OpSymlink, trace.OpTruncate}

// addMentions looks in the files that the unit read for the paths that it changed.
func addMentions(t *trace.Trace) {
	var paths, files []string
	for i := range t.Observations {
		f := t.Observations[i].File
		if f == nil || f.Partial || t.Observations[i].Actor.Phase != trace.PhaseService {
			continue
		}
		if slices.Contains(changing, f.Op) {
			paths = append(paths, namesOf(f)...)
		}
		if f.Op == trace.OpRead && f.Type == trace.TypeRegular && isConfig(string(f.Path)) {
			files = append(files, string(f.Path))
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	slices.Sort(files)
	for _, name := range slices.Compact(files) {
		t.Header.Mentions = append(t.Header.Mentions, mentionsIn(name, paths)...)
		if len(t.Header.Mentions) >= maxMentions {
			t.Header.Mentions = t.Header.Mentions[:maxMentions]
			return
		}
	}
}

// namesOf are the names by which a file may be mentioned; those directly below the
// root are words that mean nothing.
func namesOf(f *trace.File) []string {
	var names []string
	for _, p := range []trace.Path{f.Path, f.Given} {
		if strings.Count(string(p), "/") > 1 && !isProc(string(p)) && !strings.HasPrefix(string(p), "/dev/") {
			names = append(names, string(p))
		}
	}
	return names
}

func isConfig(name string) bool {
	if strings.HasSuffix(name, ".so") || strings.Contains(name, ".so.") {
		return false
	}
	return slices.ContainsFunc(configDirs, func(dir string) bool { return strings.HasPrefix(name, dir) })
}

// mentionsIn are the lines of a text file that hold one of the paths as a whole
// word.
func mentionsIn(name string, paths []string) []trace.Mention {
	text, ok := readText(name)
	if !ok {
		return nil
	}
	var found []trace.Mention
	for n, line := range strings.Split(text, "\n") {
		if !strings.Contains(line, "/") || len(line) > maxMentionLine {
			continue
		}
		for _, p := range paths {
			if holdsWord(line, p) {
				found = append(found, trace.Mention{Path: trace.Path(p), File: trace.Path(name), Line: n + 1, Text: strings.TrimSpace(line)})
			}
		}
	}
	return found
}

// readText reads a small regular text file.
func readText(name string) (string, bool) {
	f, err := os.Open(name)
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
