// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// writeComment writes a text as comment lines, wrapped at spaces and where there is
// none in the middle of a word. What follows the first line is indented.
func writeComment(b *strings.Builder, text string) {
	text = Printable(text)
	for indent := ""; ; indent = "  " {
		line, width := text, columns-len(indent)
		if len(line) > width {
			line = text[:wrapAt(text, width)]
		}
		text = strings.TrimLeft(text[len(line):], " ")
		b.WriteString(strings.TrimRight("# "+indent+line, " "))
		b.WriteByte('\n')
		if text == "" {
			return
		}
	}
}

// wrapAt returns where to break a text that is longer than width bytes: at the last
// space, or at the begin of a character.
func wrapAt(text string, width int) int {
	if i := strings.LastIndexByte(text[:width+1], ' '); i > 0 && strings.Trim(text[:i], " ") != "" {
		return i
	}
	for width > 1 && !utf8.RuneStart(text[width]) {
		width--
	}
	return width
}

// Printable replaces everything in a text that a terminal or an editor might act on
// (control characters and with them escape sequences and line breaks, characters that
// change the direction of writing, other invisible ones, and bytes that are no UTF-8)
// by escape sequences to look at: "\n", "\x1b", "\u202e".
func Printable(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, text[0])
		case unicode.IsPrint(r):
			b.WriteString(text[:n])
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		text = text[n:]
	}
	return b.String()
}
