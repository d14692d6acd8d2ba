// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// Step is something that only the administrator can do, before or together with
// installing the profile.
type Step struct {
	// Text says what to do, Why what would go wrong otherwise.
	Text string `json:"text"`
	Why  string `json:"why"`
	// File and Line are the place to edit, and New what the line becomes; File is
	// "" for a step that is no edit.
	File trace.Path `json:"file,omitempty"`
	Line int        `json:"line,omitempty"`
	Old  string     `json:"old,omitempty"`
	New  string     `json:"new,omitempty"`
}

// moves are the paths that have to be somewhere else, old to new.
type moves map[trace.Path]trace.Path

// edits returns the lines of the files that the unit reads, and of the unit, which
// name a path that moves.
func (m moves) edits(h *trace.Header) []Step {
	var steps []Step
	for _, mention := range h.Mentions {
		to, ok := m[mention.Path]
		if !ok {
			continue
		}
		as := mention.As
		if as == "" {
			as = string(mention.Path)
		}
		steps = append(steps, Step{
			Text: fmt.Sprintf("in %s:%d, name %s instead of %s", mention.File, mention.Line, to, as),
			Why:  fmt.Sprintf("%s is not the service's to write", path.Dir(string(mention.Path))),
			File: mention.File, Line: mention.Line, Old: mention.Text, New: strings.ReplaceAll(mention.Text, as, string(to)),
		})
	}
	return steps
}

// unmentioned returns the moves that no known line would bring about.
func (m moves) unmentioned(h *trace.Header) []Step {
	var steps []Step
	for _, from := range slices.Sorted(maps.Keys(m)) {
		if mentioned(h, from) {
			continue
		}
		steps = append(steps, Step{
			Text: fmt.Sprintf("configure the service to use %s instead of %s", m[from], from),
			Why:  fmt.Sprintf("%s is not the service's to write", path.Dir(string(from))),
		})
	}
	return steps
}

func mentioned(h *trace.Header, p trace.Path) bool {
	for _, mention := range h.Mentions {
		if mention.Path == p {
			return true
		}
	}
	return false
}

// unitLines returns the settings of the unit that name a path which moves, as they
// are to be from then on.
func (m moves) unitLines(h *trace.Header) []trace.Setting {
	var lines []trace.Setting
	for _, s := range h.Unit.Settings {
		value := s.Value
		for from, to := range m {
			value = strings.ReplaceAll(value, string(from), string(to))
		}
		if value == s.Value {
			continue
		}
		if strings.HasPrefix(s.Name, "Exec") { // Exec lines add up
			lines = append(lines, trace.Setting{Name: s.Name})
		}
		lines = append(lines, trace.Setting{Name: s.Name, Value: value})
	}
	return lines
}
