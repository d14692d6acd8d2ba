// SPDX-License-Identifier: Apache-2.0

package host

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMirror(t *testing.T) {
	for _, c := range []struct{ name, targets, want string }{
		{"plain", "http://a/debian/ bookworm main\n", "http://a/debian/"},
		{"not the security archive", "http://s/debian-security/ trixie-security main\nhttp://a/ trixie main\n", "http://a/"},
		{"not an update of a release", "http://u/ trixie-updates main\nhttp://a/ trixie main\n", "http://a/"},
		{"not another component", "http://c/ trixie contrib\nhttp://a/ trixie main\n", "http://a/"},
		{"not a flat archive", "http://f/ stable/main main\nhttp://a/ trixie main\n", "http://a/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseMirror(c.targets)
			if err != nil || got != c.want {
				t.Errorf("parseMirror(%q) = %q, %v, want %q", c.targets, got, err, c.want)
			}
		})
	}
	if got, err := parseMirror("http://s/ trixie-security main\n"); err == nil {
		t.Errorf("a host without a whole release: %q, want an error", got)
	}
}

func TestReachOptions(t *testing.T) {
	const dump = `Acquire "";
Acquire::http::Proxy "http://proxy:3142";
Acquire::http::Proxy::localhost "DIRECT";
Acquire::Check-Valid-Until "false";
APT::Install-Recommends "0";
`
	want := []string{`Acquire::http::Proxy "http://proxy:3142";`, `Acquire::Check-Valid-Until "false";`}
	if diff := cmp.Diff(want, reachOptions(dump)); diff != "" {
		t.Error(diff)
	}
}
