// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// Unit is the settings of a unit as a target reads them.
type Unit struct {
	systemd.Target
	settings []trace.Setting
	scene    *Scene
	// elevates is set for a unit with a user as commands see it that are started as root.
	elevates bool
}

// Values returns what the unit assigns to a directive, in order.
func (u *Unit) Values(name string) []string { return assignments(u.settings, name) }

// inForce is what the assignments of a directive amount to, for messages.
func (u *Unit) inForce(name string) string {
	if d, known := systemd.LookupDirective(name); known && !d.IsList(u.Systemd) {
		return last(u.Values(name))
	}
	return effective(u.Values(name))
}
