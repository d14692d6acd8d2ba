// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// TestUMask: what others may no longer read.
func TestUMask(t *testing.T) {
	made := func(op trace.FileOp, mode uint32, list trace.ACL) trace.Observation {
		o := file(op, "/data/x")
		o.File.Owner, o.File.Parent = &trace.Owner{Mode: mode}, &trace.Owner{Mode: 0o755, DefaultACL: list}
		return o
	}
	within := func(dir uint32, group uint32, list trace.ACL) trace.Observation {
		o := made(trace.OpCreate, 0o664, "")
		o.File.Parent = &trace.Owner{Mode: dir, GID: group, ACL: list}
		return o
	}
	const list = "user::rwx,group::r-x,other::r-x"
	for _, test := range []struct {
		name, unit string
		o          trace.Observation
		want       trace.Outcome
	}{
		{"for all", "UMask=0077", made(trace.OpCreate, 0o644, ""), LessReadable},
		{"for the group", "UMask=0027", made(trace.OpMkdir, 0o750, ""), allowed},
		{"for nobody else", "UMask=0077", made(trace.OpCreate, 0o600, ""), allowed},
		{"that was there", "UMask=0077", made(trace.OpWrite, 0o644, ""), allowed},
		{"where the directory decides", "UMask=0077", made(trace.OpCreate, 0o644, list), allowed},
		{"where nobody else gets", "UMask=0077", within(0o2700, 0, ""), allowed},
		{"where the group gets", "UMask=0077", within(0o750, 0, ""), LessReadable},
		{"where no others get", "UMask=0027", within(0o750, 0, ""), LessReadable},
		{"and the group may read", "UMask=0007", within(0o750, 0, ""), allowed},
		{"where another group gets", "UMask=0007", within(0o750, 4, ""), LessReadable},
		{"where a list says who gets", "UMask=0007", within(0o750, 0, "user::rwx,user:4:r-x,group::---,mask::r-x,other::---"), LessReadable},
		{"a socket where the directory decides", "UMask=0077", made(trace.OpBind, 0o755, list), LessReadable},
	} {
		s := NewModel().Sandbox(settings(test.unit), target(t, "252"), NewScene(nil))
		got := allowed
		for _, v := range s.Violations(&test.o) {
			if v.Tolerated == "" {
				got = v.Outcome
			}
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestUMaskOfMoved: what leaves the directory that it was made in may be read elsewhere.
func TestUMaskOfMoved(t *testing.T) {
	o, moved := file(trace.OpCreate, "/data/tmp/x"), file(trace.OpRenameTo, "/data/x")
	o.File.Owner, o.File.Parent, moved.File.Peer = &trace.Owner{Mode: 0o644}, &trace.Owner{Mode: 0o700}, "/data/tmp/y"
	for _, test := range []struct {
		name      string
		seen      []trace.Observation
		tolerated bool
	}{{"it stays", nil, true}, {"others leave", []trace.Observation{moved}, false}} {
		list := NewModel().Sandbox(settings("UMask=0077"), target(t, "252"), NewScene(test.seen)).Violations(&o)
		if len(list) != 1 || (list[0].Tolerated != "") != test.tolerated {
			t.Errorf("%s: %v", test.name, list)
		}
	}
}
