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

// specifierDirs are the directories that specifiers stand for in the units of the
// system manager.
var specifierDirs = map[byte]string{
	't': "/run", 'S': "/var/lib", 'C': "/var/cache", 'L': "/var/log", 'E': "/etc",
	'T': "/tmp", 'V': "/var/tmp", 'h': "/root",
}

// ExpandSpecifiers replaces the specifiers of a symbolic word in a unit of the system
// manager. It knows the directories ("%t", "%S", "%C", "%L", "%E", "%T", "%V", "%h")
// and what follows from the unit's full name ("%n", "%N", "%p", "%i"); it is false if
// another one occurs.
func ExpandSpecifiers(text, unit string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '%' || i+1 == len(text) || text[i+1] != '%' && !isAlnum(text[i+1]) {
			b.WriteByte(text[i])
			continue
		}
		i++
		value, ok := specifier(text[i], unit)
		if !ok {
			return "", false
		}
		b.WriteString(value)
	}
	return b.String(), true
}

func specifier(c byte, unit string) (string, bool) {
	if dir, ok := specifierDirs[c]; ok {
		return dir, true
	}
	if c == '%' {
		return "%", true
	}
	if unit == "" {
		return "", false
	}
	name := unit
	if dot := strings.LastIndexByte(unit, '.'); dot >= 0 {
		name = unit[:dot]
	}
	prefix, instance, _ := strings.Cut(name, "@")
	switch c {
	case 'n':
		return unit, true
	case 'N':
		return name, true
	case 'p':
		return prefix, true
	case 'i':
		return instance, true
	}
	return "", false
}
