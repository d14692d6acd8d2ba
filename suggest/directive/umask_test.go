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
		{"a socket where the directory decides", "UMask=0077", made(trace.OpBind, 0o755, list), LessReadable},
	} {
		s := NewModel().Sandbox(settings(test.unit), target(t, "252"), NewScene(nil))
		got := allowed
		for _, v := range s.Violations(&test.o) {
			got = v.Outcome
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
