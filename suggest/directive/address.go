// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

func addressFamilyRules() []Family {
	return []Family{{
		Name: "addresses",
		Directives: []Directive{
			{Name: "IPAddressDeny", Denies: "traffic with other addresses", Read: readAddressDeny},
			{Name: "IPAddressAllow"},
		},
		Propose: proposeAddresses,
	}, portFamily(), interfaceFamily()}
}

// addressRule denies IP traffic with what is in deny and not in allow: filters on
// the unit's control group, for packets both ways.
type addressRule struct {
	deny, allow []netip.Prefix
}

func (r *addressRule) Kind() trace.Kind { return trace.KindAddress }

func (r *addressRule) Denies(o *trace.Observation) trace.Outcome {
	ip, err := netip.ParseAddr(o.Address.IP)
	if err != nil {
		return allowed
	}
	switch ip = ip.Unmap(); o.Address.Op {
	case trace.AddressBind, trace.AddressListen:
		return allowed // who then comes is filtered
	case trace.AddressConnect:
		return r.cuts(ip, o)
	}
	if !r.closes(ip) || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	if o.Address.Op == trace.AddressAccept {
		return Unreachable
	}
	return eperm
}

// cuts: connecting a socket for packets sends nothing yet; a connection is tried until
// the time is up, and one that was refused before is so no more.
func (r *addressRule) cuts(ip netip.Addr, o *trace.Observation) trace.Outcome {
	answered := o.Outcome == trace.OutcomeOK || o.Outcome == "EINPROGRESS" || o.Outcome == "ECONNREFUSED"
	switch {
	case !r.closes(ip) || !answered:
		return allowed
	case o.Address.Type == "SOCK_STREAM":
		return TimedOut
	}
	return Unreachable
}

func (r *addressRule) closes(ip netip.Addr) bool {
	return contains(r.deny, ip) && !contains(r.allow, ip)
}

