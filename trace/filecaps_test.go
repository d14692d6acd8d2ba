// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"slices"
	"testing"
)

func TestRequired(t *testing.T) {
	raw := []string{"CAP_NET_RAW"}
	for name, c := range map[string]struct {
		carries *FileCapabilities
		want    []string
	}{
		"in force at once":          {&FileCapabilities{Permitted: raw, Effective: true}, raw},
		"once the program wants it": {&FileCapabilities{Permitted: raw}, nil},
		"inherited alone":           {&FileCapabilities{Inheritable: raw, Effective: true}, nil},
		"for another root":          {&FileCapabilities{Permitted: raw, Effective: true, RootID: 1000}, nil},
		"not known":                 {nil, nil},
	} {
		if got := c.carries.Required(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// What a program carries is part of what was executed, and of nothing else.
func TestKeyHoldsWhatIsCarried(t *testing.T) {
	key := func(op FileOp, c *FileCapabilities) string {
		o := Observation{Kind: KindFile, File: &File{Path: "/a", Op: op, FileCaps: true, Carries: c}}
		return o.Key()
	}
	one, other := &FileCapabilities{Permitted: []string{"CAP_NET_RAW"}}, &FileCapabilities{Inheritable: []string{"CAP_NET_RAW"}}
	keys := []string{key(OpExecute, nil), key(OpExecute, &FileCapabilities{}), key(OpExecute, one), key(OpExecute, other)}
	slices.Sort(keys)
	if n := len(slices.Compact(keys)); n != 4 {
		t.Errorf("of 4 programs that carry something else %d are told apart", n)
	}
	if key(OpStat, one) != key(OpStat, other) {
		t.Error("looking at a file is two facts because of what it carries")
	}
}
