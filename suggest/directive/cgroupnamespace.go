// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// foreignGroups: in a cgroup namespace of the unit's own, /proc tells of the processes
// outside that they are somewhere above it ("0::/../x.service"). Whoever asks which unit or
// session a process is of does not get to know it: systemd-machined gives up (EUNATCH), and
// polkitd takes it for nobody's.
type foreignGroups struct{}

func (foreignGroups) Kind() trace.Kind { return trace.KindFile }

func (foreignGroups) concerns(dir string) bool { return within(dir, "/proc") }

func (foreignGroups) Denies(o *trace.Observation) trace.Outcome {
	rest, ok := strings.CutPrefix(string(o.File.Path), "/proc/")
	pid, file, _ := strings.Cut(rest, "/")
	if !ok || !isPID(pid) || file != "cgroup" || o.File.Op != trace.OpRead || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	return Hidden
}
