// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

func TestOutsideLines(t *testing.T) {
	helpers := []string{"ExecCondition", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost"}
	for _, test := range []struct {
		name, version, unit string
		want                []string
	}{
		{"none", "252", "ExecStart=/bin/a\nExecReload=/bin/b", nil},
		{"one", "252", "ExecStart=/bin/a\nExecReload=+/bin/b", []string{"ExecReload"}},
		{"one of two commands", "252", "ExecStartPre=+/bin/a\nExecStartPre=/bin/b", nil},
		{"a name with a plus", "230", "ExecReload=+/bin/b", nil},
		{"only the start is inside", "252", "ExecStart=/bin/a\nPermissionsStartOnly=yes", helpers},
		{"so it was long ago", "229", "ExecStart=/bin/a\nPermissionsStartOnly=yes", helpers},
		{"all are inside", "252", "ExecReload=/bin/b\nPermissionsStartOnly=no", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := newUnit(settings(test.unit), target(t, test.version), nil).outside()
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestElevatedLines: "!" leaves it to the command to become the unit's user, and nothing else.
func TestElevatedLines(t *testing.T) {
	setuid, reload := capability("CAP_SETUID", "setuid"), capability("CAP_SETUID", "setuid")
	reload.Actor.Line = "ExecReload"
	for _, test := range []struct {
		name, version, unit string
		o                   trace.Observation
		want                trace.Outcome
	}{
		{"a user", "252", "User=daemon\nExecStart=/bin/a", setuid, eperm},
		{"who it becomes", "252", "User=daemon\nExecStart=!/bin/a", setuid, allowed},
		{"that fails without harm", "252", "User=daemon\nExecStart=-!/bin/a", setuid, allowed},
		{"for old kernels", "252", "User=daemon\nExecStart=!!/bin/a", setuid, eperm},
		{"a name with an exclamation mark", "234", "User=daemon\nExecStart=!/bin/a", setuid, eperm},
		{"another line", "252", "User=daemon\nExecStart=!/bin/a\nExecReload=/bin/b", reload, eperm},
		{"one of two commands", "252", "User=daemon\nExecReload=!/bin/a\nExecReload=/bin/b", reload, eperm},
		{"the rest of the sandbox", "252", "User=daemon\nExecStart=!/bin/a\nCapabilityBoundingSet=~CAP_SETUID", setuid, eperm},
	} {
		got := allowed
		for _, v := range NewModel().Sandbox(settings(test.unit), target(t, test.version), NewScene(nil)).Violations(&test.o) {
			got = v.Outcome
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
