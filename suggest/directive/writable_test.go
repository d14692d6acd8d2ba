// SPDX-License-Identifier: Apache-2.0

package directive

import (
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
