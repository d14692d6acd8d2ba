// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pathMax is PATH_MAX without its NUL: what is longer is no path for systemd.
const pathMax = 4095

// unwritable returns why a text cannot be written for the class; "" if it can.
func unwritable(class Class, v Version, text string) string {
	if reason := unwritableText(class, text); reason != "" {
		return reason
	}
	switch class {
	case ClassExec, ClassEnvironment:
		return ""
	case ClassPathList, ClassBind, ClassTmpfs:
		if text[0] != '/' {
			return "the path is not absolute"
		}
		return unwritablePath(text)
	case ClassExecDir:
		return unwritableDirectory(v, text)
	case ClassWhole:
		return unwritableWhole(text)
	case ClassDevice:
		return unwritableDevice(v, text)
	}
	return unwritableWord(text)
}

func unwritableText(class Class, text string) string {
	escapes := class == ClassExec || class == ClassEnvironment
	switch {
	case text == "" && class != ClassExec:
		return "it is empty"
	case !utf8.ValidString(text):
		return "it is not UTF-8"
	case strings.Contains(text, "\x00"):
		return "it holds a NUL byte"
	case strings.ContainsAny(text, "\n\r") && !escapes:
		return "it holds a line break"
	case strings.ContainsFunc(text, func(r rune) bool { return isControl(r) && r != '\t' }) && !escapes:
		return "it holds a control character"
	}
	return ""
}

// unwritablePath holds what systemd refuses or changes in any path.
func unwritablePath(path string) string {
	parts := strings.Split(path, "/")
	switch {
	case len(path) > pathMax:
		return "the path is too long"
	case slices.Contains(parts, ".."), slices.Contains(parts, "."):
		return `the path has ".." or "." in it`
	}
	return ""
}

// unwritableDirectory holds for StateDirectory= and its like. Up to v234 a name may
// have no slash; "private" is systemd's own.
func unwritableDirectory(v Version, name string) string {
	first, _, nested := strings.Cut(name, "/")
	switch {
	case name[0] == '/':
		return "the path is absolute"
	case first == "private":
		return `"private" is systemd's own directory`
	case nested && !v.AtLeast(235):
		return "that systemd takes no nested directories"
	}
	return unwritablePath(name)
}

// unwritableWhole holds for values that know neither quotes nor escapes.
func unwritableWhole(value string) string {
	switch {
	case strings.Trim(value, whitespace) != value:
		return "white space at the begin or end is lost"
	case continues(value):
		return "a backslash at the end continues the line"
	case value[0] == '-':
		return `a "-" at the begin is a prefix`
	case value[0] == '/':
		return unwritablePath(value)
	}
	return ""
}

func unwritableDevice(v Version, name string) string {
	switch {
	case v.AtLeast(239):
	case strings.ContainsAny(name, whitespace):
		return "that systemd knows no quotes here"
	case continues(name):
		return "a backslash at the end continues the line"
	}
	if name[0] == '/' {
		return unwritablePath(name)
	}
	return ""
}

// unwritableWord holds for words that are never quoted.
func unwritableWord(word string) string {
	switch {
	case strings.ContainsAny(word, whitespace+`"'\`):
		return "a word may hold no white space, quotes or backslashes"
	case word[0] == '~':
		return `a "~" at the begin inverts the list`
	}
	return ""
}

// continues tells whether a line that ends with s goes on in the next one: it ends
// in an odd number of backslashes.
func continues(s string) bool {
	return (len(s)-len(strings.TrimRight(s, `\`)))%2 == 1
}

// isControl tells whether r is a control character, of ASCII or Latin-1.
func isControl(r rune) bool { return unicode.IsControl(r) }
