// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"slices"
	"strings"
	"testing"
)

func TestExplicitForASystemWithoutTheGroup(t *testing.T) {
	from, to := forVersion(t, "245"), forVersion(t, "237")
	e, err := ExplicitFor("@system-service", from, to, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Words) < 200 || !slices.IsSorted(e.Words) {
		t.Errorf("%d names: %v", len(e.Words), e.Words)
	}
	for _, want := range []string{"accept4", "read", "mmap", "futex"} {
		if !slices.Contains(e.Words, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if want := "clone3"; slices.Contains(e.Words, want) || !slices.Contains(e.Omitted, want) {
		t.Errorf("%s, which 237 does not know, is not among the omitted %v", want, e.Omitted)
	}
}

// What a group has and the target would skip with a warning is not written out, and keeps
// no group from standing for the rest.
func TestExplicitOmitsWhatIsNotResolved(t *testing.T) {
	to := forVersion(t, "257")
	for _, compact := range []bool{false, true} {
		e, err := ExplicitFor("@file-system", to, to, compact)
		if err != nil {
			t.Fatal(err)
		}
		if compact != slices.Equal(e.Words, []string{"@file-system"}) {
			t.Errorf("compact %t: %v", compact, e.Words)
		}
		for call, omitted := range map[string]bool{"newfstat": true, "getxattrat": true, "fstat": false} {
			if got := slices.Contains(e.Omitted, call); got != (omitted && !compact) || !compact && got == slices.Contains(e.Words, call) {
				t.Errorf("compact %t: %s is omitted: %t", compact, call, got)
			}
		}
	}
}

func TestExplicitLinesAreReadWhole(t *testing.T) {
	from := forVersion(t, "252")
	for _, tt := range []struct {
		to    string
		lines int
		width int
	}{
		{"229", 2, 2046}, // longer ones are cut in pieces
		{"234", 2, 2046},
		{"235", 1, 1<<20 - 1},
	} {
		to := forVersion(t, tt.to)
		e, err := ExplicitFor("@system-service", from, to, false)
		if err != nil {
			t.Fatal(err)
		}
		lines := e.Lines(to.Systemd)
		if len(lines) < tt.lines || tt.lines == 1 && len(lines) != 1 {
			t.Errorf("for %s: %d lines", tt.to, len(lines))
		}
		var words []string
		for _, l := range lines {
			rest, ok := strings.CutPrefix(l, "SystemCallFilter=")
			if !ok || len(l) > tt.width {
				t.Errorf("for %s: %d bytes: %.40s…", tt.to, len(l), l)
			}
			words = append(words, strings.Split(rest, " ")...)
		}
		if !slices.Equal(words, e.Words) {
			t.Errorf("for %s: the lines hold %v", tt.to, words)
		}
	}
}

// TestCompactSaysTheSame holds for every pair of versions that the compact form
// stands for the same calls on the target.
func TestCompactSaysTheSame(t *testing.T) {
	from := forVersion(t, "252")
	for v := Oldest; v <= Newest; v++ {
		to := Target{Systemd: Version{Major: v}}
		long, err := ExplicitFor("@system-service", from, to, false)
		if err != nil {
			t.Fatal(err)
		}
		short := Compact(long.Words, to)
		var calls []string
		for _, w := range short {
			if strings.HasPrefix(w, "@") {
				calls = append(calls, to.Expand(w)...)
			} else {
				calls = append(calls, w)
			}
		}
		slices.Sort(calls)
		if calls = slices.Compact(calls); !slices.Equal(calls, long.Words) {
			t.Errorf("v%d: %v stands for other calls", v, short)
		}
		if to.HasGroup("@network-io") && len(short) >= len(long.Words)-10 {
			t.Errorf("v%d: %d words for %d calls", v, len(short), len(long.Words))
		}
	}
}

func TestExplicitForRefuses(t *testing.T) {
	for _, tt := range []struct{ group, from, want string }{
		{"@system-service", "237", "systemd 237 has no group @system-service: it came with v239"},
		{"@known", "246", "it came with v247"},
		{"@banana", "252", `no systemd has a group "@banana": there are @aio @basic-io`},
		{"system-service", "252", "no systemd has a group"},
	} {
		_, err := ExplicitFor(tt.group, forVersion(t, tt.from), Target{}, false)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) && !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("ExplicitFor(%s of %s) = %v; want %q", tt.group, tt.from, err, tt.want)
		}
	}
}
