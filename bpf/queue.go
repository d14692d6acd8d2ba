// SPDX-License-Identifier: Apache-2.0

package bpf

import "sync"

// queue is where records wait between being taken from the ring, which must be
// quick, and being handled, which may look things up in the file system.
type queue struct {
	mu     sync.Mutex
	change *sync.Cond
	blocks []*[]byte
	size   int
	closed bool
}

const (
	// queueSize bounds the bytes that wait. When they are as many the ring is not
	// read, and what does not fit into it is lost and counted.
	queueSize = 256 << 20
	blockSize = 1 << 20
)

func newQueue() *queue {
	q := &queue{}
	q.change = sync.NewCond(&q.mu)
	return q
}

// put adds a record of at most 64 KiB, and waits while there are too many.
func (q *queue) put(record []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.size >= queueSize && !q.closed {
		q.change.Wait()
	}
	last := len(q.blocks) - 1
	if last < 0 || len(*q.blocks[last])+4+len(record) > blockSize {
		block := make([]byte, 0, blockSize)
		q.blocks = append(q.blocks, &block)
		last++
	}
	b := q.blocks[last]
	*b = append(*b, byte(len(record)), byte(len(record)>>8), byte(len(record)>>16), byte(len(record)>>24))
	*b = append(*b, record...)
	q.size += 4 + len(record)
	q.change.Broadcast()
}

// take returns the records that have waited longest, nil when there are none and the
// queue is closed.
func (q *queue) take() []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.blocks) == 0 && !q.closed {
		q.change.Wait()
	}
	if len(q.blocks) == 0 {
		return nil
	}
	b := *q.blocks[0]
	q.blocks = q.blocks[1:]
	q.size -= len(b)
	q.change.Broadcast()
	return b
}

// close lets take return nil when everything is taken.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.change.Broadcast()
}

// records calls f with each record of what take returned.
func records(block []byte, f func([]byte)) {
	for len(block) >= 4 {
		n := int(block[0]) | int(block[1])<<8 | int(block[2])<<16 | int(block[3])<<24
		f(block[4 : 4+n])
		block = block[4+n:]
	}
}
