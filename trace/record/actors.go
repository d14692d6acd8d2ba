// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// actors are who did something, by the kernel side's numbers.
type actors struct {
	who map[uint32]bpf.Who
	exe map[uint32]trace.Path
	// commands are the Exec lines that the command lines systemd started come from,
	// by the kernel side's hash.
	commands map[commandKey]*trace.Command
}

type commandKey struct {
	unit uint16
	hash uint64
}

func newActors() *actors {
	return &actors{map[uint32]bpf.Who{}, map[uint32]trace.Path{}, map[commandKey]*trace.Command{}}
}

// add notes a new actor.
func (a *actors) add(e *bpf.Event) {
	a.who[e.Actor] = e.Who
	a.exe[e.Actor] = trace.Path(e.Path.Name)
}

// actor is an actor as a trace has it; false if the event that told of it was lost,
// which is counted.
func (a *actors) actor(id uint32) (trace.Actor, bool) {
	who, ok := a.who[id]
	actor := trace.Actor{Exe: a.exe[id], UID: who.UID, GID: who.GID, Phase: trace.PhaseSetup}
	if who.Service {
		actor.Phase = trace.PhaseService
	}
	if c := a.commands[commandKey{who.Unit, who.Command}]; c != nil {
		actor.Line = c.Line
		actor.Privileged = strings.Contains(c.Prefix, "+")
	}
	return actor, ok
}
