// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

func portFamily() Family {
	return Family{
		Name: "ports",
		Directives: []Directive{
			{Name: "SocketBindDeny", Denies: "binding to other ports", Read: readSocketBind},
			{Name: "SocketBindAllow"},
		},
		Propose: proposePorts,
	}
}

// portRange is an entry of SocketBindAllow= or SocketBindDeny=; empty fields are any.
type portRange struct {
	family   string // AF_INET or AF_INET6
	protocol string // SOCK_STREAM or SOCK_DGRAM
	from, to uint16
	ported   bool
}

// portRule denies bind(2) on the unit's control group (BPF, v249).
type portRule struct {
	deny, allow []portRange
}

func (r *portRule) Kind() trace.Kind { return trace.KindAddress }

func (r *portRule) Denies(o *trace.Observation) trace.Outcome {
	a := o.Address
	if a.Op != trace.AddressBind || a.Family != "AF_INET" && a.Family != "AF_INET6" {
		return allowed
	}
	if matchesPort(r.allow, a) || !matchesPort(r.deny, a) {
		return allowed
	}
	return unlessSame(o, eperm)
}

func matchesPort(list []portRange, a *trace.Address) bool {
	port := a.Port
	if a.Asked0 { // the kernel chooses it after the filter was asked
		port = 0
	}
	return slices.ContainsFunc(list, func(p portRange) bool {
		return (p.family == "" || p.family == a.Family) && (p.protocol == "" || p.protocol == a.Type) &&
			(!p.ported || p.from <= port && port <= p.to)
	})
}

// portWords are the parts of a rule that are words.
var portWords = map[string]portRange{
	"ipv4": {family: "AF_INET"}, "ipv6": {family: "AF_INET6"}, "tcp": {protocol: "SOCK_STREAM"}, "udp": {protocol: "SOCK_DGRAM"}, "any": {},
}

// portRanges reads the rules of all lines: [FAMILY:][PROTOCOL:][PORT[-PORT]].
func portRanges(values []string) []portRange {
	var list []portRange
	for _, w := range strings.Fields(effective(values)) {
		if p, ok := parsePort(w); ok {
			list = append(list, p)
		}
	}
	return list
}

func parsePort(word string) (portRange, bool) {
	var p portRange
	for part := range strings.SplitSeq(word, ":") {
		named, ok := portWords[part]
		if ok {
			p.family, p.protocol = cmp.Or(p.family, named.family), cmp.Or(p.protocol, named.protocol)
			continue
		}
		first, last, ranged := strings.Cut(part, "-")
		if !ranged {
			last = first
		}
		from, err1 := strconv.ParseUint(first, 10, 16)
		to, err2 := strconv.ParseUint(last, 10, 16)
		if err1 != nil || err2 != nil {
			return p, false
		}
		p.from, p.to, p.ported = uint16(from), uint16(to), true
	}
	return p, true
}

// readSocketBind: what is allowed counts before what is denied.
func readSocketBind(values []string, u *Unit) []Rule {
	return []Rule{&portRule{deny: portRanges(values), allow: portRanges(u.Values("SocketBindAllow"))}}
}

// mostPorts is how many ports may be named; a service with more chooses them itself.
const mostPorts = 8

// proposePorts names the ports that were bound. A service that asks for whichever port
// is free, or binds many, has others every time.
func proposePorts(e *Evidence) []Candidate {
	if e.Level < Strict || !e.Target.Enforces("SocketBindDeny", "any") || e.addressesUnknown() ||
		len(e.unitList("SocketBindDeny"))+len(e.unitList("SocketBindAllow")) > 0 {
		return nil
	}
	c := Candidate{Settings: []trace.Setting{{Name: "SocketBindDeny", Value: "any"}}, Reasons: map[int][]*trace.Observation{}}
	at := map[string]int{}
	for _, o := range e.Of(trace.KindAddress) {
		a := o.Address
		if a.Op != trace.AddressBind || a.IP == "" {
			continue
		}
		protocol := map[string]string{"SOCK_STREAM": "tcp", "SOCK_DGRAM": "udp"}[a.Type]
		if a.Asked0 || a.Port == 0 || protocol == "" || len(at) > mostPorts {
			return nil
		}
		value := fmt.Sprintf("%s:%d", protocol, a.Port)
		if at[value] == 0 {
			at[value] = len(c.Settings)
			c.Settings = append(c.Settings, trace.Setting{Name: "SocketBindAllow", Value: value})
		}
		c.Reasons[at[value]] = append(c.Reasons[at[value]], o)
	}
	return []Candidate{c}
}
