// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// staleHostname: in a UTS namespace of the unit's own the host's name stays what it was at
// the start. Programs that only want to know it call uname(2); who opens the file is
// systemd-resolved and others that wait there for another name, to answer to it by mDNS
// and LLMNR.
type staleHostname struct{}

var hostnameFiles = []string{"/proc/sys/kernel/hostname", "/proc/sys/kernel/domainname"}

func (staleHostname) Kind() trace.Kind { return trace.KindFile }

func (staleHostname) concerns(dir string) bool { return dir == "/proc/sys/kernel" }

func (staleHostname) Denies(o *trace.Observation) trace.Outcome {
	if o.File.Op != trace.OpRead || o.Outcome != trace.OutcomeOK || !slices.Contains(hostnameFiles, string(o.File.Path)) {
		return allowed
	}
	return Hidden
}
