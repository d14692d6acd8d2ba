// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// TestProposeAddresses: what is somewhere on the internet today is elsewhere tomorrow, and
// a group's members answer from addresses of their own.
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
		{"a group", to(trace.AddressSend, "224.0.0.251"), false},
		{"a group, by IPv6", to(trace.AddressSend, "ff02::fb"), false},
	} {
		tr := &trace.Trace{Observations: []trace.Observation{c.o}}
		e := NewEvidence(tr, target(t, "252"), Strict, NewModel())
		if got := len(proposeAddresses(e)) > 0; got != c.want {
			t.Errorf("%s: proposed %v, want %v", c.name, got, c.want)
		}
	}
}

// TestWhoMayCome: that a service which others can reach was only reached from here, or
// from the internet, closes it to nobody.
func TestWhoMayCome(t *testing.T) {
	socket := func(op trace.AddressOp, ip string) trace.Observation {
		return ok(trace.Observation{Kind: trace.KindAddress, Address: &trace.Address{Op: op, Family: "AF_INET", Type: "SOCK_STREAM", IP: ip, Port: 80}})
	}
	for _, c := range []struct {
		bound string
		came  []string
		level Level
		want  string // the last candidate's IPAddressAllow=; "" for no candidate
	}{
		{"0.0.0.0", []string{"127.0.0.1"}, Strict, ""},
		{"0.0.0.0", []string{"127.0.0.1", "10.1.2.3"}, Strict, "10.0.0.0/8 localhost"},
		{"0.0.0.0", []string{"10.1.2.3"}, Standard, ""},
		{"::", []string{"fe80::1%eth0", "10.1.2.3"}, Strict, "10.0.0.0/8 link-local"},
		{"0.0.0.0", []string{"10.1.2.3", "198.41.0.4"}, Strict, ""},
		{"127.0.0.1", []string{"127.0.0.1"}, Strict, "localhost"},
		{"127.0.0.1", []string{"127.0.0.1"}, Standard, "localhost"},
	} {
		tr := &trace.Trace{Observations: []trace.Observation{socket(trace.AddressBind, c.bound)}}
		for _, ip := range c.came {
			tr.Observations = append(tr.Observations, socket(trace.AddressAccept, ip))
		}
		e := NewEvidence(tr, target(t, "252"), c.level, NewModel())
		got := ""
		if list := proposeAddresses(e); len(list) > 0 {
			got = strings.Join(assignments(list[len(list)-1].Settings, "IPAddressAllow"), " ")
			if !slices.ContainsFunc(list, func(c Candidate) bool { return len(e.Violations(c.Settings, 1)) == 0 }) {
				t.Errorf("%+v: every candidate denies what was seen", c)
			}
		}
		if got != c.want {
			t.Errorf("bound %s, %v came, level %d: allowed %q, want %q", c.bound, c.came, c.level, got, c.want)
		}
	}
}

// TestWhoSends: who called for a service that others can reach has not come to it, and who
// sends packets to one is not known.
func TestWhoSends(t *testing.T) {
	socket := func(op trace.AddressOp, kind, ip string) trace.Observation {
		return ok(trace.Observation{Kind: trace.KindAddress, Address: &trace.Address{Op: op, Family: "AF_INET", Type: kind, IP: ip, Port: 514}})
	}
	came := socket(trace.AddressAccept, "SOCK_STREAM", "10.1.2.3")
	for _, c := range []struct {
		name string
		list []trace.Observation
		want bool
	}{
		{"somebody came", []trace.Observation{socket(trace.AddressBind, "SOCK_STREAM", "0.0.0.0"), came}, true},
		{"it went to somebody", []trace.Observation{
			socket(trace.AddressBind, "SOCK_STREAM", "0.0.0.0"), socket(trace.AddressConnect, "SOCK_STREAM", "10.1.2.3"),
		}, false},
		{"to nowhere", []trace.Observation{
			socket(trace.AddressBind, "SOCK_STREAM", "0.0.0.0"), socket(trace.AddressConnect, "SOCK_STREAM", "0.0.0.0"),
		}, false},
		{"and packets did", []trace.Observation{
			socket(trace.AddressBind, "SOCK_STREAM", "0.0.0.0"), came, socket(trace.AddressBind, "SOCK_DGRAM", "0.0.0.0"),
		}, false},
		{"and packets of this host", []trace.Observation{
			socket(trace.AddressBind, "SOCK_STREAM", "0.0.0.0"), came, socket(trace.AddressBind, "SOCK_DGRAM", "127.0.0.1"),
		}, true},
	} {
		e := NewEvidence(&trace.Trace{Observations: c.list}, target(t, "252"), Strict, NewModel())
		if got := len(proposeAddresses(e)) > 0; got != c.want {
			t.Errorf("%s: proposed %v, want %v", c.name, got, c.want)
		}
	}
}

// TestSocketsPassed: who may come by a socket that systemd bound is not known, whatever else
// the service binds; one that has bound its own has no other.
func TestSocketsPassed(t *testing.T) {
	socket := func(op trace.AddressOp, family, ip string) trace.Observation {
		return ok(trace.Observation{Kind: trace.KindAddress, Address: &trace.Address{Op: op, Family: family, Type: "SOCK_STREAM", IP: ip, Port: 111}})
	}
	came, sent := socket(trace.AddressAccept, "AF_INET", "127.0.0.1"), socket(trace.AddressSend, "AF_INET", "127.0.0.1")
	netlink, bound := socket(trace.AddressBind, "AF_NETLINK", ""), socket(trace.AddressBind, "AF_INET", "127.0.0.1")
	for _, c := range []struct {
		name    string
		sockets []string
		list    []trace.Observation
		want    bool // that something is proposed
	}{
		{"somebody came", nil, []trace.Observation{came}, false},
		{"and it asked for the host's addresses", nil, []trace.Observation{netlink, came}, false},
		{"to a socket of its own", nil, []trace.Observation{netlink, bound, came}, true},
		{"it answered", []string{"rpcbind.socket"}, []trace.Observation{netlink, sent}, false},
		{"it spoke first", nil, []trace.Observation{netlink, sent}, true},
		{"from a socket of its own", []string{"a.socket"}, []trace.Observation{bound, sent}, true},
		{"started for what is no network", []string{"a.socket"}, []trace.Observation{netlink}, true},
	} {
		tr := &trace.Trace{Header: trace.Header{Unit: trace.Unit{Sockets: c.sockets}}, Observations: c.list}
		e := NewEvidence(tr, target(t, "257"), Standard, NewModel())
		if got := len(proposeAddresses(e)) > 0; got != c.want {
			t.Errorf("%s: proposed %v, want %v", c.name, got, c.want)
		}
	}
}
