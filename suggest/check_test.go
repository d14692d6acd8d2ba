// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// TestCheckOfWhatWasSo: what goes well and comes to less is no news if it was so whenever the
// unit was recorded.
func TestCheckOfWhatWasSo(t *testing.T) {
	abstract := by(0, trace.Observation{Kind: trace.KindAddress,
		Address: &trace.Address{Op: trace.AddressBind, Family: "AF_UNIX", Type: "SOCK_STREAM", Abstract: "a"}})
	written := owned(trace.OpWrite, "/etc/x", "0:0 644", roots755)
	sandboxed := []trace.Setting{{Name: "PrivateNetwork", Value: "yes"}, {Name: "ProtectSystem", Value: "strict"}}
	under := func(starts int, settings ...trace.Setting) *trace.Trace {
		tr := daemon(abstract, written)
		tr.Header.Starts, tr.Header.Unit.Settings = starts, settings
		return tr
	}
	merged := under(1, sandboxed...)
	merged.Header.Runs = []trace.Header{merged.Header, under(1).Header}
	for _, test := range []struct {
		name string
		t    *trace.Trace
		want int
	}{
		{"recorded without", under(1), 2},
		{"recorded with it", under(1, sandboxed...), 1}, // what is refused is told, whatever the recording says
		{"recorded with another", under(1, trace.Setting{Name: "ProtectHome", Value: "yes"}), 2},
		{"without a start", under(0, sandboxed...), 2},
		{"once without", merged, 2},
	} {
		list, err := Check(test.t, sandboxed, nil)
		if err != nil || len(list) != test.want {
			t.Errorf("%s: %d violations, want %d (%v): %v", test.name, len(list), test.want, err, list)
		}
	}
}
