// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/ringbuf"
)

// pollEvery is how long events may wait: the kernel side wakes the reader only for
// those that do not bear it, and when many have gathered.
const pollEvery = 100 * time.Millisecond

// Found are events of the kind EventUnit for the services of slices that were there
// at Start.
func (r *Recorder) Found() []*Event { return r.found }

// Events calls handle with each event, one after the other, until Flush or Close;
// the event is handle's to keep. It returns nil when everything that was in the
// ring when Flush was called has been handled.
func (r *Recorder) Events(handle func(*Event)) error {
	q := newQueue()
	done := make(chan struct{})
	go func() {
		defer close(done)
		handleAll(q, handle, &r.undecodable)
	}()
	err := r.fill(q)
	q.close()
	<-done
	return err
}

// fill takes records from the ring until it is flushed or closed.
func (r *Recorder) fill(q *queue) error {
	var record ringbuf.Record
	for {
		r.ring.SetDeadline(time.Now().Add(pollEvery))
		err := r.ring.ReadInto(&record)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			if err := r.entries.tick(); err != nil {
				return err
			}
			continue
		case errors.Is(err, ringbuf.ErrFlushed), errors.Is(err, ringbuf.ErrClosed):
			return nil
		case err != nil:
			return fmt.Errorf("reading the recorder's events: %w", err)
		}
		kind := kindOf(record.RawSample)
		if err := r.entries.on(kind); err != nil {
			return err
		}
		if kind != eventEntries {
			q.put(record.RawSample)
		}
	}
}

// handleAll handles records until there are none and the queue is closed, and counts
// those that are no events.
func handleAll(q *queue, handle func(*Event), undecodable *atomic.Uint64) {
	for block := q.take(); block != nil; block = q.take() {
		records(block, func(raw []byte) {
			e := new(Event)
			if decodeEvent(raw, e) != nil {
				undecodable.Add(1)
				return
			}
			handle(e)
		})
	}
}

// Flush makes Events return once it has handled what is there now.
func (r *Recorder) Flush() error { return r.ring.Flush() }

// Call is a system call that was seen.
type Call struct {
	Actor uint32
	// ABI and Number are the call's.
	ABI    string
	Number int
	// Errno is 0 for success. Unfinished is a call that did not return, Killed one
	// that a filter answered with SIGSYS, Filtered one that never was entered.
	Errno                        uint16
	Unfinished, Killed, Filtered bool
	// Args are the values of Spec's facts, as many of them as were recorded.
	Args []uint64
	Seen
}

// Seen is how often something was seen, and when, in nanoseconds since boot. Last
// of a system call may be too late by as long as State was not called.
type Seen struct {
	Count       uint64
	First, Last uint64
	PID         uint32
}

// Check is a check for a capability that was seen.
type Check struct {
	Actor uint32
	// Cap is the capability's number.
	Cap     uint8
	Granted bool
	// ABI and Number are the system call's in which it happened; Number is -1
	// outside of one. Errno is how that call ended.
	ABI        string
	Number     int
	Errno      uint16
	Unfinished bool
	// Foreign, Overridden and Quiet: see the fields of trace.Capability.
	Foreign, Overridden, Quiet bool
	// Stack are addresses in the kernel, innermost first.
	Stack []uint64
	Seen
}

// Uring is an operation that was submitted through io_uring.
type Uring struct {
	Actor uint32
	Op    uint8
	Seen
}

// State is what is in the kernel's maps.
type State struct {
	Calls  []Call
	Checks []Check
	Urings []Uring
	// Again tells how often events happened again, by their key.
	Again map[Key]Again
	// Folded is the same for events whose path is Folded, by Key.Directory.
	Folded map[Directory]Again
	// Losses counts what was lost, by the recorder's word for the reason.
	Losses []Loss
}

// Again is how often something was seen after its event.
type Again struct {
	Count uint64
	Last  uint64
}

// State reads the kernel's maps without changing what they hold. While the
// recorder is attached it is a view on the way; after Stop it is what there is, and
// holds the calls that have not returned.
func (r *Recorder) State() (*State, error) {
	visit := r.Visit
	if len(r.links) == 0 {
		visit = r.finish
	}
	if err := visit(); err != nil {
		return nil, err
	}
	s := &State{Again: map[Key]Again{}, Folded: map[Directory]Again{}}
	return s, errors.Join(r.readCalls(s), r.readChecks(s), r.readUrings(s), r.readAgain(s), r.readLosses(s))
}

