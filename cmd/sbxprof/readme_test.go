// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestReadme holds the drop-in in README.md to what the saved trace gives; -update
// writes it there.
func TestReadme(t *testing.T) {
	const readme, begin, end = "../../README.md", "<!-- the drop-in -->\n", "<!-- its end -->\n"
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), begin)
	shown, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("README.md has no %s…%s", begin, end)
	}
	var out, errs bytes.Buffer
	args := []string{"suggest", "../../testdata/traces/lighttpd-bookworm.trace"}
	if status := run(t.Context(), args, streams{out: &out, err: &errs}); status != statusDone {
		t.Fatalf("suggest ended with %d: %s", status, errs.String())
	}
	want := "```ini\n" + out.String() + "```\n"
	if shown == want {
		return
	}
	if !*update {
		t.Fatalf("README.md does not show what is suggested (run with -update):\n%s", cmp.Diff(shown, want))
	}
	if err := os.WriteFile(readme, []byte(head+begin+want+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
