// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"
)

func TestFamiliesAreKnown(t *testing.T) {
	for _, name := range addressFamilies {
		if err := target(t, "262").Check("RestrictAddressFamilies", name); err != nil {
			t.Error(err)
		}
	}
}

// A family that the target's systemd cannot name cannot be let pass either.
func TestProposeAddressFamilies(t *testing.T) {
	for _, test := range []struct {
		version, want string
		family        uint64
	}{
		{"237", "AF_PACKET AF_UNIX", 17},
		{"237", "", 44},
		{"252", "AF_UNIX AF_XDP", 44},
	} {
		list := proposeAddressFamilies(evidenceFor(t, test.version, "", sys("socket", arg(0, test.family))))
		got := ""
		if len(list) > 0 {
			got = list[0].Settings[0].Value
		}
		if got != test.want {
			t.Errorf("family %d on systemd %s: %q, want %q", test.family, test.version, got, test.want)
		}
	}
}
