// SPDX-License-Identifier: Apache-2.0

package systemd

import "strings"

// Word is one entry of a directive's value.
type Word struct {
	// Prefix are the special characters before it: "-", "+", "-+" of a path, "~" of
	// each word of an inverted list.
	Prefix string
	// Text is the entry, unquoted, without its prefix and Fields.
	Text string
	// Fields are what followed it: after colons the destination and options of
	// ClassBind, the options of ClassTmpfs, the symbolic link and flags of
	// ClassExecDir; after white space the access of ClassDevice.
	Fields []string
	// Symbolic is set when specifiers ("%t"), or variables of a command line
	// ("$HOME"), remain. Text and Fields then still have every % and $ as they are
	// written; otherwise "%%" has become "%".
	Symbolic bool
}

// Words splits a directive's value as version v does for its class: into words,
// unquoted, escapes decoded. Like systemd it does not check whether a path is
// absolute. Where systemd gives up on the rest of a line, it returns the words
// before and an error.
func Words(value string, class Class, v Version) ([]Word, error) {
	p := wordParser{class: class, version: v, in: extractor{text: value}}
	switch class {
	case ClassPlain, ClassWhole:
		return p.whole(value), nil
	case ClassWordsRaw:
		return p.raw(value), nil
	case ClassDevice:
		return p.device(value)
	case ClassWordsQuoted:
		p.inverted = strings.HasPrefix(value, "~")
		p.in.text = strings.TrimPrefix(value, "~")
	}
	var words []Word
	for {
		w, ok, err := p.next()
		if err != nil || !ok {
			return words, err
		}
		if w.Text != "" || class == ClassExec {
			words = append(words, w)
		}
	}
}

// wordParser splits the value of one directive.
type wordParser struct {
	class    Class
	version  Version
	in       extractor
	inverted bool
}

// next takes the next entry off the value.
func (p *wordParser) next() (Word, bool, error) {
	switch {
	case p.class == ClassBind && !p.version.AtLeast(262):
		return p.bindOnePass()
	case p.class == ClassBind, p.class == ClassExecDir && p.version.AtLeast(250):
		return p.twoPass()
	case p.class == ClassTmpfs:
		return p.tmpfs()
	}
	mode := unquote
	if p.class == ClassExec || p.class == ClassEnvironment {
		mode |= cUnescape
	}
	text, ok, err := p.in.next(whitespace, mode)
	if err != nil || !ok {
		return Word{}, false, err
	}
	return p.word(text), true, nil
}

// bindOnePass reads source:destination:options up to v261, which splits at white
// space and colons at once.
func (p *wordParser) bindOnePass() (Word, bool, error) {
	source, ok, err := p.in.next(whitespace+":", unquote|everySeparator)
	if err != nil || !ok || source == "" && p.in.ended {
		return Word{}, false, err
	}
	parts := []string{source}
	for _, separators := range []string{whitespace + ":", whitespace} {
		if p.in.separator != ':' {
			break
		}
		mode := unquote
		if separators != whitespace {
			mode |= everySeparator
		}
		part, ok, err := p.in.next(separators, mode)
		if err != nil {
			return Word{}, false, err
		}
		if !ok {
			break
		}
		parts = append(parts, part)
	}
	return p.word(parts...), true, nil
}

// twoPass reads entries with colons as newer versions do: the first pass splits at
// white space and keeps backslashes, the second one splits at colons and decodes
// them.
func (p *wordParser) twoPass() (Word, bool, error) {
	entry, ok, err := p.in.next(whitespace, unquote|retainEscape)
	if err != nil || !ok {
		return Word{}, false, err
	}
	mode := cUnescape | unescapeSeparators
	if p.version.AtLeast(257) { // NAME::ro
		mode |= everySeparator
	}
	second := extractor{text: entry}
	var parts []string
	for {
		part, ok, err := second.next(":", mode)
		if err != nil {
			return Word{}, true, nil // the entry is ignored, the others are not
		}
		if !ok {
			return p.word(parts...), true, nil
		}
		parts = append(parts, part)
	}
}

// tmpfs reads path:options, decoding backslashes of the path for a second time.
func (p *wordParser) tmpfs() (Word, bool, error) {
	entry, ok, err := p.in.next(whitespace, unquote)
	if err != nil || !ok {
		return Word{}, false, err
	}
	second := extractor{text: entry}
	path, _, err := second.next(":", everySeparator)
	switch {
	case err != nil:
		return Word{}, true, nil // the entry is ignored, the others are not
	case second.ended:
		return p.word(path), true, nil
	}
	return p.word(path, second.rest()), true, nil
}

// whole takes the value as it is.
func (p *wordParser) whole(value string) []Word {
	if value == "" {
		return nil
	}
	return []Word{p.word(value)}
}

// raw splits a value that knows no quotes.
func (p *wordParser) raw(value string) []Word {
	p.inverted = strings.HasPrefix(value, "~")
	var words []Word
	for _, f := range strings.FieldsFunc(strings.TrimPrefix(value, "~"), isWhitespace) {
		words = append(words, p.word(f))
	}
	return words
}

// device reads "path access". Up to v238 the path ends at the first white space and
// cannot be quoted.
func (p *wordParser) device(value string) ([]Word, error) {
	path, access := value, ""
	if p.version.AtLeast(239) {
		word, ok, err := p.in.next(whitespace, unquote)
		if err != nil || !ok {
			return nil, err
		}
		path, access = word, p.in.rest()
	} else if i := strings.IndexAny(value, whitespace); i >= 0 {
		path, access = value[:i], strings.Trim(value[i:], whitespace)
	}
	switch {
	case path == "":
		return nil, nil
	case access == "":
		return []Word{p.word(path)}, nil
	}
	return []Word{p.word(path, access)}, nil
}

func isWhitespace(r rune) bool { return strings.ContainsRune(whitespace, r) }

// word makes the entry of the parts it was split into.
func (p *wordParser) word(parts ...string) Word {
	if len(parts) == 0 {
		return Word{}
	}
	var w Word
	w.Prefix, w.Text = p.splitPrefix(parts[0])
	w.Fields = append(w.Fields, parts[1:]...)
	return expandPercent(w, p.class, p.version)
}

// splitPrefix takes the prefix off a word.
func (p *wordParser) splitPrefix(s string) (prefix, rest string) {
	allowed := ""
	switch {
	case p.inverted:
		return "~", s
	case p.class == ClassPathList && p.version.AtLeast(233):
		allowed = "-+"
	case p.class == ClassPathList, p.class == ClassBind, p.class == ClassWhole:
		allowed = "-"
	}
	rest = s
	for _, c := range allowed {
		if cut, ok := strings.CutPrefix(rest, string(c)); ok {
			prefix, rest = prefix+string(c), cut
		}
	}
	return prefix, rest
}
