// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"encoding/binary"
	"slices"
	"testing"
)

func TestQueue(t *testing.T) {
	const n = 200_000
	q := newQueue()
	go func() {
		for i := range n {
			q.put(binary.LittleEndian.AppendUint32(make([]byte, i%97), uint32(i)))
		}
		q.close()
	}()
	next := 0
	for block := q.take(); block != nil; block = q.take() {
		records(block, func(r []byte) {
			if got := int(binary.LittleEndian.Uint32(r[len(r)-4:])); got != next || len(r) != next%97+4 {
				t.Fatalf("the record %d of %d bytes, want %d of %d", got, len(r), next, next%97+4)
			}
			next++
		})
	}
	if next != n {
		t.Errorf("%d records, want %d", next, n)
	}
}

// TestUndecodable has records that are no events between those that are.
func TestUndecodable(t *testing.T) {
	whole := rawEvent(t, sbxSbxEvent{Kind: uint8(EventMove), Given: 2}, "a\x00", "")
	q := newQueue()
	for _, record := range [][]byte{whole, whole[:7], whole, nil, whole[:len(whole)-1], whole} {
		q.put(record)
	}
	q.close()
	r := &Recorder{}
	handled := 0
	handleAll(q, func(*Event) { handled++ }, &r.undecodable)
	if handled != 3 || r.undecodable.Load() != 3 {
		t.Errorf("%d events and %d records that are none, want 3 of each", handled, r.undecodable.Load())
	}
	want := []Loss{{Reason: "undecodable", Hides: "what an event told", Count: 3}}
	if got := r.undecoded(); !slices.Equal(got, want) {
		t.Errorf("the losses are %+v, want %+v", got, want)
	}
	if got := (&Recorder{}).undecoded(); got != nil {
		t.Errorf("without any: %+v", got)
	}
}

// TestQueueIsBounded fills the queue: who fills it waits until something is taken.
func TestQueueIsBounded(t *testing.T) {
	q := newQueue()
	record := make([]byte, 60_000)
	filled := make(chan bool)
	go func() {
		for range queueSize/len(record) + 100 {
			q.put(record)
		}
		close(filled)
	}()
	for q.bytes() < queueSize-2*len(record) {
		select {
		case <-filled:
			t.Fatal("the queue took more than it should")
		default:
		}
	}
	for done := false; !done; {
		if q.bytes() > 0 {
			q.take()
		}
		select {
		case <-filled:
			done = true
		default:
		}
		if n := q.bytes(); n > queueSize+len(record)+4 {
			t.Fatalf("%d bytes wait, want %d at most", n, queueSize)
		}
	}
}

func (q *queue) bytes() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.size
}
