// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// A unit with a mount namespace of its own loses nothing by another reason for one.
func TestWhatIsHiddenAlready(t *testing.T) {
	for own, want := range map[string]int{"": 1, "PrivateTmp=yes": 0, "MountFlags=slave": 0, "PrivateTmp=no": 1} {
		e := evidenceFor(t, "252", own, file(trace.OpMount, "/mnt/x"))
		if got := len(e.Violations(settings("ProtectSystem=full"), 0)); got != want {
			t.Errorf("%q: %d violations, want %d", own, got, want)
		}
	}
}
