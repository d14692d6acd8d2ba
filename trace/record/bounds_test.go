// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/binary"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// peer is an event of a datagram to a host of its own network, from 11.0.0.0 on.
func peer(n uint32) *bpf.Event {
	raw := make([]byte, 8)
	binary.NativeEndian.PutUint16(raw, unix.AF_INET)
	binary.BigEndian.PutUint16(raw[2:], uint16(n))
	binary.BigEndian.PutUint32(raw[4:], 11<<24+n<<8)
	return &bpf.Event{Kind: bpf.EventAddress, Op: bpf.OpSend, Actor: 1, Given: raw, Socket: bpf.Socket{Family: unix.AF_INET, Type: unix.SOCK_DGRAM}}
}

// TestPeersAreBounded has a service answer more hosts than there is room for.
func TestPeersAreBounded(t *testing.T) {
	s := &session{actors: newActors(), events: newSet()}
	const more = 1000
	for n := range uint32(2*maxEvents + more) {
		s.handle(peer(n))
	}
	s.handle(peer(2 * maxEvents)) // once more: it is no more known than before
	s.handle(peer(maxEvents + 7)) // this one is known, and
	s.handle(peer(7))             // this one to the port
	if n := len(s.events.entries); n != 2*maxEvents {
		t.Errorf("%d observations, want %d", n, 2*maxEvents)
	}
	tr := s.trace(&target{}, newSet(), nil, time.Time{})
	want := trace.Loss{Reason: "observations_full", Count: more + 1, Hides: "operations on files and addresses, and signals to others"}
	if len(tr.Header.Losses) != 1 || tr.Header.Losses[0] != want || len(tr.Incomplete()) == 0 {
		t.Errorf("the losses are %+v, want %+v", tr.Header.Losses, want)
	}
}

// keyOf is a key that the kernel side might make: any bytes will do.
func keyOf(n int) bpf.Key {
	var k bpf.Key
	*(*uint32)(unsafe.Pointer(&k)) = uint32(n)
	return k
}

// TestEventsThatHappenAgainAreBounded has many events of one observation.
func TestEventsThatHappenAgainAreBounded(t *testing.T) {
	s := newSet()
	key := s.add(1, trace.Observation{Kind: trace.KindMove})
	for n := range maxAgain + 1000 {
		s.happenedAgain(keyOf(n), key)
	}
	if len(s.again) != maxAgain {
		t.Errorf("%d events are known, want %d", len(s.again), maxAgain)
	}
	s.happenedAgain(keyOf(7), key) // one of these
	if s.uncounted != 1000 {
		t.Errorf("%d are said not to be counted, want 1000", s.uncounted)
	}
	tr := (&session{actors: newActors(), events: s}).trace(&target{}, newSet(), nil, time.Time{})
	if tr.Header.Uncounted != 1000 || len(tr.Header.Losses) > 0 {
		t.Errorf("the trace says %d, and lost %v", tr.Header.Uncounted, tr.Header.Losses)
	}
}
