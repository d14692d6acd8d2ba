// SPDX-License-Identifier: Apache-2.0

package systemd

// Class says how the value of a directive is split into words, unquoted and
// expanded. The classes are systemd's different parsers; the rules of one also change
// between versions.
type Class int

const (
	// ClassPlain is one word without any quoting: numbers, booleans, enumerations.
	ClassPlain Class = iota
	// ClassPathList are absolute paths, as of ReadWritePaths=: quotes are removed, a
	// backslash makes the next character literal, C escapes are not decoded, and
	// from v233 on specifiers are expanded.
	ClassPathList
	// ClassBind are "source:destination:options", as of BindPaths=.
	ClassBind
	// ClassTmpfs are "path:options" of TemporaryFileSystem=. A backslash is decoded
	// twice.
	ClassTmpfs
	// ClassExecDir are relative names, as of StateDirectory=, from v250 on as
	// "name:symlink" and with C escapes.
	ClassExecDir
	// ClassWhole is one value without splitting, quotes or escapes, in which
	// specifiers are expanded: RootDirectory=, User=.
	ClassWhole
	// ClassDevice is one "path access" of DeviceAllow=.
	ClassDevice
	// ClassWordsQuoted are words that may be quoted, without specifiers, as of
	// CapabilityBoundingSet=.
	ClassWordsQuoted
	// ClassWordsRaw are words without any quoting, as of SystemCallFilter=.
	ClassWordsRaw
	// ClassExec is a command line: quotes, C escapes, specifiers, and "$".
	ClassExec
	// ClassEnvironment are "NAME=value" words: quotes, C escapes, specifiers.
	ClassEnvironment
)

// classNames are the classes' names in data/directives.csv.
var classNames = [...]string{
	ClassPlain:       "",
	ClassPathList:    "path-list",
	ClassBind:        "bind",
	ClassTmpfs:       "tmpfs",
	ClassExecDir:     "exec-dir",
	ClassWhole:       "whole",
	ClassDevice:      "device",
	ClassWordsQuoted: "words-quoted",
	ClassWordsRaw:    "words-raw",
	ClassExec:        "exec",
	ClassEnvironment: "environment",
}
