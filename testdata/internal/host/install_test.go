// SPDX-License-Identifier: Apache-2.0

package host

import "testing"

func TestLacking(t *testing.T) {
	needs := []Need{{"/proc/self/status", "here", ""}, {"/nonexistent/a", "b", ""}, {"/nonexistent/c", "d", ""}}
	if got := packageNames(lacking(needs)); got != "b d" {
		t.Errorf("lacking: %q, want those whose files are not there", got)
	}
}
