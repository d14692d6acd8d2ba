// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// Profile is the suggested directives, with the evidence for each, and for the
// absence of others.
type Profile struct {
	// Unit is the unit's full name; "" when a command was recorded without one.
	Unit   string
	Target systemd.Target
	Level  directive.Level
	// Incomplete are the reasons why the trace may not hold everything that the
	// unit does; none means that it is complete.
	Incomplete []string
	// Observations is how many observations were asked.
	Observations int

	// Before and After are the exposure levels of the unit without and with the
	// profile, as the target's `systemd-analyze security` counts.
	Before, After systemd.Exposure

	// Lines are the lines of the drop-in, in order.
	Lines []Line
	// Sessions are observations that tell that the unit opens sessions for users.
	// Everything in a session would inherit the sandbox, so that there are no lines
	// then.
	Sessions []*trace.Observation
	// Withheld are values that would have denied something.
	Withheld []Withheld
	// Unexercised are what the training run did not show, in words.
	Unexercised []string
	// Steps are what is left for the administrator, with a change of identity.
	Steps []Step
	// KeepsIdentity says why a change of identity was asked for and not made.
	KeepsIdentity string
	// Identities are the users that the service ran as.
	Identities []Identity
}

// Line is one line of the drop-in.
type Line struct {
	trace.Setting
	// Denies says what the directive takes away; "" for lines that only open what
	// another one closes.
	Denies string
	// Evidence are the observations that made the value what it is; none when the
	// value is there because nothing was observed that it denies.
	Evidence []*trace.Observation
	// Use is what a limit leaves room above; nil if it is none.
	Use *directive.Use
	// Notes are what a reader should know of it.
	Notes []string
}

// Withheld is a value that was not suggested.
type Withheld struct {
	trace.Setting
	// Violations are observations that it would have denied, the first few.
	Violations []directive.Violation
	// Instead is the weaker value that was suggested; "" for none.
	Instead string
}

// Identity is a user and group that the service's processes had.
type Identity struct {
	UID, GID uint32
	// User and Group are their names on the recorded system; "" if unknown.
	User, Group string
}

// Settings returns the lines of the profile as settings.
func (p *Profile) Settings() []trace.Setting {
	list := make([]trace.Setting, len(p.Lines))
	for i, l := range p.Lines {
		list[i] = l.Setting
	}
	return list
}
