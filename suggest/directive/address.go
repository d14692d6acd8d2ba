// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"net/netip"
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
		return r.shuts(ip, o)
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

// shuts: nothing is denied to bind; but a socket that others are to reach is not
// reached any more.
func (r *addressRule) shuts(ip netip.Addr, o *trace.Observation) trace.Outcome {
	if o.Outcome != trace.OutcomeOK || ip.IsLoopback() || !r.closes(netip.IPv4Unspecified()) && !r.closes(netip.IPv6Unspecified()) {
		return allowed
	}
	return Unreachable
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
// nobody else and bound no socket that others can reach. Peers that came to it are
// no evidence: a training run is often done from the host itself. Sockets that were
// passed in are bound by systemd and not seen here.
func proposeAddresses(e *Evidence) []Candidate {
	if len(e.unitList("IPAddressDeny"))+len(e.unitList("IPAddressAllow")) > 0 || !e.Target.Enforces("IPAddressDeny", "") ||
		e.Level < Standard || e.socketsPassed() || e.addressesUnknown() {
		return nil
	}
	deny := trace.Setting{Name: "IPAddressDeny", Value: "any"}
	local := trace.Setting{Name: "IPAddressAllow", Value: "localhost"}
	return []Candidate{
		{Settings: []trace.Setting{deny}},
		{Settings: []trace.Setting{deny, local}},
	}
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

// socketsPassed tells services that systemd hands sockets to.
func (e *Evidence) socketsPassed() bool {
	if e.Unit("StandardInput") == "socket" || e.Unit("Sockets") != "" || strings.Contains(e.Trace.Header.Unit.Name, "@") {
		return true
	}
	bound := false
	for _, o := range e.Of(trace.KindAddress) {
		bound = bound || o.Address.Op == trace.AddressBind
	}
	for _, o := range e.Of(trace.KindAddress) {
		if o.Address.Op == trace.AddressAccept && o.Address.IP != "" && !bound {
			return true
		}
	}
	return false
}
