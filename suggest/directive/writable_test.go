// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// What cannot be written into a unit file costs the directory that it is in, and no
// more.
func TestPlaceThatCannotBeWritten(t *testing.T) {
	for _, test := range []struct{ path, has, no string }{
		{"/data/x/y", "ReadWritePaths=-/data/x", "ReadWritePaths=-/data"},
		{"/data/x%/y", "ReadWritePaths=-/data/x%%", "ReadWritePaths=-/data"},
		{"/data/line\nExecStartPre=/y", "ReadWritePaths=-/data", "ProtectSystem=full"},
		{"/data/\xff/y", "ReadWritePaths=-/data", "ProtectSystem=full"},
		{"/line\nbreak/y", "ProtectSystem=full", "ReadWritePaths=-/"},
	} {
		e := evidenceFor(t, "252", "", file(trace.OpCreate, test.path))
		e.AllowList = false
		chosen := firstThatDeniesNothing(e)
		if !hasWord(chosen, test.has) || hasWord(chosen, test.no) {
			t.Errorf("%q: %q, want %s and no %s", test.path, chosen, test.has, test.no)
		}
	}
}

// Many places of one directory are that directory, unless others have theirs in it.
func TestManyPlaces(t *testing.T) {
	in := func(dir string, n int) []trace.Observation {
		var list []trace.Observation
		for i := range n {
			list = append(list, file(trace.OpCreate, fmt.Sprintf("%s/%c/cache/x", dir, 'a'+i)))
		}
		return list
	}
	for _, test := range []struct {
		name    string
		did     []trace.Observation
		has, no string
	}{
		{"as many as are named", in("/data/sites", maxSiblings), "ReadWritePaths=-/data/sites/a/cache", "ReadWritePaths=-/data/sites"},
		{"more", in("/data/sites", maxSiblings+1), "ReadWritePaths=-/data/sites", "ReadWritePaths=-/data/sites/a/cache"},
		{"sites of an administrator", in("/srv", maxSiblings+1), "ReadWritePaths=-/srv", "ReadWritePaths=-/srv/a/cache"},
		{"applications", in("/usr/local", maxSiblings+1), "ReadWritePaths=-/usr/local/a/cache", "ReadWritePaths=-/usr/local"},
	} {
		e := evidenceFor(t, "252", "", test.did...)
		e.AllowList = false
		chosen := firstThatDeniesNothing(e)
		if !hasWord(chosen, test.has) || hasWord(chosen, test.no) {
			t.Errorf("%s: %q, want %s and no %s", test.name, chosen, test.has, test.no)
		}
	}
}
