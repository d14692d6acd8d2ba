// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"fmt"

	"github.com/sbxprof/sbxprof/trace"
)

// Target is the system that a suggestion is for. The zero value is the newest
// systemd known, built with the usual features, on an unknown kernel and machine.
type Target struct {
	Systemd  Version
	Features Features
	Kernel   KernelVersion
	// Arch is the machine as uname -m prints it: "x86_64", "aarch64".
	Arch string

	// live are the groups that the host itself told; nil if the tables decide.
	live groupSet
}

// TargetOf returns the system on which a trace was recorded.
func TargetOf(h trace.Host) (Target, error) {
	v, err := ParseVersion(h.Systemd)
	if err != nil {
		return Target{}, fmt.Errorf("the trace's systemd version: %w", err)
	}
	k, err := ParseKernel(h.Kernel)
	if err != nil {
		return Target{}, fmt.Errorf("the trace's kernel: %w", err)
	}
	return Target{Systemd: v, Features: ParseFeatures(h.Features), Kernel: k, Arch: h.Arch}, nil
}

// Supports tells whether the target's systemd was built with the feature; see
// Features.Has for what is assumed when that is not known.
func (t Target) Supports(feature string) bool { return t.Features.Has(feature) }

// WithGroups returns the target with the groups that its own systemd lists, as
// ParseSyscallFilter reads them: they replace the tables.
func (t Target) WithGroups(groups []Group) Target {
	t.live = make(groupSet, len(groups))
	for _, g := range groups {
		t.live[g.Name] = g.Members
	}
	return t
}
