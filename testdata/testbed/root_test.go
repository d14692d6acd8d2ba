// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"io"
	"testing"
)

func TestBadNames(t *testing.T) {
	t.Setenv("SBXPROF_TESTBED_CACHE", t.TempDir())
	for _, bad := range []string{"", "../etc", "-o", "a b", "a,b"} {
		if root, err := Root(t.Context(), bad, io.Discard); err == nil {
			t.Errorf("Root(%q) = %q, want an error", bad, root)
		}
		if layer, err := Layer(t.Context(), "/root", []string{"perl", bad}, io.Discard); err == nil {
			t.Errorf("Layer(%q) = %q, want an error", bad, layer)
		}
	}
}
