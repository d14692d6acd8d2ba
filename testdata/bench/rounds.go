// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
)

// cost is what one operation takes, in nanoseconds.
type cost struct {
	cpu     float64 // CPU time of the thread or service that does it
	elapsed float64
}

// variant is one way to run what is measured.
type variant struct {
	name string
	// rounds are how many of all rounds it takes part in, from the first on; 0 is
	// every one. What is slow needs fewer: its figure is large.
	rounds  int
	measure func(context.Context) (cost, error)
}

// measured are the costs of the variants, by name, round by round.
type measured map[string][]cost

// interleave measures every variant once a round, so that what changes on the
// machine meanwhile changes for all of them. Every round begins with another one.
func interleave(ctx context.Context, rounds int, variants []variant) (measured, error) {
	m := measured{}
	for round := range rounds {
		for i := range variants {
			v := variants[(round+i)%len(variants)]
			if v.rounds > 0 && round >= v.rounds {
				continue
			}
			c, err := v.measure(ctx)
			if err != nil {
				return nil, fmt.Errorf("measuring %s: %w", v.name, err)
			}
			m[v.name] = append(m[v.name], c)
		}
	}
	return m, nil
}

// clock chooses which time counts.
type clock func(cost) float64

func cpu(c cost) float64     { return c.cpu }
func elapsed(c cost) float64 { return c.elapsed }

// cost is the median cost of a variant.
func (m measured) cost(name string, time clock) float64 {
	var all []float64
	for _, c := range m[name] {
		all = append(all, time(c))
	}
	return median(all)
}

// added is the median of what a variant costs more than another in the same round.
func (m measured) added(name, base string, time clock) float64 {
	return m.compare(name, base, func(a, b cost) float64 { return time(a) - time(b) })
}

// speed is the median of how fast a variant is, as a fraction of another's speed in
// the same round.
func (m measured) speed(name, base string, time clock) float64 {
	return m.compare(name, base, func(a, b cost) float64 { return time(b) / time(a) })
}

func (m measured) compare(name, base string, f func(a, b cost) float64) float64 {
	var all []float64
	for i := range min(len(m[name]), len(m[base])) {
		all = append(all, f(m[name][i], m[base][i]))
	}
	return median(all)
}

// median returns 0 for nothing.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	middle := len(s) / 2
	if len(s)%2 == 1 {
		return s[middle]
	}
	return (s[middle-1] + s[middle]) / 2
}
