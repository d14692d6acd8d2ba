// SPDX-License-Identifier: Apache-2.0

package suggest

import "github.com/sbxprof/sbxprof/trace"

// Step is something that only the administrator can do, before or together with
// installing the profile.
type Step struct {
	// Text says what to do, Why what would go wrong otherwise.
	Text string `json:"text"`
	Why  string `json:"why"`
	// File and Line are the place to edit, Old is the line as it was recorded and New
	// what it becomes, both without the white space around them; File is "" for a
	// step that is no edit.
	File trace.Path `json:"file,omitempty"`
	Line int        `json:"line,omitempty"`
	Old  string     `json:"old,omitempty"`
	New  string     `json:"new,omitempty"`
}
