// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"time"

	"github.com/sbxprof/sbxprof/trace"
)

// Libsystemd, with which a daemon tells systemd that it is ready, wants large buffers for
// its sockets. It sets them with SO_SNDBUF, which everybody may up to a limit, then with
// SO_SNDBUFFORCE, which takes CAP_NET_ADMIN, and goes on with what it got (fd_set_sndbuf()
// in src/basic/socket-util.c; as seen of 252 and 257). Who forces without having asked before
// may have no other way.

const solSocket = 1

// forcing are the options of a socket that set a buffer beyond the limit, each with the
// one that sets it up to there: SO_SNDBUFFORCE and SO_RCVBUFFORCE.
var forcing = map[uint64]uint64{32: 7, 33: 8}

// buffers has who set which of these options.
type buffers map[trace.Actor]map[uint64]timesSet

type timesSet struct {
	count uint64
	first time.Time
}

func (b buffers) add(o *trace.Observation) {
	level, _ := o.Syscall.Arg(1)
	option, _ := o.Syscall.Arg(2)
	if level != solSocket || forcing[option] == 0 && o.Outcome != trace.OutcomeOK {
		return
	}
	if b[o.Actor] == nil {
		b[o.Actor] = map[uint64]timesSet{}
	}
	t := b[o.Actor][option]
	if t.count == 0 || o.First.Before(t.first) {
		t.first = o.First
	}
	t.count += o.Count
	b[o.Actor][option] = t
}

// askedBefore tells whether an actor always set a buffer up to the limit before it forced
// one.
func (b buffers) askedBefore(a trace.Actor, force uint64) bool {
	forced, asked := b[a][force], b[a][forcing[force]]
	return asked.count > 0 && asked.count >= forced.count && !forced.first.Before(asked.first)
}

// MakesDo tells whether an observation is of setting a buffer beyond the limit, or of the
// check for the capability that this takes, by who has set it up to the limit already and
// makes do with that.
func (s *Scene) MakesDo(o *trace.Observation) bool {
	if o.Syscall != nil && o.Syscall.Name == "setsockopt" {
		option, _ := o.Syscall.Arg(2)
		_, set := s.buffers[o.Actor][option]
		return set && forcing[option] != 0 && s.buffers.askedBefore(o.Actor, option)
	}
	if c := o.Capability; c == nil || c.Asked || c.Name != "CAP_NET_ADMIN" || c.Syscall != "setsockopt" {
		return false
	}
	var checks uint64
	for force := range forcing {
		forced := s.buffers[o.Actor][force]
		if forced.count > 0 && !s.buffers.askedBefore(o.Actor, force) {
			return false
		}
		checks += forced.count
	}
	return checks > 0 && o.Count <= checks // more are for something else
}
