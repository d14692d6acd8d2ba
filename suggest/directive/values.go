// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// assignments returns the values that settings assign to a directive, in order.
func assignments(settings []trace.Setting, name string) []string {
	var values []string
	for _, s := range settings {
		if s.Name == name {
			values = append(values, s.Value)
		}
	}
	return values
}

// last returns the assignment that counts for a directive with one value.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// sinceReset returns the assignments after the last empty one, which resets a list.
func sinceReset(values []string) []string {
	for i := len(values) - 1; i >= 0; i-- {
		if values[i] == "" {
			return values[i+1:]
		}
	}
	return values
}

// effective is what a list of assignments amounts to, for messages.
func effective(values []string) string {
	return strings.Join(sinceReset(values), " ")
}

// isTrue tells whether systemd's parse_boolean() says yes.
func isTrue(value string) bool {
	switch strings.ToLower(value) {
	case "1", "yes", "y", "true", "t", "on":
		return true
	}
	return false
}

// flag reads a directive that is on or off into its rules.
func flag(rules func(t *Unit) []Rule) func([]string, *Unit) []Rule {
	return func(values []string, t *Unit) []Rule {
		if !isTrue(last(values)) {
			return nil
		}
		return rules(t)
	}
}

var yes = []Value{{Value: "yes"}}

// interval is the systemd versions in which something holds; until 0 is open.
type interval struct{ since, until int }

func (i interval) holds(t *Unit) bool {
	return t.Systemd.AtLeast(i.since) && (i.until == 0 || !t.Systemd.AtLeast(i.until+1))
}
