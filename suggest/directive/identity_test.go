// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// Users and groups may be said by name or by number; a group is joined whether or not a
// user has its name.
func TestPersons(t *testing.T) {
	scene := NewScene(nil).With(trace.Unit{Users: map[uint32]string{0: "root", 33: "www-data"},
		Groups: map[uint32]string{0: "root", 33: "www-data", 42: "shadow"}})
	o := file(trace.OpRead, "/etc/shadow")
	o.File.Owner, o.File.Parent = &trace.Owner{GID: 42, Mode: 0o640}, &trace.Owner{Mode: 0o755}
	for _, test := range []struct {
		unit string
		want trace.Outcome
	}{
		{"User=www-data", eacces},
		{"User=33", eacces},
		{"User=33\nGroup=shadow", allowed},
		{"User=33\nGroup=42", allowed},
		{"User=www-data\nSupplementaryGroups=shadow", allowed},
		{"User=www-data\nSupplementaryGroups=33", eacces},
		{"User=nobody", allowed}, // a user that the trace does not know
	} {
		got := allowed
		for _, v := range NewModel().Sandbox(settings(test.unit), target(t, "252"), scene).Violations(&o) {
			got = v.Outcome
		}
		if got != test.want {
			t.Errorf("%q: %q, want %q", test.unit, got, test.want)
		}
	}
}

// Up to v245 a unit with ambient capabilities beyond its bounding set does not start.
func TestAmbientStaysInTheBoundingSet(t *testing.T) {
	for version, want := range map[string]string{"245": "CAP_KILL", "252": ""} {
		e := evidenceFor(t, version, "User=daemon\nAmbientCapabilities=CAP_KILL", file(trace.OpExecute, "/usr/sbin/daemon"))
		settings := proposeCapabilities(e)[0].Settings
		if got := settings[len(settings)-1].Value; got != want {
			t.Errorf("systemd %s: CapabilityBoundingSet=%s, want %s", version, got, want)
		}
	}
}
