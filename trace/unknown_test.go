// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnknownFieldsAreKept reads what a newer version could have written.
func TestUnknownFieldsAreKept(t *testing.T) {
	text := strings.NewReplacer(
		`"recorder":`, `"new_header":{"a":[1,2,{"b":null}]},"recorder":`,
		`"peaks":{`, `"peaks":{"new_peak":9007199254740993,`,
		`"owner":{`, `"owner":{"new_owner":"<&>",`,
		`"signal":{`, `"signal":{"new_signal":true,`,
		`"phase":"service"},"move"`, `"phase":"service","new_actor":1.50},"move"`,
	).Replace(string(encode(t, sample()))) +
		`{"kind":"new","actor":{"exe":"/x","uid":0,"gid":0,"phase":"service"},"new":{"x":1},"outcome":"ok","count":1,"first":"2026-03-01T12:00:00Z","last":"2026-03-01T12:00:00Z"}` + "\n"
	if n := strings.Count(text, "new_"); n != 5 {
		t.Fatalf("the test put in %d new fields", n)
	}
	first, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	again := encode(t, first)
	want, got := objects(t, text), objects(t, string(again))
	// The number of lines is the one thing that changed.
	want[0]["observations"] = got[0]["observations"]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(string(again), "9007199254740993") || !strings.Contains(string(again), "1.50") {
		t.Error("a number did not stay as it was")
	}
	second, err := Read(strings.NewReader(string(again)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second, exact); diff != "" {
		t.Errorf("a second round (-first +second):\n%s", diff)
	}
}

func TestUnknownFieldsAreKnownOnesNotSeen(t *testing.T) {
	first, err := Read(strings.NewReader(string(encode(t, sample()))))
	if err != nil {
		t.Fatal(err)
	}
	if first.Header.unknown != nil {
		t.Errorf("header: %v", first.Header.unknown)
	}
	for _, o := range first.Observations {
		if o.unknown != nil {
			t.Errorf("%s: %v", o.Kind, o.unknown)
		}
	}
}

func objects(t *testing.T, text string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(text) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatal(err)
		}
		all = append(all, object)
	}
	return all
}
