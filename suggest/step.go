// SPDX-License-Identifier: Apache-2.0

package suggest

import "github.com/sbxprof/sbxprof/trace"

// Step is something that only the administrator can do, before or together with
// installing the profile. It is an edit of a line, a change of permissions, a user that
// is to be made, or something that only people can do.
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
	// Permissions is a change of who may use a file; nil for none.
	Permissions *Permissions `json:"permissions,omitempty"`
	// User is the name of a system user that is to be made, with a group of that name.
	User string `json:"user,omitempty"`
	// Commands are what the step is by hand, and Undo what takes it back, each quoted
	// for a shell; an edit is by hand what Old and New say, and for what only people
	// can do there are none of either.
	Commands []string `json:"commands,omitempty"`
	Undo     []string `json:"undo,omitempty"`
}

// Permissions is a change of one file or directory.
type Permissions struct {
	Path trace.Path `json:"path"`
	// Before is whose it was when it was recorded.
	Before trace.Owner `json:"before"`
	// Owner and Group are the names of the new ones; "" stays as it is.
	Owner string `json:"owner,omitempty"`
	Group string `json:"group,omitempty"`
	// Add are bits that the mode gets.
	Add uint32 `json:"add,omitempty"`
	// Entry is one that the access control list gets, as setfacl --modify takes it.
	Entry string `json:"entry,omitempty"`
}
