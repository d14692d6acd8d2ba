// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"fmt"
	"strings"
)

// UnwritableError says why something cannot be written into a unit file so that
// systemd reads it back as it is.
type UnwritableError struct {
	// Text is what was to be written; it may hold any bytes.
	Text   string
	Reason string
}

func (e *UnwritableError) Error() string {
	return fmt.Sprintf("%.200q cannot be written into a unit file: %s", e.Text, e.Reason)
}

// Quote writes one path or word for a directive of the class, so that Words of
// version v gives it back and so does that systemd. Where it can choose, it writes what
// other versions read the same way. A prefix ("-", "+") may be put before the result,
// and ":" with options, or another quoted path, behind it.
//
// What cannot be written is an *UnwritableError: bytes that are not UTF-8, NUL,
// newlines and other control characters but tab (only ClassExec and ClassEnvironment
// can escape them), and paths that systemd refuses (not absolute, with ".." in them, or
// for ClassExecDir absolute).
func Quote(class Class, v Version, text string) (string, error) {
	if reason := unwritable(class, v, text); reason != "" {
		return "", &UnwritableError{text, reason}
	}
	escaped := text
	if hasSpecifiers(class, v) {
		escaped = strings.ReplaceAll(text, "%", "%%")
	}
	switch class {
	case ClassPathList:
		return quoteLiteral(escaped), nil
	case ClassDevice:
		if !v.AtLeast(239) {
			return escaped, nil
		}
		return quoteLiteral(escaped), nil
	case ClassTmpfs:
		return quoteLiteral(escapeBytes(escaped, `:\`)), nil
	case ClassBind, ClassExecDir:
		return quoteTwoPass(escaped), nil
	case ClassExec:
		return quoteC(strings.ReplaceAll(escaped, "$", "$$")), nil
	case ClassEnvironment:
		return quoteC(escaped), nil
	}
	return escaped, nil
}

// quoteLiteral writes a word for parsers in which a backslash makes the next
// character literal, in double quotes if it needs any.
func quoteLiteral(s string) string {
	if !strings.ContainsAny(s, whitespace+`"'\`) {
		return s
	}
	return `"` + escapeBytes(s, `"\`) + `"`
}

// quoteTwoPass writes a word so that both kinds of parsers for entries with colons
// read it: the older one, which drops backslashes as it removes quotes, and the newer
// one, which removes quotes without a look at backslashes and decodes these later. So
// backslashes stand outside of quotes, and a quote within quotes of the other kind.
func quoteTwoPass(s string) string {
	if !strings.ContainsAny(s, `"'\:`) {
		return quoteLiteral(s)
	}
	var b strings.Builder
	var quote byte
	for i := 0; i < len(s); i++ {
		want := quoteFor(s[i])
		if quote != want {
			writeNonZero(&b, quote)
			writeNonZero(&b, want)
			quote = want
		}
		if s[i] == '\\' || s[i] == ':' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	writeNonZero(&b, quote)
	return b.String()
}

// quoteFor returns the kind of quotes in which a byte has to stand, 0 for none.
func quoteFor(c byte) byte {
	switch c {
	case '"':
		return '\''
	case ' ', '\t', '\'':
		return '"'
	}
	return 0
}

func writeNonZero(b *strings.Builder, c byte) {
	if c != 0 {
		b.WriteByte(c)
	}
}

// quoteC writes a word for parsers that decode C escapes.
func quoteC(s string) string {
	var b strings.Builder
	quoted := s == "" || s == ";" || strings.ContainsAny(s, " '")
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
			quoted = true
		case isControl(r):
			fmt.Fprintf(&b, `\u%04x`, r)
			quoted = true
		default:
			b.WriteRune(r)
		}
	}
	if !quoted {
		return s
	}
	return `"` + b.String() + `"`
}

// escapeBytes puts a backslash before each of the given bytes.
func escapeBytes(s, which string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(which, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
