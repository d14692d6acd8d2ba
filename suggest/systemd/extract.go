// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"errors"
	"strings"
)

// whitespace is what systemd strips and splits at.
const whitespace = " \t\n\r"

// extractMode says how an extractor treats quotes, backslashes and separators: the
// flags of systemd's extract_first_word().
type extractMode uint

const (
	// unquote removes single and double quotes, in the middle of a word too.
	unquote extractMode = 1 << iota
	// cUnescape decodes C escapes; without it a backslash makes any next character
	// literal. A sequence that is none is an error, unless relaxed.
	cUnescape
	relaxed
	// unescapeSeparators takes a separator after a backslash literally.
	unescapeSeparators
	// retainEscape leaves backslashes alone.
	retainEscape
	// everySeparator ends a word at each separator instead of at a run of them.
	everySeparator
)

var (
	errQuote  = errors.New("a quote is not closed")
	errEscape = errors.New("a backslash begins no escape sequence")
)

// extractor takes words off a text.
type extractor struct {
	text string
	pos  int
	// ended is set when the last word was ended by the end of the text.
	ended bool
	// separator is what ended the last word, 0 at the end of the text.
	separator byte
}

// rest returns what has not been taken yet.
func (x *extractor) rest() string { return x.text[x.pos:] }

// next takes the next word; ok is false if there is none.
func (x *extractor) next(separators string, mode extractMode) (word string, ok bool, err error) {
	if x.ended {
		return "", false, nil
	}
	if mode&everySeparator == 0 {
		x.skip(separators)
		if x.pos == len(x.text) {
			x.ended = true
			return "", false, nil
		}
	}
	var b strings.Builder
	var quote byte
	for x.pos < len(x.text) {
		c := x.text[x.pos]
		x.pos++
		switch {
		case c == '\\' && mode&retainEscape == 0:
			if err := x.unescape(&b, separators, mode); err != nil {
				return "", false, err
			}
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && mode&unquote != 0 && (c == '"' || c == '\''):
			quote = c
		case quote == 0 && strings.IndexByte(separators, c) >= 0:
			x.endAt(c, separators, mode)
			return b.String(), true, nil
		default:
			b.WriteByte(c)
		}
	}
	x.ended, x.separator = true, 0
	if quote != 0 {
		return "", false, errQuote
	}
	return b.String(), true, nil
}

func (x *extractor) skip(separators string) {
	x.pos = len(x.text) - len(strings.TrimLeft(x.rest(), separators))
}

// endAt ends a word at the separator c, which has been taken.
func (x *extractor) endAt(c byte, separators string, mode extractMode) {
	x.separator = c
	if mode&everySeparator == 0 {
		x.skip(separators)
		x.ended = x.pos == len(x.text)
	}
}

// unescape appends what the escape sequence stands for whose backslash has been
// taken.
func (x *extractor) unescape(b *strings.Builder, separators string, mode extractMode) error {
	rest := x.rest()
	if rest == "" {
		if mode&relaxed == 0 {
			return errEscape
		}
		b.WriteByte('\\')
		return nil
	}
	if mode&cUnescape != 0 {
		if decoded, n, ok := decodeEscape(rest); ok {
			b.WriteString(decoded)
			x.pos += n
			return nil
		}
	}
	separator := mode&unescapeSeparators != 0 && strings.IndexByte(separators+`\`, rest[0]) >= 0
	switch {
	case mode&(cUnescape|unescapeSeparators) == 0, separator:
	case mode&relaxed != 0:
		b.WriteByte('\\')
	default:
		return errEscape
	}
	b.WriteByte(rest[0])
	x.pos++
	return nil
}
