// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

// madeBy is a directory that an actor makes in one of root's.
func madeBy(uid uint32, name string) trace.Observation {
	o := dirs(trace.OpMkdir, name)
	o.Actor.UID = uid
	o.File.Owner, o.File.Parent = &trace.Owner{UID: uid, GID: uid, Mode: 0o755}, &trace.Owner{Mode: 0o755}
	return o
}

// writtenIn is a file that is made in somebody's directory.
func writtenIn(uid uint32, name string) trace.Observation {
	return inDirectoryOf(trace.Owner{UID: uid, GID: uid, Mode: 0o755}, file(trace.OpCreate, name))
}

// TestOpened has what is opened for what was written to.
func TestOpened(t *testing.T) {
	const user = "User=app\n"
	for _, test := range []struct {
		name, unit string
		o          []trace.Observation
		want       string
	}{
		// /var/run is a link.
		{"made by its old name", "", []trace.Observation{asGiven("/var/run/daemon", madeBy(0, "/run/daemon")), asGiven("/var/run/daemon/x", writtenIn(0, "/run/daemon/x"))},
			"RuntimeDirectory=daemon"},
		{"another's by its old name", "", []trace.Observation{asGiven("/var/run/other/x", writtenIn(0, "/run/other/x"))}, "ReadWritePaths=-/run/other"},
		{"opened by its old name", "ProtectSystem=strict\nReadWritePaths=/var/run/other /var/lock", []trace.Observation{
			asGiven("/var/run/other/x", writtenIn(0, "/run/other/x")), writtenIn(0, "/run/lock/x")}, ""},
		{"no old name", "ReadWritePaths=/var/running", []trace.Observation{writtenIn(0, "/run/ning/x")}, "ReadWritePaths=-/run/ning"},

		// Several names of one sort, and names in names.
		{"two names", user, []trace.Observation{writtenIn(7, "/var/lib/app/x"), writtenIn(7, "/var/lib/app-data/x")}, "StateDirectory=app\nStateDirectory=app-data"},
		{"besides the unit's own", user + "StateDirectory=app", []trace.Observation{writtenIn(7, "/var/lib/app/x"), writtenIn(7, "/var/lib/app-data/x")}, "StateDirectory=app-data"},
		{"two modes", user + "StateDirectory=app\nStateDirectoryMode=0700", []trace.Observation{writtenIn(7, "/var/lib/app-data/x")}, "ReadWritePaths=-/var/lib/app-data"},
		{"of several sorts", user, []trace.Observation{writtenIn(7, "/var/lib/app/x"), writtenIn(7, "/var/log/app/x")}, "StateDirectory=app\nLogsDirectory=app"},
		{"a name in root's", user, []trace.Observation{writtenIn(7, "/var/lib/vendor/app/x"), writtenIn(7, "/var/lib/vendor/app/y/z")}, "StateDirectory=vendor/app"},
		{"two names in root's", user, []trace.Observation{writtenIn(7, "/var/lib/vendor/app/x"), writtenIn(7, "/var/lib/vendor/other/x")},
			"StateDirectory=vendor/app\nStateDirectory=vendor/other"},
		{"a name in the unit's own", user, []trace.Observation{writtenIn(7, "/var/lib/app/x"), writtenIn(7, "/var/lib/app/y/z")}, "StateDirectory=app"},
		{"root's own name in root's", user, []trace.Observation{writtenIn(7, "/var/lib/vendor/app/x"), writtenIn(0, "/var/lib/vendor/x")}, "ReadWritePaths=-/var/lib/vendor"},
		{"of another user in root's", user, []trace.Observation{writtenIn(8, "/var/lib/vendor/app/x")}, "ReadWritePaths=-/var/lib/vendor"},
		{"of a user of many in root's", "User=www-data\n", []trace.Observation{writtenIn(33, "/var/lib/vendor/app/x")}, "ReadWritePaths=-/var/lib/vendor"},

		// What may be missing at a start.
		{"made at run time", "", []trace.Observation{madeBy(0, "/data/made"), writtenIn(0, "/data/made/x")}, "ReadWritePaths=-/data"},
		{"in memory", "", []trace.Observation{writtenIn(0, "/run/other/x")}, "ReadWritePaths=-/run/other"},
		{"of a package", "", []trace.Observation{writtenIn(0, "/var/lib/other/x")}, "ReadWritePaths=-/var/lib/other"},
		{"a file", "", []trace.Observation{file(trace.OpWrite, "/etc/other.conf")}, "ReadWritePaths=-/etc/other.conf"},
		{"the system's", "", []trace.Observation{writtenIn(0, "/run/x.pid")}, "ReadWritePaths=/run"},
		{"the system's, below /var", "", []trace.Observation{writtenIn(0, "/var/log/x.log")}, "ReadWritePaths=/var/log"},
		{"in a root of its own", "RootDirectory=/srv/root", []trace.Observation{writtenIn(0, "/run/x.pid")}, "ReadWritePaths=-+/run"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := evidenceFor(t, "257", test.unit, test.o...)
			e.AllowList = false
			e.Trace.Header.Unit.Users, e.Trace.Header.Unit.Groups = map[uint32]string{7: "app", 33: "www-data"}, map[uint32]string{7: "app"}
			var got []string
			for _, s := range firstThatDeniesNothing(e) {
				if s.Name != "ProtectSystem" {
					got = append(got, s.Name+"="+s.Value)
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}
