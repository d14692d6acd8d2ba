// SPDX-License-Identifier: Apache-2.0

package record

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

func TestCountNames(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"/srv/a", "/srv/b", "/proc/1", "/var/lib/x", "/empty"} {
		if err := os.MkdirAll(root+dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("srv", root+"/link"); err != nil {
		t.Fatal(err)
	}
	want := []trace.NameCount{{Directory: "/empty"}, {Directory: "/srv", Names: 2}, {Directory: "/var", Names: 1}, {Directory: "/var/lib", Names: 1}}
	if diff := cmp.Diff(want, countNames(root)); diff != "" {
		t.Error(diff)
	}
}
