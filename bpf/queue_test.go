// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"encoding/binary"
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
		err := records(block, func(r []byte) error {
			if got := int(binary.LittleEndian.Uint32(r[len(r)-4:])); got != next || len(r) != next%97+4 {
				t.Fatalf("the record %d of %d bytes, want %d of %d", got, len(r), next, next%97+4)
			}
			next++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if next != n {
		t.Errorf("%d records, want %d", next, n)
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
		q.take()
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
