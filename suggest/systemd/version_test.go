// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"strings"
	"testing"
)

func TestParseVersion(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Version
	}{
		{"257", Version{257, 0, ""}},
		{"v245.9", Version{245, 9, ""}},
		{"252.39-1~deb12u2", Version{252, 39, "-1~deb12u2"}},
		{"249.11-0ubuntu3.12", Version{249, 11, "-0ubuntu3.12"}},
		{"245.4-4ubuntu3.24", Version{245, 4, "-4ubuntu3.24"}},
		{"254.26-1~bpo12+1", Version{254, 26, "-1~bpo12+1"}},
		{"255~rc1", Version{255, 0, "~rc1"}},
		{"256-rc3", Version{256, 0, "-rc3"}},
		{"239-82.el8_10.5", Version{239, 0, "-82.el8_10.5"}},
		{"246.16+suse.221.gb8e6d6a0ba", Version{246, 16, "+suse.221.gb8e6d6a0ba"}},
		{"systemd 252 (252.39-1~deb12u2)", Version{252, 39, "-1~deb12u2"}},
		{"systemd 229", Version{229, 0, ""}},
		{"263.2", Version{263, 2, ""}},
	} {
		got, err := ParseVersion(tt.in)
		if err != nil || got != tt.want {
			t.Errorf("ParseVersion(%q) = %+v, %v; want %+v", tt.in, got, err, tt.want)
		}
	}
}

func TestParseVersionRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"banana":     "is no systemd version",
		"":           "is no systemd version",
		"252\n":      "is no systemd version",
		"252.":       "is no systemd version",
		"-1":         "is no systemd version",
		"99999":      "is no systemd version",
		"252 \x1b[m": "is no systemd version",
		"228":        "too old",
		"219-78.el7": "too old",
	} {
		if v, err := ParseVersion(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseVersion(%q) = %+v, %v; want an error with %q", in, v, err, want)
		}
	}
}

func TestVersionStringIsReadBack(t *testing.T) {
	for _, s := range []string{"252.39-1~deb12u2", "257", "255~rc1"} {
		v, err := ParseVersion(s)
		if err != nil || v.String() != s {
			t.Errorf("%q became %q, %v", s, v, err)
		}
	}
	if got := (Version{}).String(); got != "unknown" {
		t.Errorf("the zero version is %q", got)
	}
}

func TestVersionComparisons(t *testing.T) {
	v := Version{Major: 252, Point: 39}
	for _, tt := range []struct {
		name      string
		got, want bool
	}{
		{"252.39 is at least 252", v.AtLeast(252), true},
		{"252.39 is at least 253", v.AtLeast(253), false},
		{"252.39 reaches 252.23", v.Reaches(252, 23), true},
		{"252.39 reaches 252.40", v.Reaches(252, 40), false},
		{"252.39 reaches 251.99", v.Reaches(251, 99), true},
		{"252.39 reaches 253.0", v.Reaches(253, 0), false},
		{"263 is unlisted", Version{Major: 263}.Unlisted(), true},
		{"262 is unlisted", Version{Major: 262}.Unlisted(), false},
		{"263 is at least 262", Version{Major: 263}.AtLeast(262), true},
		{"263 reaches 262.7", Version{Major: 263}.Reaches(262, 7), true},
		{"unknown is at least 262", Version{}.AtLeast(262), true},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %t", tt.name, tt.got)
		}
	}
}
