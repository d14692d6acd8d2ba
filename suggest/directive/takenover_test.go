// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// TestTakenOver: what systemd gives to root is not others' any more.
func TestTakenOver(t *testing.T) {
	const theirs, roots = 33, 0
	in := func(op trace.FileOp, path string, owner, parent trace.Owner) trace.Observation {
		o := file(op, path)
		o.Actor.UID, o.Actor.GID = theirs, theirs
		o.File.Owner, o.File.Parent = &owner, &parent
		return o
	}
	dir := trace.Owner{UID: theirs, GID: theirs, Mode: 0o755}
	shared := trace.Owner{UID: roots, GID: roots, Mode: 0o1777}
	plain := trace.Owner{UID: theirs, GID: theirs, Mode: 0o640}
	listed := plain
	listed.Mode, listed.ACL = 0o660, "user::rw-,user:33:rw-,group::r--,mask::rw-,other::---"
	create := in(trace.OpCreate, "/var/log/web/x", plain, dir)
	chown := ok(trace.Observation{Kind: trace.KindFile, File: &trace.File{Op: trace.OpChown, Path: "/var/log/web", Type: trace.TypeDirectory, Owner: &dir}})
	made := ok(trace.Observation{Kind: trace.KindFile, File: &trace.File{Op: trace.OpMkdir, Path: "/var/log/web", Type: trace.TypeDirectory, Owner: &dir}})
	byRoot := create
	byRoot.Actor.UID = 0
	for _, test := range []struct {
		name, version, unit string
		o                   trace.Observation
		before              []trace.Observation
		want                trace.Outcome
	}{
		{"nothing can be made there", "252", "LogsDirectory=web", create, nil, eacces},
		{"nor was it long ago", "234", "LogsDirectory=web", create, nil, allowed},
		{"but by root", "252", "LogsDirectory=web", byRoot, nil, allowed},
		{"or by the unit's user", "252", "User=web\nLogsDirectory=web", create, nil, allowed},
		{"or who becomes it", "252", "User=web\nExecStart=!/bin/web\nLogsDirectory=web", create, nil, allowed},
		{"or next to it", "252", "LogsDirectory=other", create, nil, allowed},
		{"what is there is root's", "252", "LogsDirectory=web", in(trace.OpWrite, "/var/log/web/old", plain, dir), nil, eacces},
		{"and readable to all, if it was", "252", "LogsDirectory=web", in(trace.OpRead, "/var/log/web/old", trace.Owner{UID: theirs, GID: theirs, Mode: 0o644}, dir), nil, allowed},
		{"and whose a list says", "252", "LogsDirectory=web", in(trace.OpWrite, "/var/log/web/old", listed, dir), nil, allowed},
		{"and no others' to change", "252", "LogsDirectory=web", in(trace.OpChmod, "/var/log/web/old", plain, dir), nil, eperm},
		{"root gives it back", "252", "LogsDirectory=web", create, []trace.Observation{chown}, allowed},
		{"the unit makes it itself", "252", "LogsDirectory=web", create, []trace.Observation{made}, allowed},
		{"everybody's becomes less", "252", "LogsDirectory=web", in(trace.OpCreate, "/var/log/web/x", plain, shared), nil, eacces},
		{"unless that is said", "252", "LogsDirectory=web\nLogsDirectoryMode=1777", in(trace.OpCreate, "/var/log/web/x", plain, shared), nil, allowed},
		{"what is root's already stays as it is", "252", "LogsDirectory=web", in(trace.OpWrite, "/var/log/web/old", plain, trace.Owner{Mode: 0o755}), nil, allowed},
		{"configuration is left alone", "252", "ConfigurationDirectory=web", in(trace.OpCreate, "/etc/web/x", plain, dir), nil, allowed},
	} {
		scene := NewScene(append([]trace.Observation{test.o}, test.before...)).With(trace.Unit{Users: map[uint32]string{theirs: "web"}})
		got := allowed
		for _, v := range NewModel().Sandbox(settings(test.unit), target(t, test.version), scene).Violations(&test.o) {
			got = v.Outcome
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
