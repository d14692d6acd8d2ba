// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// AsRead returns the settings of a unit's [Service] section as the target has them once
// it has read them: under the names that directives have now, without the assignments
// that it ignores as a whole, so that what was said before goes on to hold, and without
// those that do nothing there. Booleans are "yes" and "no", and the specifiers are
// replaced that the unit's name tells, or that are the same everywhere.
func AsRead(settings []trace.Setting, t Target, unit string) []trace.Setting {
	read := make([]trace.Setting, 0, len(settings))
	for _, s := range settings {
		if !t.Accepts(s.Name) {
			continue
		}
		s.Name = CurrentName(s.Name)
		d, listed := LookupDirective(s.Name)
		switch {
		case !listed:
		case t.assuming(d.Feature).lacks(d) != "":
			continue
		case d.kind == kindBool || d.kind == kindEnum || d.kind == kindFree && d.Class == ClassPlain:
			if _, unknown := d.unknownWord(s.Value, t); unknown {
				continue
			}
			if d.kind != kindFree {
				s.Value = oneWord(s.Value)
			}
		case d.Class == ClassWordsQuoted:
			s.Value = d.spelt(unquoted(s.Value, t.Systemd))
		case hasSpecifiers(d.Class, t.Systemd) && d.Class != ClassExec && d.Class != ClassEnvironment:
			s.Value = expand(s.Value, unit)
		}
		read = append(read, s)
		if s.Value == "" { // an empty assignment of one of the two resets both
			switch s.Name {
			case "BindPaths":
				read = append(read, trace.Setting{Name: "BindReadOnlyPaths"})
			case "BindReadOnlyPaths":
				read = append(read, trace.Setting{Name: "BindPaths"})
			}
		}
	}
	return read
}

// oneWord writes a boolean as "yes" or "no"; other values stay.
func oneWord(value string) string {
	on, boolean := ParseBool(value)
	switch {
	case !boolean:
		return value
	case on:
		return "yes"
	}
	return "no"
}

// unquoted writes the words of a list without the quotes that none of them needs.
func unquoted(value string, v Version) string {
	if !strings.ContainsAny(value, `"'\`) {
		return value
	}
	words, _ := Words(value, ClassWordsQuoted, v) // what comes after an error is ignored
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	list := strings.Join(texts, " ")
	if strings.HasPrefix(value, "~") {
		return "~" + list
	}
	return list
}

// spelt writes the words of a list of which each is one of the table as the table has them.
func (d Directive) spelt(value string) string {
	if d.kind != kindClosed {
		return value
	}
	list, inverted := strings.CutPrefix(value, "~")
	words := strings.Fields(list)
	for i, w := range words {
		if d.lists(w) {
			words[i] = d.spelling(w)
		}
	}
	if inverted {
		return "~" + strings.Join(words, " ")
	}
	return strings.Join(words, " ")
}

// places are the specifiers that the system's manager has the same everywhere.
var places = map[byte]string{
	't': "/run", 'S': "/var/lib", 'C': "/var/cache", 'L': "/var/log", 'E': "/etc", 'T': "/tmp", 'V': "/var/tmp",
}

// expand replaces specifiers in a value. Those that something else tells stay, and with
// them those whose text would have to be quoted.
func expand(value, unit string) string {
	if !strings.Contains(value, "%") {
		return value
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] != '%' || i+1 == len(value) {
			b.WriteByte(value[i])
			continue
		}
		text, known := places[value[i+1]]
		if !known {
			text, known = ofName(value[i+1], unit)
		}
		if !known || strings.ContainsAny(text, whitespace+`"'\%:`) {
			text = value[i : i+2]
		}
		b.WriteString(text)
		i++
	}
	return b.String()
}

// ofName returns what a specifier takes from a unit's name, PREFIX@INSTANCE.service.
func ofName(specifier byte, unit string) (string, bool) {
	name := unit[:max(strings.LastIndexByte(unit, '.'), 0)]
	prefix, instance, _ := strings.Cut(name, "@")
	last := prefix[strings.LastIndexByte(prefix, '-')+1:]
	text := ""
	switch specifier {
	case 'n':
		text = unit
	case 'N':
		text = name
	case 'p':
		text = prefix
	case 'P':
		text = unescapeName(prefix)
	case 'i':
		text = instance
	case 'I':
		text = unescapeName(instance)
	case 'j':
		text = last
	case 'J':
		text = unescapeName(last)
	default:
		return "", false
	}
	return text, name != ""
}

// unescapeName undoes what systemd-escape(1) does.
func unescapeName(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		switch {
		case name[i] == '-':
			b.WriteByte('/')
		case strings.HasPrefix(name[i:], `\x`):
			decoded, n, ok := decodeEscape(name[i+1:])
			if !ok {
				return name
			}
			b.WriteString(decoded)
			i += n
		default:
			b.WriteByte(name[i])
		}
	}
	return b.String()
}
