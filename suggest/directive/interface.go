// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

func interfaceFamily() Family {
	return Family{
		Name:       "interfaces",
		Directives: []Directive{{Name: "RestrictNetworkInterfaces", Denies: "traffic by other interfaces", Read: readInterfaces}},
		// Which interface traffic goes by is the routing table's to say, today.
		Propose: func(*Evidence) []Candidate { return nil },
	}
}

// readInterfaces: an allow-list, or with "~" a deny-list, as the first line decides.
func readInterfaces(values []string, _ *Unit) []Rule {
	var list []string
	deny := false
	for i, v := range sinceReset(values) {
		words, inverted := strings.CutPrefix(v, "~")
		if i == 0 {
			deny = inverted
		}
		for _, w := range strings.Fields(words) {
			if inverted == deny {
				list = append(list, w)
			} else {
				list = slices.DeleteFunc(list, func(l string) bool { return l == w })
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	r := &interfaceRule{lo: slices.Contains(list, "lo") != deny}
	r.others = deny || len(list) > 1 || list[0] != "lo"
	return []Rule{r}
}

// interfaceRule filters packets by interface. A trace tells only what goes by the
// loopback interface.
type interfaceRule struct {
	// lo and others are whether these pass; of others, at least some.
	lo, others bool
}

func (r *interfaceRule) Kind() trace.Kind { return trace.KindAddress }

func (r *interfaceRule) Denies(o *trace.Observation) trace.Outcome {
	ip, err := netip.ParseAddr(o.Address.IP)
	if err != nil {
		return allowed
	}
	local := addressRule{deny: prefixList([]string{"localhost"})}
	remote := addressRule{deny: prefixList([]string{"any"}), allow: local.deny}
	switch {
	case ip.Unmap().IsLoopback() && !r.lo:
		return local.Denies(o)
	case !ip.Unmap().IsLoopback() && !r.others:
		return remote.Denies(o)
	}
	return allowed
}
