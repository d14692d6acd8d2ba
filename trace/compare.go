// SPDX-License-Identifier: Apache-2.0

package trace

// Diff is what two traces do not have in common, each in the order of the keys.
type Diff struct {
	OnlyA, OnlyB []Observation
}

// Compare returns the observations that are in one of two traces only. How often
// and when something was seen does not matter.
func Compare(a, b *Trace) Diff {
	return Diff{OnlyA: without(a, b), OnlyB: without(b, a)}
}

// without returns the observations of a that b does not have.
func without(a, b *Trace) []Observation {
	have := make(map[string]bool, len(b.Observations))
	for i := range b.Observations {
		have[b.Observations[i].Key()] = true
	}
	var rest []Observation
	for _, i := range canonicalOrder(a.Observations) {
		if key := a.Observations[i].Key(); !have[key] {
			have[key] = true
			rest = append(rest, a.Observations[i])
		}
	}
	return rest
}
