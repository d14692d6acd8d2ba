// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// jsonVersion is raised when a field changes its meaning or goes away.
const jsonVersion = 1

type jsonProfile struct {
	Version     int             `json:"version"`
	Unit        string          `json:"unit"`
	Target      jsonTarget      `json:"target"`
	Complete    bool            `json:"complete"`
	Exposure    jsonExposure    `json:"exposure"`
	Incomplete  []string        `json:"incomplete,omitempty"`
	Directives  []jsonDirective `json:"directives"`
	Withheld    []jsonWithheld  `json:"withheld"`
	Steps       []suggest.Step  `json:"steps"`
	Unexercised []string        `json:"unexercised,omitempty"`
	// KeepsIdentity says why the user is not changed though that was asked for;
	// Sessions are why nothing is suggested at all.
	KeepsIdentity string               `json:"keeps_identity,omitempty"`
	Sessions      []*trace.Observation `json:"sessions,omitempty"`
}

// jsonExposure are the exposure levels as systemd-analyze security prints them.
type jsonExposure struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

type jsonTarget struct {
	Systemd string `json:"systemd"`
	Kernel  string `json:"kernel,omitempty"`
	Arch    string `json:"arch,omitempty"`
}

type jsonDirective struct {
	Name     string               `json:"name"`
	Value    string               `json:"value"`
	Denies   string               `json:"denies,omitempty"`
	Notes    []string             `json:"notes,omitempty"`
	Evidence []*trace.Observation `json:"evidence"`
	Use      *directive.Use       `json:"use,omitempty"`
}

type jsonWithheld struct {
	Name       string                `json:"name"`
	Value      string                `json:"value"`
	Instead    string                `json:"instead,omitempty"`
	Violations []directive.Violation `json:"violations"`
}

// JSON writes a profile for programs. A directive with several lines appears
// several times, in the order of the drop-in.
func JSON(w io.Writer, p *suggest.Profile) error {
	out := jsonProfile{
		Version: jsonVersion, Unit: p.Unit, Complete: len(p.Incomplete) == 0, Incomplete: p.Incomplete,
		Target:     jsonTarget{p.Target.Systemd.String(), p.Target.Kernel.String(), p.Target.Arch},
		Exposure:   jsonExposure{p.Before.String(), p.After.String()},
		Directives: []jsonDirective{}, Withheld: []jsonWithheld{}, Steps: append([]suggest.Step{}, p.Steps...), Unexercised: p.Unexercised,
		KeepsIdentity: p.KeepsIdentity, Sessions: p.Sessions,
	}
	for _, l := range p.Lines {
		out.Directives = append(out.Directives, jsonDirective{l.Name, l.Value, l.Denies, l.Notes, orEmpty(l.Evidence), l.Use})
	}
	for _, x := range p.Withheld {
		out.Withheld = append(out.Withheld, jsonWithheld{x.Name, x.Value, x.Instead, x.Violations})
	}
	return Encode(w, out)
}

func orEmpty(list []*trace.Observation) []*trace.Observation {
	if list == nil {
		return []*trace.Observation{}
	}
	return list
}

// Violations writes what a check found for programs: what would have been denied, which
// limits are too low, and what it could not judge.
func Violations(w io.Writer, list []directive.Violation, exceeded []directive.Exceeded, unjudged []directive.Unjudged) error {
	if list == nil {
		list = []directive.Violation{}
	}
	return Encode(w, struct {
		Version    int                   `json:"version"`
		Violations []directive.Violation `json:"violations"`
		Exceeded   []directive.Exceeded  `json:"exceeded,omitempty"`
		Unjudged   []directive.Unjudged  `json:"unjudged,omitempty"`
	}{jsonVersion, list, exceeded, unjudged})
}

// Encode writes a value for programs, and so that a terminal shows it as it is: what
// Printable replaces in other texts is escaped.
func Encode(w io.Writer, v any) error {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escape(text.Bytes()))
	return err
}

// escape escapes the characters of JSON beyond ASCII that are not to be seen: C1
// control characters, and those that change the direction of writing.
func escape(text []byte) []byte {
	var b []byte
	for _, r := range string(text) {
		switch {
		case r < 0x7f || unicode.IsPrint(r):
			b = utf8.AppendRune(b, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return b
}
