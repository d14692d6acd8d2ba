// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// simpleEscapes are the C escapes of one character, as systemd's cunescape_one()
// knows them; `\s` is a space.
const (
	simpleEscapes = `abfnrtvs\"'`
	simpleDecoded = "\a\b\f\n\r\t\v \\\"'"
)

// decodeEscape decodes the C escape sequence that begins after a backslash. It
// returns what it stands for and how many bytes it takes. \xHH and \OOO are bytes,
// \uHHHH and \UHHHHHHHH characters; none may be NUL.
func decodeEscape(s string) (decoded string, n int, ok bool) {
	if i := strings.IndexByte(simpleEscapes, s[0]); i >= 0 {
		return simpleDecoded[i : i+1], 1, true
	}
	switch c := s[0]; {
	case c == 'x':
		return decodeByte(s, 1, 3, 16)
	case c == 'u':
		return decodeRune(s, 5)
	case c == 'U':
		return decodeRune(s, 9)
	case '0' <= c && c <= '7':
		return decodeByte(s, 0, 3, 8)
	}
	return "", 0, false
}

func decodeByte(s string, from, to, base int) (string, int, bool) {
	if len(s) < to {
		return "", 0, false
	}
	v, err := strconv.ParseUint(s[from:to], base, 8)
	return string([]byte{byte(v)}), to, err == nil && v != 0
}

func decodeRune(s string, to int) (string, int, bool) {
	if len(s) < to {
		return "", 0, false
	}
	v, err := strconv.ParseUint(s[1:to], 16, 32)
	if err != nil || v == 0 || !utf8.ValidRune(rune(v)) {
		return "", 0, false
	}
	return string(rune(v)), to, true
}
