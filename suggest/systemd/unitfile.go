// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Setting is one assignment of a unit file.
type Setting struct {
	Section, Name, Value string
	// Line is the number of the line it ends on, from 1 on.
	Line int
}

// Problem is a line that systemd ignores with a warning.
type Problem struct {
	Line int
	Text string
}

// File is a unit file or drop-in as systemd reads it.
type File struct {
	Settings []Setting
	Problems []Problem
}

// maxFile bounds what is read of a unit file.
const maxFile = 16 << 20

// Parse reads a unit file or drop-in as version v does. An error, with the line's
// number, means that systemd would not load the file at all; what it ignores with a
// warning is among the File's Problems. Whether a key or section is known is not
// looked at: see Target.Check.
func Parse(r io.Reader, v Version) (File, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return File{}, fmt.Errorf("reading the unit file: %w", err)
	}
	if len(text) > maxFile {
		return File{}, fmt.Errorf("the unit file is larger than %d bytes", maxFile)
	}
	p := fileParser{limit: maxFile}
	if v.AtLeast(235) { // older versions cut long lines in pieces instead
		p.limit = lineLimit(v)
	}
	for _, line := range splitLines(string(text), v) {
		p.number++
		if err := p.line(line); err != nil {
			return File{}, fmt.Errorf("line %d: %w", p.number, err)
		}
	}
	if p.continued {
		if err := p.assign(string(p.pending)); err != nil {
			return File{}, fmt.Errorf("line %d: %w", p.number, err)
		}
	}
	return p.file, nil
}

// fileParser reads a unit file line by line.
type fileParser struct {
	file      File
	section   string
	number    int
	limit     int
	sawBOM    bool
	pending   []byte // the lines that go on in this one
	continued bool
}

// line reads one line: a comment, also in the middle of a continued assignment, or a
// part of one.
func (p *fileParser) line(line string) error {
	if len(line)+len(p.pending) > p.limit {
		return errors.New("the line is too long for systemd")
	}
	if l := strings.TrimLeft(line, whitespace); l != "" && strings.IndexByte("#;", l[0]) >= 0 {
		return nil
	}
	if cut, ok := strings.CutPrefix(line, "\ufeff"); ok && !p.sawBOM {
		p.sawBOM, line = true, cut
	}
	if continues(line) {
		p.continued = true
		p.pending = append(append(p.pending, line[:len(line)-1]...), ' ')
		return nil
	}
	line = string(p.pending) + line
	p.continued, p.pending = false, nil
	return p.assign(line)
}

// sectionPattern is what systemd's string_is_safe() allows in a section's name.
var sectionPattern = regexp.MustCompile(`^[^\x00-\x1f\x7f"'\\]*$`)

// assign reads a whole assignment or section header.
func (p *fileParser) assign(line string) error {
	line = strings.Trim(line, whitespace)
	name, value, assigned := strings.Cut(line, "=")
	switch {
	case line == "":
	case !utf8.ValidString(line):
		p.ignore("the line is not UTF-8")
	case line[0] == '[':
		section, closed := strings.CutSuffix(line[1:], "]")
		if !closed || !sectionPattern.MatchString(section) {
			return fmt.Errorf("the section header %.60q is not valid", line)
		}
		p.section = section
	case p.section == "":
		p.ignore("the assignment is outside of any section")
	case !assigned || name == "":
		p.ignore("the line assigns nothing to a name")
	default:
		p.file.Settings = append(p.file.Settings, Setting{
			Section: p.section,
			Name:    strings.Trim(name, whitespace),
			Value:   strings.Trim(value, whitespace),
			Line:    p.number,
		})
	}
	return nil
}

func (p *fileParser) ignore(why string) {
	p.file.Problems = append(p.file.Problems, Problem{p.number, why})
}

// splitLines splits a text into lines as version v does.
func splitLines(text string, v Version) []string {
	if !v.AtLeast(235) {
		return splitPieces(text, lineLimit(v)+1)
	}
	var lines []string
	for text != "" {
		i := strings.IndexAny(text, eol)
		if i < 0 {
			return append(lines, text)
		}
		lines = append(lines, text[:i])
		text = text[i+endLength(text[i:]):]
	}
	return lines
}

// eol are the bytes that end a line from v235 on; v240 added "\r".
const eol = "\n\r\x00"

// endLength returns the length of the line end that s begins with: one of the bytes
// in eol or several different ones, such as "\r\n".
func endLength(s string) int {
	n := 1
	for n < len(s) && strings.IndexByte(eol, s[n]) >= 0 && strings.IndexByte(s[:n], s[n]) < 0 {
		n++
	}
	return n
}

// splitPieces splits a text as versions before v235 do, which read at most size bytes
// at once, take the rest of a longer line for a line of its own, and drop what follows
// a carriage return or NUL.
func splitPieces(text string, size int) []string {
	var lines []string
	for line := range strings.Lines(text) {
		for line != "" {
			piece := line[:min(size, len(line))]
			line = line[len(piece):]
			if i := strings.IndexAny(piece, eol); i >= 0 {
				piece = piece[:i]
			}
			lines = append(lines, piece)
		}
	}
	return lines
}
