// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// defaultSettle is how long after the start of a service its calls are watched where
// they are entered: what confines itself does so at the start.
const defaultSettle = 10 * time.Second

// entries attaches the programs at the entry of system calls while they are needed.
// They tell calls that a filter answered from those that were made, and the calls of
// other ABIs than the native one; where there is neither, the programs at the return
// see everything, at half the cost.
type entries struct {
	r      *Recorder
	settle time.Duration

	mu    sync.Mutex
	links []io.Closer // nil while detached
	// kept is set when they are needed to the end.
	kept   bool
	until  time.Time
	closed bool
}

// watch attaches the programs for some time from now.
func (e *entries) watch() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.until = time.Now().Add(e.settle)
	return e.attach()
}

// keep attaches the programs for good.
func (e *entries) keep() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kept = true
	return e.attach()
}

// attach is called with the lock held.
func (e *entries) attach() error {
	if e.links != nil || e.closed {
		return nil
	}
	links, err := e.r.attach(entry)
	if err != nil {
		return err
	}
	e.links = links
	return e.tell(1)
}

// tick detaches the programs when their time is over.
func (e *entries) tick() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.links == nil || e.kept || time.Now().Before(e.until) {
		return nil
	}
	return e.detach()
}

// close detaches the programs; they are not attached again.
func (e *entries) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	err := closeAll(e.links)
	e.links = nil
	return err
}

// detach is called with the lock held. The other programs rely on these until they
// are told not to.
func (e *entries) detach() error {
	err := errors.Join(e.tell(0), closeAll(e.links))
	e.links = nil
	return err
}

func (e *entries) tell(watched uint32) error {
	if err := e.r.maps.Variables[sbxVarEntriesWatched].Set(watched); err != nil {
		return fmt.Errorf("telling the programs whether entries of calls are watched: %w", err)
	}
	return nil
}

// on is called with every event, before it is handled.
func (e *entries) on(kind EventKind) error {
	switch kind {
	case eventEntries:
		return e.keep()
	case EventCommand:
		return e.watch()
	}
	return nil
}

// begin decides whether the programs are attached at the start: not for services that
// run already without need for them.
func (e *entries) begin() error {
	var needed, found uint32
	err := errors.Join(e.r.maps.Variables[sbxVarEntriesNeeded].Get(&needed), e.r.maps.Variables[sbxVarTasksFound].Get(&found))
	switch {
	case err != nil:
		return fmt.Errorf("asking what the units run: %w", err)
	case needed != 0 || e.always():
		return e.keep()
	case found == 0:
		return e.watch()
	}
	return nil
}

// always tells that a call's registers do not tell it when it has ended: they do on
// x86-64, but not with its new way to enter the kernel (FRED). With two programs at
// each tracepoint one watches the other.
func (e *entries) always() bool {
	if e.r.second != nil || machine() != "x86_64" {
		return true
	}
	info, err := os.ReadFile("/proc/cpuinfo")
	return err != nil || bytes.Contains(info, []byte(" fred"))
}