// each calls f with every entry of a map.
func each[K, V any](m *ebpf.Map, f func(*K, *V)) error {
	var k K
	var v V
	it := m.Iterate()
	for it.Next(&k, &v) {
		f(&k, &v)
	}
	if err := it.Err(); err != nil {
		return fmt.Errorf("reading the recorder's map %s: %w", m, err)
	}
	return nil
}

// The values of sbx_call_key.err that are no errno, and of nr for none.
const (
	errUnfinished = 0xfff
	errKilled     = 0xffe
	noCall        = 0xffff
)

func seenOf(v *sbxSbxSeen) Seen { return Seen{v.Count, v.First, v.Last, v.Tgid} }

func (r *Recorder) readCalls(s *State) error {
	abis := abiNames(machine())
	return each(r.maps.Maps[sbxMapCalls], func(k *sbxSbxCallKey, v *sbxSbxSeen) {
		c := Call{Actor: k.Actor, ABI: abis[k.Abi&3], Number: int(k.Nr), Errno: k.Err,
			Filtered: k.Filtered != 0, Seen: seenOf(v)}
		if k.Err == errUnfinished || k.Err == errKilled {
			c.Errno, c.Unfinished, c.Killed = 0, k.Err == errUnfinished, k.Err == errKilled
		}
		if k.HasArgs == 1 {
			c.Args = []uint64{k.Args[0]}
		} else if k.HasArgs == 2 {
			c.Args = append(c.Args, k.Args[:]...)
		}
		s.Calls = append(s.Calls, c)
	})
}

func (r *Recorder) readChecks(s *State) error {
	stacks, err := r.readStacks()
	if err != nil {
		return err
	}
	abis := abiNames(machine())
	return each(r.maps.Maps[sbxMapChecks], func(k *sbxSbxCheckKey, v *sbxSbxSeen) {
		c := Check{Actor: k.Actor, Cap: k.Cap, Granted: k.Granted != 0, ABI: abis[k.Abi&3], Number: int(k.Nr), Errno: k.Err,
			Foreign: k.Class&1 != 0, Overridden: k.Class&2 != 0, Quiet: k.Class&4 != 0, Seen: seenOf(v)}
		at := sbxSbxStackKey{Nr: k.Nr, Abi: k.Abi, Cap: k.Cap, Class: k.Class, Granted: k.Granted}
		if k.Nr == noCall {
			c.Number = -1
		}
		if k.Err == errUnfinished {
			c.Errno, c.Unfinished = 0, true
		}
		c.Stack = stacks[at]
		s.Checks = append(s.Checks, c)
	})
}

const stackDepth = 32

// readStacks returns the stacks that were kept, without their unused ends.
func (r *Recorder) readStacks() (map[sbxSbxStackKey][]uint64, error) {
	stacks := map[sbxSbxStackKey][]uint64{}
	err := each(r.maps.Maps[sbxMapCheckStacks], func(k *sbxSbxStackKey, id *int32) {
		var frames [stackDepth]uint64
		if *id < 0 || r.maps.Maps[sbxMapStacks].Lookup(uint32(*id), &frames) != nil {
			return
		}
		n := 0
		for n < len(frames) && frames[n] != 0 {
			n++
		}
		stacks[*k] = frames[:n:n]
	})
	return stacks, err
}

func (r *Recorder) readUrings(s *State) error {
	return each(r.maps.Maps[sbxMapUrings], func(k *sbxSbxUringKey, v *sbxSbxSeen) {
		s.Urings = append(s.Urings, Uring{Actor: k.Actor, Op: uint8(k.Op), Seen: seenOf(v)})
	})
}

func (r *Recorder) readAgain(s *State) error {
	err := each(r.maps.Maps[sbxMapDirectories], func(k *sbxSbxDirectoryKey, v *sbxSbxAgain) {
		if v.Count > foldAfter+1 {
			s.Folded[Directory{*k}] = Again{v.Count - foldAfter - 1, v.Last}
		}
	})
	return errors.Join(err, r.readFiles(s))
}

// foldAfter is how many names in one directory are told apart.
const foldAfter = 100

func (r *Recorder) readFiles(s *State) error {
	return each(r.maps.Maps[sbxMapFiles], func(k *sbxSbxFileKey, v *sbxSbxAgain) {
		if v.Count > 0 {
			s.Again[Key{*k}] = Again{v.Count, v.Last}
		}
	})
}
