// SPDX-License-Identifier: Apache-2.0

package systemd

import "strings"

// hasSpecifiers tells whether version v expands "%" in values of the class.
func hasSpecifiers(class Class, v Version) bool {
	switch class {
	case ClassPathList:
		return v.AtLeast(233)
	case ClassDevice:
		return v.AtLeast(230)
	case ClassPlain, ClassWordsQuoted, ClassWordsRaw:
		return false
	}
	return true
}

// expandPercent decodes "%%", and "$$" of a command line, unless the word has
// specifiers or variables.
func expandPercent(w Word, class Class, v Version) Word {
	if !hasSpecifiers(class, v) {
		return w
	}
	text, symbolic := undouble(w.Text, '%', isAlnum)
	if class == ClassExec && !symbolic {
		text, symbolic = undouble(text, '$', startsVariable)
	}
	fields := make([]string, len(w.Fields))
	for i, f := range w.Fields {
		var s bool
		fields[i], s = undouble(f, '%', isAlnum)
		symbolic = symbolic || s
	}
	if symbolic {
		w.Symbolic = true
		return w
	}
	w.Text = text
	if len(fields) > 0 {
		w.Fields = fields
	}
	return w
}

// undouble replaces two marks by one and leaves a single one alone. It tells whether
// one of these stands for something: whether special holds for the byte after it.
func undouble(s string, mark byte, special func(byte) bool) (string, bool) {
	if strings.IndexByte(s, mark) < 0 {
		return s, false
	}
	var b strings.Builder
	symbolic := false
	for i := 0; i < len(s); i++ {
		b.WriteByte(s[i])
		if s[i] != mark || i+1 == len(s) {
			continue
		}
		if s[i+1] == mark {
			i++
		} else if special(s[i+1]) {
			symbolic = true
		}
	}
	return b.String(), symbolic
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func startsVariable(c byte) bool { return c == '{' || c == '_' || isAlnum(c) }
