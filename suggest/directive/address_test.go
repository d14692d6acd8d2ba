// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// TestProposeAddresses: what is somewhere on the internet today is elsewhere tomorrow.
func TestProposeAddresses(t *testing.T) {
	to := func(op trace.AddressOp, ip string) trace.Observation {
		return ok(trace.Observation{Kind: trace.KindAddress, Address: &trace.Address{Op: op, Family: "AF_INET", Type: "SOCK_DGRAM", IP: ip, Port: 53}})
	}
	for _, c := range []struct {
		name string
		o    trace.Observation
		want bool
	}{
		{"the host itself", to(trace.AddressConnect, "127.0.0.1"), true},
		{"a neighbour", to(trace.AddressConnect, "10.0.0.5"), true},
		{"the internet", to(trace.AddressSend, "198.41.0.4"), false},
		{"the internet, by IPv6", to(trace.AddressSend, "2001:7fd::1"), false},
	} {
		tr := &trace.Trace{Observations: []trace.Observation{c.o}}
		e := NewEvidence(tr, target(t, "252"), Strict, NewModel())
		if got := len(proposeAddresses(e)) > 0; got != c.want {
			t.Errorf("%s: proposed %v, want %v", c.name, got, c.want)
		}
	}
}
