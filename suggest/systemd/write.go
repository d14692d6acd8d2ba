// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Section is a section of a drop-in.
type Section struct {
	// Name is without its brackets: "Service". A section without a name has only
	// comments, for the head of the file.
	Name  string
	Lines []Line
}

// Line is one directive of a drop-in with a comment above it.
type Line struct {
	// Comment may be any text, hostile as well: see Printable. It is wrapped.
	Comment string
	// Name is the directive; "" for a comment alone, or without one an empty line.
	Name string
	// Prefix is "~" for an inverted list; it is repeated when the list is split.
	Prefix string
	// Words are the value's words as Quote returns them, joined by spaces. None
	// makes an empty assignment.
	Words []string
}

// columns is the width at which lists and the text of comments are wrapped.
const columns = 100

// Write renders a drop-in for version v. A list that would be longer than about 100
// columns becomes several assignments where these add up in that version. Whatever
// the comments and words hold, the file that is written has exactly the given
// assignments: a name or word that would break out of its line, or a line longer than
// the version reads, is an *UnwritableError.
func Write(w io.Writer, v Version, sections []Section) error {
	var b strings.Builder
	for i, s := range sections {
		if i > 0 {
			b.WriteByte('\n')
		}
		if err := s.write(&b, v); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("writing the drop-in: %w", err)
	}
	return nil
}

var (
	namePattern        = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)
	sectionNamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)
)

func (s Section) write(b *strings.Builder, v Version) error {
	if s.Name != "" {
		if !sectionNamePattern.MatchString(s.Name) {
			return &UnwritableError{s.Name, "it is no name of a section"}
		}
		fmt.Fprintf(b, "[%s]\n", s.Name)
	}
	for _, l := range s.Lines {
		if s.Name == "" && l.Name != "" {
			return &UnwritableError{l.Name, "it belongs to no section"}
		}
		if err := l.write(b, v); err != nil {
			return err
		}
	}
	return nil
}

func (l Line) write(b *strings.Builder, v Version) error {
	switch {
	case l.Comment != "":
		writeComment(b, l.Comment)
	case l.Name == "":
		b.WriteByte('\n')
	}
	if l.Name == "" {
		return nil
	}
	if err := l.check(); err != nil {
		return err
	}
	width := 1 << 30
	if l.splits(v) {
		width = columns
	}
	for _, line := range assignments(l.Name, l.Prefix, l.Words, width) {
		switch {
		case len(line) > lineLimit(v):
			return &UnwritableError{line, fmt.Sprintf("systemd %s reads no line longer than %d bytes", v, lineLimit(v))}
		case continues(line):
			return &UnwritableError{line, "a backslash at the end continues the line"}
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return nil
}

// check refuses what would not stay within the line.
func (l Line) check() error {
	if !namePattern.MatchString(l.Name) {
		return &UnwritableError{l.Name, "it is no name of a directive"}
	}
	for _, w := range append([]string{l.Prefix}, l.Words...) {
		switch {
		case !utf8.ValidString(w):
			return fmt.Errorf("%s=: %w", l.Name, &UnwritableError{w, "it is not UTF-8"})
		case strings.ContainsFunc(w, func(r rune) bool { return isControl(r) && r != '\t' }):
			return fmt.Errorf("%s=: %w", l.Name, &UnwritableError{w, "it holds a line break or control character"})
		}
	}
	return nil
}

// splits tells whether the words may stand in several assignments.
func (l Line) splits(v Version) bool {
	d, ok := LookupDirective(l.Name)
	if !ok || !d.IsList(v) {
		return false
	}
	switch d.Class {
	case ClassPathList, ClassBind, ClassTmpfs, ClassExecDir, ClassWordsQuoted, ClassWordsRaw, ClassEnvironment:
		return true
	}
	return false
}
