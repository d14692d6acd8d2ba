// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"cmp"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
	"github.com/sbxprof/sbxprof/trace"
)

// addressFamilies are the kernel's names by number (include/linux/socket.h, 6.18);
// systemd knows the same (address-families from its own build).
var addressFamilies = map[uint64]string{
	1: "AF_UNIX", 2: "AF_INET", 3: "AF_AX25", 4: "AF_IPX", 5: "AF_APPLETALK", 6: "AF_NETROM", 7: "AF_BRIDGE",
	8: "AF_ATMPVC", 9: "AF_X25", 10: "AF_INET6", 11: "AF_ROSE", 12: "AF_DECnet", 13: "AF_NETBEUI",
	14: "AF_SECURITY", 15: "AF_KEY", 16: "AF_NETLINK", 17: "AF_PACKET", 18: "AF_ASH", 19: "AF_ECONET",
	20: "AF_ATMSVC", 21: "AF_RDS", 22: "AF_SNA", 23: "AF_IRDA", 24: "AF_PPPOX", 25: "AF_WANPIPE", 26: "AF_LLC",
	27: "AF_IB", 28: "AF_MPLS", 29: "AF_CAN", 30: "AF_TIPC", 31: "AF_BLUETOOTH", 32: "AF_IUCV", 33: "AF_RXRPC",
	34: "AF_ISDN", 35: "AF_PHONET", 36: "AF_IEEE802154", 37: "AF_CAIF", 38: "AF_ALG", 39: "AF_NFC",
	40: "AF_VSOCK", 41: "AF_KCM", 42: "AF_QIPCRTR", 43: "AF_SMC", 44: "AF_XDP", 45: "AF_MCTP",
}

// AddressFamily returns the name of an address family; "" for an unknown one.
func AddressFamily(number uint64) string { return addressFamilies[number] }

func networkFamilies() []Family {
	return []Family{
		single(Directive{
			Name: "PrivateNetwork", Values: []Value{{"yes", Standard}},
			Denies: "the network, and abstract sockets of others", Read: flag(privateNetworkRules),
		}),
		{
			Name: "RestrictAddressFamilies",
			Directives: []Directive{{
				Name: "RestrictAddressFamilies", Denies: "sockets of other address families", Read: readAddressFamilies,
			}},
			Propose: proposeAddressFamilies,
		},
	}
}

// privateNetworkRules: a loopback interface of the unit's own is all that there is.
func privateNetworkRules(u *Unit) []Rule {
	if last(u.Values("NetworkNamespacePath")) != "" {
		return nil // it is joined instead
	}
	return []Rule{&CallRule{Calls: []string{"socket"}, Outcome: Unreachable,
		When: []ArgTest{{Index: 0, Op: IsNoneOf, Values: localFamilies, Unknown: true}}}, loneAddresses{}, ownNetwork{}}
}

// ownNetwork is what a unit with a network of its own reads of it: nothing of the host's.
type ownNetwork struct{}

func (ownNetwork) Kind() trace.Kind { return trace.KindFile }

func (ownNetwork) ops() []trace.FileOp { return []trace.FileOp{trace.OpRead, trace.OpList} }

func (ownNetwork) Denies(o *trace.Observation) trace.Outcome {
	if o.Outcome == trace.OutcomeOK && tellsOfNetwork.MatchString(string(o.File.Path)) {
		return Hidden
	}
	return allowed
}

// tellsOfNetwork are the files that tell of the network that a process is in. Settings in
// /proc/sys/net are none of them: who listens on a local socket looks at somaxconn, too.
var tellsOfNetwork = regexp.MustCompile(`^(/proc/(self|\[pid\]|\d+)/net/.|/sys/class/net(/|$)|/sys/devices/(.*/)?net(/|$))`)

// localFamilies make sockets that a network namespace of the unit's own does not
// disturb.
var localFamilies = []uint64{1, 38} // AF_UNIX, AF_ALG

// loneAddresses are what a network with nobody else in it makes of addresses.
type loneAddresses struct{}

func (loneAddresses) Kind() trace.Kind { return trace.KindAddress }

func (loneAddresses) Denies(o *trace.Observation) trace.Outcome {
	a := o.Address
	ip, err := netip.ParseAddr(a.IP)
	if err != nil || ip.IsLoopback() || ip.IsUnspecified() {
		if o.Outcome != trace.OutcomeOK {
			return allowed
		}
		return Unreachable
	}
	switch a.Op {
	case trace.AddressBind:
		return unlessSame(o, "EADDRNOTAVAIL")
	case trace.AddressConnect, trace.AddressSend:
		return unlessSame(o, "ENETUNREACH")
	}
	return Unreachable
}

