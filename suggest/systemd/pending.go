// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"io"

	"github.com/sbxprof/sbxprof/trace"
)

// This file holds signatures only, and goes away as they are filled in.

// Class says how the value of a directive is split, quoted and expanded.
type Class int

// The classes.
const (
	ClassPlain       Class = iota // numbers, booleans, enumerations
	ClassPathList                 // ReadWritePaths=
	ClassBind                     // BindPaths=
	ClassTmpfs                    // TemporaryFileSystem=
	ClassExecDir                  // StateDirectory=
	ClassWhole                    // RootDirectory=
	ClassDevice                   // DeviceAllow=
	ClassWordsQuoted              // CapabilityBoundingSet=
	ClassWordsRaw                 // SystemCallFilter=
	ClassExec                     // ExecStart=
	ClassEnvironment              // Environment=
)

// Directive is what is known of a directive.
type Directive struct {
	Name    string
	Section string // "Service"
	Since   int    // first major version that accepts it, at least Oldest
	Class   Class
	Default string
	Feature string        // build feature without which it does nothing
	Kernel  KernelVersion // kernel without which it does nothing
	// Appends is the first version in which a second assignment adds to the first
	// and an empty one resets; 0 if the last assignment wins.
	Appends int
}

// LookupDirective returns the directive of that name.
func LookupDirective(name string) (Directive, bool) { return Directive{}, false }

// Directives returns all hardening directives known, in the order of the table.
func Directives() []Directive { return nil }

// ValueKnown tells whether the target accepts the directive with this value.
func (t Target) ValueKnown(directive, value string) bool { return false }

// Enforces tells whether the target accepts the directive with this value and has
// the build feature and the kernel to do what it says.
func (t Target) Enforces(directive, value string) bool { return false }

// Setting is one assignment of a unit file.
type Setting struct {
	Section, Name, Value string
	Line                 int
}

// Problem is a line that systemd ignores.
type Problem struct {
	Line int
	Text string
}

// File is a unit file or drop-in as systemd reads it.
type File struct {
	Settings []Setting
	Problems []Problem
}

// Parse reads a unit file as the version v does (zero: the newest).
func Parse(r io.Reader, v Version) (File, error) { return File{}, nil }

// Combine returns the settings of a section of a unit's fragment and drop-ins, in order.
func Combine(section string, files ...File) []trace.Setting { return nil }

// Last returns the last assignment of name; false if there is none.
func Last(settings []trace.Setting, name string) (string, bool) { return "", false }

// Values returns the non-empty assignments of name since the last empty one.
func Values(settings []trace.Setting, name string) []string { return nil }

// Word is one entry of a list.
type Word struct {
	Prefix string   // "-", "+", "-+" before a path
	Text   string   // the entry (its first field), unquoted
	Fields []string // what followed it after colons (ClassBind, ClassTmpfs, ClassExecDir) or a space (ClassDevice)
	// Symbolic is set when specifiers remain in the word, which then still has
	// every % as it is written.
	Symbolic bool
}

// Words splits a value as the class and version do.
func Words(value string, class Class, v Version) ([]Word, error) { return nil, nil }

// UnwritableError says why something cannot be written into a unit file.
type UnwritableError struct{ Text, Reason string }

func (e *UnwritableError) Error() string { return "" }

// Quote writes one path or word so that the version reads it back as it is.
func Quote(class Class, v Version, text string) (string, error) { return "", nil }

// Line is one directive of a drop-in, with a comment above it.
type Line struct {
	Comment string
	Name    string // "" for a comment alone
	Prefix  string // "~" of an inverted list, repeated when it is split
	Words   []string
}

// Section is a section of a drop-in.
type Section struct {
	Name  string
	Lines []Line
}

// Write renders a drop-in for the version.
func Write(w io.Writer, v Version, sections []Section) error { return nil }

// Exec is one command of an Exec line.
type Exec struct {
	Prefix string
	Path   string
	Argv   []string
}

// ParseExec reads the value of an Exec line, which may hold several commands.
func ParseExec(value string, v Version) ([]Exec, error) { return nil, nil }

// Trace returns the command as a trace holds it.
func (e Exec) Trace(line string) trace.Command { return trace.Command{} }
