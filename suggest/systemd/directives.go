// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Directive is what is known of a directive of the [Service] section.
type Directive struct {
	// Name is the key: "ProtectSystem".
	Name string
	// Since is the first major version that accepts it; Oldest if an older one did.
	Since int
	// Class says how its value is split and quoted.
	Class Class
	// Default is its value when it is not set; "" if that is nothing, or the
	// manager's to say.
	Default string
	// Feature is the build feature and Kernel the kernel without which systemd
	// accepts the directive and does nothing; zero if it needs none.
	Feature string
	Kernel  KernelVersion
	// Appends is the first version in which a second assignment adds to the first
	// and an empty one resets; 0 if the last assignment holds.
	Appends int

	kind   kind
	values map[string]int // the version in which each word came; 0 with the directive
}

// IsList tells whether in version v assignments add up.
func (d Directive) IsList(v Version) bool { return d.Appends != 0 && v.AtLeast(d.Appends) }

// kind says what a directive's value is made of.
type kind string

const (
	kindBool   kind = "bool"
	kindEnum   kind = "enum"
	kindClosed kind = "closed"
	kindOpen   kind = "open"
	kindCalls  kind = "calls"
	kindFree   kind = "free"
)

// directives holds what data/directives.csv says of values, in order.
var directives = sync.OnceValue(func() []Directive {
	var all []Directive
	for _, row := range tableRows(directivesData, directiveColumns) {
		if row[4] != "" {
			all = append(all, directiveOf(row))
		}
	}
	return all
})

var directiveByName = sync.OnceValue(func() map[string]Directive {
	all := make(map[string]Directive)
	for _, d := range directives() {
		all[d.Name] = d
	}
	return all
})

func directiveOf(row []string) Directive {
	d := Directive{
		Name:    row[0],
		Since:   max(keyOf(row).first, Oldest),
		kind:    kind(row[4]),
		Class:   Class(slices.Index(classNames[:], row[5])),
		Appends: tableNumber(row[6], 0),
		Default: row[7],
		Feature: row[8],
		Kernel:  tableKernel(row[9]),
		values:  make(map[string]int),
	}
	for _, word := range strings.Fields(row[10]) {
		value, since, _ := strings.Cut(word, ":")
		d.values[value] = tableNumber(since, 0)
	}
	return d
}

// LookupDirective returns the directive of that name, and whether the table has it.
func LookupDirective(name string) (Directive, bool) {
	d, ok := directiveByName()[name]
	return d, ok
}

// ClassOf returns the class of a directive's value; ClassPlain if the table does
// not have it.
func ClassOf(name string) Class { return directiveByName()[name].Class }

// IgnoredError says that a target's systemd ignores a line, and why.
type IgnoredError struct {
	Directive, Value string
	Reason           string
}

func (e *IgnoredError) Error() string {
	return fmt.Sprintf("%s=%s: %s", e.Directive, e.Value, e.Reason)
}

// Check tells whether the target accepts the directive with this value and does
// what it says. If not, the error is an *IgnoredError that says why: the key or a
// word of the value is not known, the build feature is missing, or the kernel is too
// old. An unknown kernel is taken to be new enough. Directives that the table does
// not have are checked for their key alone.
func (t Target) Check(directive, value string) error {
	ignored := func(format string, args ...any) error {
		return &IgnoredError{directive, value, fmt.Sprintf(format, args...)}
	}
	if !t.Accepts(directive) {
		return ignored("systemd %s does not know the directive", t.Systemd)
	}
	d, listed := LookupDirective(directive)
	if !listed {
		return nil
	}
	if word, unknown := d.unknownWord(value, t); unknown {
		if d.Class == ClassPathList && !strings.HasPrefix(word, "/") {
			return ignored("%q is no absolute path", word)
		}
		return ignored("systemd %s does not know %q", t.Systemd, word)
	}
	if why := t.lacks(d); why != "" {
		return ignored("%s", why)
	}
	return nil
}

// Ignores is Check for a line that is there already: where it is not known what the target
// was built with, it is not said to ignore the line.
func (t Target) Ignores(directive, value string) error {
	d, _ := LookupDirective(directive)
	return t.assuming(d.Feature).Check(directive, value)
}

// assuming returns the target with a feature of which it is not known whether it has it.
func (t Target) assuming(feature string) Target {
	if _, said := t.Features[feature]; said || feature == "" {
		return t
	}
	with := Features{feature: true}
	maps.Copy(with, t.Features)
	t.Features = with
	return t
}

// lacks says what the target is without that the directive needs; "" if it has all.
func (t Target) lacks(d Directive) string {
	switch {
	case d.Feature != "" && !t.Supports(d.Feature):
		return "that systemd is built without " + d.Feature
	case !d.Kernel.Unknown() && !t.Kernel.Unknown() && !t.Kernel.AtLeast(d.Kernel):
		return fmt.Sprintf("it needs Linux %s, that is %s", d.Kernel, t.Kernel)
	}
	return ""
}

// ValueKnown tells whether the target's parser accepts the directive with this
// value.
func (t Target) ValueKnown(directive, value string) bool {
	d, listed := LookupDirective(directive)
	if !t.Accepts(directive) || !listed {
		return t.Accepts(directive)
	}
	_, unknown := d.unknownWord(value, t)
	return !unknown
}

// Enforces tells whether Check finds nothing: the target accepts the line, and does
// what it says.
func (t Target) Enforces(directive, value string) bool { return t.Check(directive, value) == nil }
