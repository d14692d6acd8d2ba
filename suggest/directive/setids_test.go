// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// TestBecoming: a program with a set-id bit is recorded as who it is then, and who called
// execve(2) as who he was.
func TestBecoming(t *testing.T) {
	const www, mail = 33, 8
	program := func(mode, owner, group uint32, uid, gid uint32) trace.Observation {
		o := fileOf(trace.OpExecute, "/usr/bin/program", trace.Owner{UID: owner, GID: group, Mode: mode})
		o.Actor.UID, o.Actor.GID, o.Actor.Line = uid, gid, "ExecStart"
		return o
	}
	calls := func(uid, gid uint32) trace.Observation {
		o := sys("execve")
		o.Actor.UID, o.Actor.GID, o.Actor.Line = uid, gid, "ExecStart"
		return o
	}
	drops := func(dir trace.Owner) trace.Observation {
		o := owned(file(trace.OpCreate, "/var/spool/drop/x"), nil, &dir)
		o.Actor.GID, o.Actor.Line = mail, "ExecStart"
		return o
	}
	of := func(line string, o trace.Observation) trace.Observation { o.Actor.Line = line; return o }
	for _, c := range []struct {
		name string
		all  []trace.Observation
		want bool
	}{
		{"a user becomes root", []trace.Observation{program(0o4755, 0, 0, 0, www), calls(www, www)}, true},
		{"root stays root", []trace.Observation{program(0o4755, 0, 0, 0, 0), calls(0, 0)}, false},
		{"root does, beside a user", []trace.Observation{program(0o4755, 0, 0, 0, 0), calls(0, 0), calls(www, www)}, false},
		{"the user failed", []trace.Observation{program(0o4755, 0, 0, 0, www), failed(calls(www, www), enoent)}, false},
		{"in another line", []trace.Observation{program(0o4755, 0, 0, 0, www), of("ExecReload", calls(www, www))}, false},
		{"a user joins a group", []trace.Observation{program(0o2755, 0, mail, www, mail), calls(www, www)}, true},
		{"he is in it", []trace.Observation{program(0o2755, 0, mail, www, mail), calls(www, mail)}, false},
		{"root joins a group, for nothing", []trace.Observation{program(0o2755, 0, mail, 0, mail), calls(0, 0), drops(trace.Owner{Mode: 0o755})}, false},
		{"root joins a group, for its directory", []trace.Observation{program(0o2755, 0, mail, 0, mail), calls(0, 0), drops(trace.Owner{UID: 7, GID: mail, Mode: 0o730})}, true},
		{"both", []trace.Observation{program(0o6755, 0, mail, 0, mail), calls(www, www)}, true},
		{"no bit", []trace.Observation{program(0o755, 0, 0, 0, www), calls(www, www)}, false},
		{"as his own caller", []trace.Observation{program(0o4755, 0, 0, www, www)}, true},
	} {
		unit, scene := settings("NoNewPrivileges=yes"), NewScene(c.all)
		denied := false
		for _, v := range NewModel().Sandbox(unit, target(t, "252"), scene).Violations(&c.all[0]) {
			denied = denied || v.Outcome == Unprivileged && v.Tolerated == ""
		}
		if denied != c.want {
			t.Errorf("%s: denied by NoNewPrivileges=yes: %v, want %v", c.name, denied, c.want)
		}
	}
	o := program(0o4755, mail, 0, mail, www)
	s := NewModel().Sandbox(settings("PrivateUsers=yes"), target(t, "252"), NewScene([]trace.Observation{o, calls(www, www)}))
	if len(s.Violations(&o)) == 0 {
		t.Error("PrivateUsers=yes lets a program become a user that is not known")
	}
}
