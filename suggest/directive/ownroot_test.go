// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// TestOwnRoot: a unit with another root directory does not see the paths of the host.
func TestOwnRoot(t *testing.T) {
	o := file(trace.OpWrite, "/var/lib/d/x")
	for lines, denied := range map[string]bool{
		"RootDirectory=/srv/r\nReadOnlyPaths=/var/lib":                           false,
		"RootDirectory=/srv/r\nReadOnlyPaths=+/var/lib":                          true,
		"RootImage=/srv/r.img\nReadOnlyPaths=-+/var/lib":                         true,
		"RootDirectory=/\nReadOnlyPaths=/var/lib":                                true,
		"ReadOnlyPaths=/var/lib":                                                 true,
		"RootDirectory=/srv/r\nProtectSystem=strict":                             true,
		"RootDirectory=/srv/r\nProtectSystem=strict\nReadWritePaths=/var/lib/d":  true,
		"RootDirectory=/srv/r\nProtectSystem=strict\nReadWritePaths=+/var/lib/d": false,
	} {
		s := NewModel().Sandbox(settings(lines), target(t, "252"), NewScene(nil))
		if got := len(s.Violations(&o)) > 0; got != denied {
			t.Errorf("%q: denied %v, want %v", lines, got, denied)
		}
	}
}

func TestProposeInOwnRoot(t *testing.T) {
	tr := &trace.Trace{Observations: []trace.Observation{file(trace.OpCreate, "/var/lib/d/a b/x"), file(trace.OpMkdir, "/var/lib/d/a b")},
		Header: trace.Header{Unit: trace.Unit{Settings: settings("RootDirectory=/srv/r")}}}
	for _, level := range []Level{Standard, Strict} {
		e := NewEvidence(tr, target(t, "252"), level, NewModel())
		first := firstAllowed(e, proposeFileSystem(e))
		if got := assignments(first.Settings, "ReadWritePaths"); !slices.Equal(got, []string{"-+/var/lib/d"}) || len(assignments(first.Settings, "BindPaths")) > 0 {
			t.Errorf("level %d: %v", level, first.Settings)
		}
	}
}
