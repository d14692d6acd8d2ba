// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"
	"time"

	"github.com/sbxprof/sbxprof/trace"
)

// The capability for larger buffers is not needed by who asked for them without it first,
// as libsystemd does.
func TestBuffers(t *testing.T) {
	const sndbuf, rcvbuf, mark, sndbufForce, rcvbufForce = 7, 8, 36, 32, 33
	at := 0
	times := func(n uint64, o trace.Observation) trace.Observation {
		at++
		o.Count, o.First = n, time.Unix(int64(at), 0)
		return o
	}
	set := func(option, n uint64) trace.Observation {
		return times(n, sys("setsockopt", arg(1, solSocket), arg(2, option)))
	}
	check := func(n uint64) trace.Observation { return times(n, capability("CAP_NET_ADMIN", "setsockopt")) }
	for _, c := range []struct {
		name string
		seen []trace.Observation // the last one is a check
		want bool
	}{
		{"asked first", []trace.Observation{set(sndbuf, 3), set(sndbufForce, 3), check(3)}, true},
		{"both buffers", []trace.Observation{set(sndbuf, 8), set(sndbufForce, 8), set(rcvbuf, 4), set(rcvbufForce, 4), check(12)}, true},
		{"asked in vain", []trace.Observation{failed(set(sndbuf, 3), eperm), set(sndbufForce, 3), check(3)}, false},
		{"not asked", []trace.Observation{set(sndbufForce, 4), check(4)}, false},
		{"asked afterwards", []trace.Observation{set(sndbufForce, 3), set(sndbuf, 3), check(3)}, false},
		{"asked less often", []trace.Observation{set(sndbuf, 5), set(sndbufForce, 9), check(9)}, false},
		{"asked for another", []trace.Observation{set(rcvbuf, 3), set(sndbufForce, 3), check(3)}, false},
		{"asked by another user", []trace.Observation{as(33, set(sndbuf, 3)), set(sndbufForce, 3), check(3)}, false},
		{"a mark as well", []trace.Observation{set(sndbuf, 3), set(sndbufForce, 3), set(mark, 1), check(4)}, false},
		{"a mark alone", []trace.Observation{set(sndbuf, 3), set(mark, 1), check(1)}, false},
		{"another call", []trace.Observation{set(sndbuf, 3), set(sndbufForce, 3), times(1, capability("CAP_NET_ADMIN", "ioctl"))}, false},
	} {
		scene := NewScene(c.seen)
		o := &c.seen[len(c.seen)-1]
		if got := scene.MakesDo(o); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
		without := NewModel().Sandbox(settings("CapabilityBoundingSet="), target(t, "257"), scene).Violations(o)
		if (len(without) == 0) != c.want {
			t.Errorf("%s: violations %v", c.name, without)
		}
	}
}

// Who makes do with what it has is refused nothing where it is told that it may not.
func TestBuffersRefused(t *testing.T) {
	asked, forced := sys("setsockopt", arg(1, solSocket), arg(2, 7)), failed(sys("setsockopt", arg(1, solSocket), arg(2, 32)), eperm)
	alone := NewScene([]trace.Observation{forced})
	if both := NewScene([]trace.Observation{asked, forced}); !both.MakesDo(&forced) || both.MakesDo(&asked) || alone.MakesDo(&forced) {
		t.Error("who asked first makes do, and nobody else")
	}
}
