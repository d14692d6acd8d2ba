// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestRunDirectory(t *testing.T) {
	const strict, tunables = "ProtectSystem=strict", "ProtectSystem=strict\nProtectKernelTunables=yes"
	const opened = tunables + "\nReadWritePaths=/run"
	sub, itself := file(trace.OpCreate, "/run/web/pid"), file(trace.OpCreate, "/run/web.pid")
	orders := file(trace.OpCreate, "/run/systemd/web")
	for _, test := range []struct {
		name, version, unit, chosen string
		level                       Level
		did                         []trace.Observation
		want                        string
	}{
		{"mounted by itself", "252", "", tunables, Standard, nil, "ReadOnlyPaths=/run"},
		{"with /", "252", "", strict, Standard, nil, ""},
		{"before it was", "247", "", tunables, Standard, nil, ""},
		{"of what / is not", "252", "", "ProtectSystem=full\nProtectKernelTunables=yes", Standard, nil, ""},
		{"the unit's stays closed", "252", strict, "ProtectKernelTunables=yes", Safe, nil, "ReadOnlyPaths=/run"},
		{"the dynamic user's stays closed", "252", "DynamicUser=yes", "ProtectKernelTunables=yes", Safe, nil, "ReadOnlyPaths=/run"},
		{"the unit's is open", "252", tunables, "ProtectClock=yes", Safe, nil, ""},
		{"and is closed", "252", tunables, "ProtectClock=yes", Standard, nil, "ReadOnlyPaths=/run"},
		{"by the unit", "252", tunables + "\nReadOnlyPaths=/run", "ProtectClock=yes", Standard, nil, ""},
		{"with a place of the unit", "252", tunables, "ProtectClock=yes", Standard, []trace.Observation{sub}, "ReadOnlyPaths=/run ReadWritePaths=-/run/web"},
		{"which is all of it", "252", tunables, "ProtectClock=yes", Standard, []trace.Observation{itself}, ""},
		{"opened as a whole", "252", "", opened, Standard, []trace.Observation{itself}, "ReadOnlyPaths=/run/systemd -/run/udev"},
		{"to those who give orders", "252", "", opened, Standard, []trace.Observation{orders}, ""},
		{"by the unit as a whole", "252", opened, "ProtectClock=yes", Standard, nil, ""},
		{"of another root", "252", "RootDirectory=/srv", tunables, Standard, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := &trace.Trace{Header: trace.Header{Unit: trace.Unit{Settings: settings(test.unit)}}, Observations: test.did}
			e := NewEvidence(tr, target(t, test.version), test.level, NewModel())
			e.Chosen = settings(test.chosen)
			var got []string
			for _, c := range proposeRunDirectory(e) {
				if v := e.Violations(c.Settings, 1); len(v) > 0 {
					t.Errorf("denies %v", v[0].Source)
				}
				for _, s := range c.Settings {
					got = append(got, s.Name+"="+s.Value)
				}
			}
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("%q, want %q", text, test.want)
			}
		})
	}
}
