// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"testing"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// TestExposureOfEarlyUnits: rpcbind on 257, of which systemd-analyze says 9.5, and 9.6 of
// others that say as little; some rows are not for units of early boot.
func TestExposureOfEarlyUnits(t *testing.T) {
	for _, c := range []struct {
		early bool
		want  string
	}{{false, "9.6"}, {true, "9.5"}} {
		tr := &trace.Trace{Header: trace.Header{
			Host: trace.Host{Systemd: "257", Kernel: "6.12", Arch: "x86_64"},
			Unit: trace.Unit{Name: "rpcbind.service", Early: c.early},
		}}
		p, err := Suggest(tr, Options{Level: directive.Standard})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Before.String(); got != c.want {
			t.Errorf("early %v: exposure %s before, want %s", c.early, got, c.want)
		}
	}
}
