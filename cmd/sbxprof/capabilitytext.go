// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// capUses are what a check for a capability can mean, in the order in which it is told.
var capUses = []struct {
	use  directive.CapUse
	text string
}{
	{directive.CapNeeded, "needed"},
	{directive.CapOpportunistic, "had, and did not need,"},
	{directive.CapDenied, "did without"},
}

// printCapabilities prints the capabilities that were checked by what the checks mean,
// with the calls in which they were.
func printCapabilities(out io.Writer, observations []*trace.Observation) {
	useOf := capUseAmong(observations)
	for _, u := range capUses {
		calls := map[string]map[string]bool{}
		for _, o := range observations {
			if o.Capability == nil || useOf(o) != u.use {
				continue
			}
			name := o.Capability.Name
			if calls[name] == nil {
				calls[name] = map[string]bool{}
			}
			if o.Capability.Syscall != "" {
				calls[name][o.Capability.Syscall] = true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(calls)) {
			text := u.text + " " + name
			if len(calls[name]) > 0 {
				text += " in " + strings.Join(slices.Sorted(maps.Keys(calls[name])), ", ")
			}
			fmt.Fprintf(out, "  %s\n", systemd.Printable(text))
		}
	}
}

// capUseAmong returns what tells the meaning of a check among all that an actor did.
func capUseAmong(observations []*trace.Observation) func(*trace.Observation) directive.CapUse {
	all := make([]trace.Observation, len(observations))
	for i, o := range observations {
		all[i] = *o
	}
	scene := directive.NewScene(all)
	return func(o *trace.Observation) directive.CapUse {
		use, _ := directive.CapabilityUse(o)
		if use == directive.CapNeeded && scene.MakesDo(o) {
			return directive.CapOpportunistic
		}
		return use
	}
}