func contains(list []netip.Prefix, ip netip.Addr) bool {
	for _, p := range list {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// namedPrefixes are the words that systemd has for addresses.
var namedPrefixes = map[string][]string{
	"any":        {"0.0.0.0/0", "::/0"},
	"localhost":  {"127.0.0.0/8", "::1/128"},
	"link-local": {"169.254.0.0/16", "fe80::/64"},
	"multicast":  {"224.0.0.0/4", "ff00::/8"},
}

func prefixList(values []string) []netip.Prefix {
	var list []netip.Prefix
	for _, w := range strings.Fields(effective(values)) {
		texts, named := namedPrefixes[w]
		if !named {
			texts = []string{w}
		}
		for _, t := range texts {
			if p, err := netip.ParsePrefix(t); err == nil {
				list = append(list, p.Masked())
			} else if a, err := netip.ParseAddr(t); err == nil {
				list = append(list, netip.PrefixFrom(a, a.BitLen()))
			}
		}
	}
	return list
}

func readAddressDeny(values []string, u *Unit) []Rule {
	r := &addressRule{deny: prefixList(values), allow: prefixList(u.Values("IPAddressAllow"))}
	if len(r.deny) == 0 {
		return nil
	}
	return []Rule{r}
}

// proposeAddresses closes the unit to all but the host itself, if it talked to
// nobody else and bound no socket that others can reach. Of a unit that others can
// reach, nobody who ever came is no answer to who may come: training is often done
// from the host itself, or from the next one. It is closed at the strict level alone,
// and only if somebody came from another host, and nobody from the internet; the
// private networks that they came from are then let in as a whole. Of one that takes
// packets it is not known who came. Sockets that were passed in are bound by systemd
// and not seen here.
func proposeAddresses(e *Evidence) []Candidate {
	if len(e.unitList("IPAddressDeny"))+len(e.unitList("IPAddressAllow")) > 0 || !e.Target.Enforces("IPAddressDeny", "") ||
		e.Level < Standard || e.socketsPassed() || e.addressesUnknown() {
		return nil
	}
	t := e.talks()
	if t.callsOut || t.open && (e.Level < Strict || t.packets || t.public || !t.visited) {
		return nil
	}
	deny := trace.Setting{Name: "IPAddressDeny", Value: "any"}
	local := trace.Setting{Name: "IPAddressAllow", Value: "localhost"}
	list := []Candidate{{Settings: []trace.Setting{deny}}, {Settings: []trace.Setting{deny, local}}}
	if peers := t.networks; e.Level == Strict && len(peers) <= mostPeers {
		seen := Candidate{Settings: []trace.Setting{deny}}
		for _, p := range peers {
			seen.Settings = append(seen.Settings, trace.Setting{Name: "IPAddressAllow", Value: p})
		}
		if t.open {
			seen.Notes = []string{"lets in only the networks that somebody came from: add those that others will come from"}
		}
		list = append(list, seen)
	}
	return list
}

// mostPeers is how many networks are named; a unit with more talks to anybody.
const mostPeers = 8

// talks are whom a unit talked to.
type talks struct {
	// networks are those of its peers.
	networks []string
	// open is set if it bound a socket that others can reach, and packets if that is one
	// for packets: no trace tells who sent them.
	open, packets bool
	// callsOut is set if it called somebody on the internet, or a multicast group. A name
	// there leads to another address tomorrow, and a DNS server asks another root server
	// each time; the hosts of a group speak from addresses of their own.
	callsOut bool
	// visited is set if somebody came from another host, and public if from the internet:
	// everybody may come then.
	visited, public bool
}

func (e *Evidence) talks() talks {
	var t talks
	var peers []netip.Addr
	for _, o := range e.Of(trace.KindAddress) {
		ip, err := netip.ParseAddr(o.Address.IP)
		if err != nil {
			continue
		}
		ip = ip.Unmap().WithZone("")
		_, private := privateNetwork(ip)
		switch o.Address.Op {
		case trace.AddressBind, trace.AddressListen:
			t.open = t.open || !ip.IsLoopback()
			t.packets = t.packets || !ip.IsLoopback() && o.Address.Type != "SOCK_STREAM" && o.Address.Type != "SOCK_SEQPACKET"
			continue
		case trace.AddressConnect, trace.AddressSend:
			t.callsOut = t.callsOut || !private || ip.IsMulticast()
		default:
			t.visited = t.visited || !ip.IsLoopback()
			t.public = t.public || !private
		}
		peers = append(peers, ip)
	}
	for _, ip := range peers {
		name, private := privateNetwork(ip)
		if !private || !t.open && name != "localhost" {
			name = network(ip)
		}
		t.networks = append(t.networks, name)
	}
	slices.Sort(t.networks)
	t.networks = slices.Compact(t.networks)
	return t
}

// privateNetworks are those that no packet of the internet comes from (IANA's
// registries of special-purpose addresses), as systemd names them where it does.
var privateNetworks = []string{"localhost", "link-local", "multicast", "0.0.0.0/8", "::/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
	"100.64.0.0/10", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "fc00::/7", "2001:db8::/32"}

// privateNetwork returns the network of an address that is not one of the internet.
func privateNetwork(ip netip.Addr) (name string, private bool) {
	for _, name := range privateNetworks {
		if contains(prefixList([]string{name}), ip) {
			return name, true
		}
	}
	return "", false
}

// network is the part of the internet that an address is taken to stand for.
func network(ip netip.Addr) string {
	bits := 24
	if ip.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(ip, bits).Masked().String()
}

// addressesUnknown tells traces of services that have sockets for IP, and whose
// recorder did not see what they were used for.
func (e *Evidence) addressesUnknown() bool {
	for _, o := range e.Of(trace.KindAddress) {
		if o.Address.IP != "" {
			return false
		}
	}
	for _, o := range e.Of(trace.KindSyscall) {
		family, _ := o.Syscall.Arg(0)
		if o.Syscall.Name == "socket" && (addressFamilies[family] == "AF_INET" || addressFamilies[family] == "AF_INET6") {
			return true
		}
	}
	return false
}

// socketsPassed tells services that systemd hands sockets to: they take connections, or
// send packets where a socket unit starts them, and have bound nothing for IP. Whoever
// asks which addresses the host has binds a socket for netlink.
func (e *Evidence) socketsPassed() bool {
	if e.Unit("StandardInput") == "socket" || e.Unit("Sockets") != "" || strings.Contains(e.Trace.Header.Unit.Name, "@") {
		return true
	}
	passed := false
	for _, o := range e.Of(trace.KindAddress) {
		switch a := o.Address; {
		case a.IP == "":
		case a.Op == trace.AddressBind:
			return false
		case a.Op == trace.AddressAccept, a.Op == trace.AddressSend && len(e.Trace.Header.Unit.Sockets) > 0:
			passed = true
		}
	}
	return passed
}
