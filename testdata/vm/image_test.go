// SPDX-License-Identifier: Apache-2.0

package vm

import (
	"slices"
	"testing"
)

func TestPackagesFor(t *testing.T) {
	got, err := packagesFor(Options{Suite: "trixie", Packages: []string{"nginx", "strace"}})
	if err != nil || !slices.Contains(got, "nginx") || !slices.Contains(got, "libbpf1") {
		t.Errorf("packagesFor(trixie with nginx) = %q, %v", got, err)
	}
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("packages in no order, or twice: one image would have two keys: %q", got)
	}
	got, err = packagesFor(Options{Suite: "bullseye"})
	if err != nil || slices.Contains(got, "libbpf1") {
		t.Errorf("packagesFor(bullseye) = %q, %v, want no libbpf1, which it does not have", got, err)
	}
}

func TestBadNames(t *testing.T) {
	for _, bad := range []string{"", "../etc", "-o", "a b", "a,b"} {
		if got, err := packagesFor(Options{Suite: bad}); err == nil {
			t.Errorf("the suite %q: %q, want an error", bad, got)
		}
		if got, err := packagesFor(Options{Suite: "sid", Packages: []string{bad}}); err == nil {
			t.Errorf("the package %q: %q, want an error", bad, got)
		}
	}
}