// readAddressFamilies: an allow-list, or with "~" a deny-list, as the first line
// decides. socketpair(2) is not covered.
func readAddressFamilies(values []string, t *Unit) []Rule {
	var set []uint64
	var inverted, started bool
	for _, v := range sinceReset(values) {
		list, not := strings.CutPrefix(v, "~")
		if !started {
			inverted, started = not, true
		}
		for _, w := range strings.Fields(list) {
			if t.ValueKnown("RestrictAddressFamilies", w) {
				set = edit(set, familyNumber(w), not == inverted)
			}
		}
	}
	if !started {
		return nil
	}
	denied := trace.Outcome("EAFNOSUPPORT")
	if !t.Systemd.AtLeast(233) {
		denied = "EPROTONOSUPPORT"
	}
	op := IsNoneOf
	if inverted {
		op = IsOneOf
	}
	return []Rule{&CallRule{Calls: []string{"socket"}, Outcome: denied, ABIs: familyABIs,
		When: []ArgTest{{Index: 0, Op: op, Values: set, Unknown: true}}}}
}

// familyABIs are those that RestrictAddressFamilies= filters: on i386 there is
// socketcall(2), whose arguments are in memory, and so nothing is filtered there.
var familyABIs = []string{seccomp.ABIX86_64, seccomp.ABIX32, seccomp.ABIAArch64, seccomp.ABIARM}

// familyAliases are other names that the C library has for families.
var familyAliases = map[string]string{"AF_LOCAL": "AF_UNIX", "AF_FILE": "AF_UNIX", "AF_ROUTE": "AF_NETLINK"}

func familyNumber(name string) uint64 {
	name = cmp.Or(familyAliases[name], name)
	for n, f := range addressFamilies {
		if f == name {
			return n
		}
	}
	return 0
}

// edit adds a number to a set, or takes it out; 0 is no number.
func edit(set []uint64, n uint64, add bool) []uint64 {
	switch {
	case n == 0 || add && slices.Contains(set, n):
		return set
	case add:
		return append(set, n)
	}
	return slices.DeleteFunc(set, func(m uint64) bool { return m == n })
}

// proposeAddressFamilies permits the families that a socket was had of. Below
// strict, AF_UNIX is always among them: libc uses it for syslog(3) and name
// services on paths that a training run seldom takes.
func proposeAddressFamilies(e *Evidence) []Candidate {
	if !e.Target.Enforces("RestrictAddressFamilies", "") {
		return nil
	}
	used := map[string]bool{}
	if e.Level < Strict {
		used["AF_UNIX"] = true
	}
	c := Candidate{Reasons: map[int][]*trace.Observation{}}
	for _, o := range e.Of(trace.KindSyscall) {
		family, known := o.Syscall.Arg(0)
		if o.Syscall.Name != "socket" || o.Outcome == "EAFNOSUPPORT" || o.Outcome == "EPROTONOSUPPORT" {
			continue
		}
		if !known || addressFamilies[family] == "" {
			return nil
		}
		used[addressFamilies[family]] = true
		c.Reasons[0] = append(c.Reasons[0], o)
	}
	value := strings.Join(slices.Sorted(maps.Keys(used)), " ")
	if value == "" {
		if value = "none"; !e.Target.ValueKnown("RestrictAddressFamilies", value) {
			value = "AF_UNIX"
		}
	}
	if slices.ContainsFunc(strings.Fields(value), func(f string) bool { return !e.Target.ValueKnown("RestrictAddressFamilies", f) }) {
		return nil // none that systemd cannot name can be let pass
	}
	return e.tightenFamilies(c, value)
}

// tightenFamilies: lines add up, so that a unit's own list has to be reset first,
// and never grows.
func (e *Evidence) tightenFamilies(c Candidate, value string) []Candidate {
	line := trace.Setting{Name: "RestrictAddressFamilies", Value: value}
	own := e.unitList("RestrictAddressFamilies")
	if len(own) == 0 {
		c.Settings = []trace.Setting{line}
		return []Candidate{c}
	}
	if !e.narrower(line, own) {
		return nil
	}
	c.Settings = []trace.Setting{{Name: line.Name}, line}
	c.Reasons[1] = c.Reasons[0]
	delete(c.Reasons, 0)
	return []Candidate{c}
}

// narrower tells whether a list of families denies all that the unit's own denies.
func (e *Evidence) narrower(line trace.Setting, own []string) bool {
	unit := &Unit{Target: e.Target}
	before, after := readAddressFamilies(own, unit)[0], readAddressFamilies([]string{line.Value}, unit)[0]
	stricter := false
	for n := range addressFamilies {
		o := &trace.Observation{Syscall: &trace.Syscall{ABI: seccomp.ABIX86_64, Name: "socket", Args: []trace.Arg{{Index: 0, Value: n}}}, Outcome: trace.OutcomeOK}
		was, is := before.Denies(o) != allowed, after.Denies(o) != allowed
		if was && !is {
			return false
		}
		stricter = stricter || is && !was
	}
	return stricter
}
