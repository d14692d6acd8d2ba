// SPDX-License-Identifier: Apache-2.0

package unit

import (
	"context"
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/dbus"
)

// Restart restarts a unit, or starts one that does not run, and waits until
// systemd has done it. Its error wraps ErrFailed when the unit does not start.
func (m *Manager) Restart(ctx context.Context, name string) error {
	conn, err := m.connection(ctx)
	if err != nil {
		return err
	}
	done := make(chan string, 1)
	if _, err := conn.RestartUnitContext(ctx, name, "replace", done); err != nil {
		return fmt.Errorf("restarting %s: %w", name, err)
	}
	lost := time.NewTicker(checkEvery)
	defer lost.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("restarting %s: %w", name, ctx.Err())
		case result := <-done:
			// "skipped" is a unit that has no job of its own left: it was reached.
			return jobError(name, result, result == "done" || result == "skipped")
		case <-lost.C:
			if !conn.Connected() { // the bus was restarted, perhaps by this very job
				return m.awaitJob(ctx, name)
			}
		}
	}
}

// checkEvery is how often a connection is looked at that ought to bring something.
const checkEvery = time.Second

func jobError(name, result string, ok bool) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%w: systemd says %q; `systemctl status %s` and `journalctl -u %s` say why", ErrFailed, result, name, name)
}

// awaitJob waits until a unit has no job any more, of which no signal will tell.
func (m *Manager) awaitJob(ctx context.Context, name string) error {
	for {
		state, err := m.State(ctx, name)
		if err == nil && !state.Job {
			return jobError(name, state.Active, !state.Stopped())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("restarting %s: %w", name, ctx.Err())
		case <-time.After(checkEvery):
		}
	}
}

// State is how a unit is doing.
type State struct {
	// Active and Sub are systemd's words: "active", "running".
	Active, Sub string
	// Result says how the unit last ended: "success", "exit-code", …
	Result string
	// MainPID is the main process, 0 if there is none.
	MainPID uint32
	// Job is set while a job for the unit waits or runs.
	Job bool
	// Invocation changes each time the unit is started.
	Invocation string
}

// Stopped tells whether the unit does not run and is not about to.
func (s State) Stopped() bool { return (s.Active == "inactive" || s.Active == "failed") && !s.Job }

// State asks how a unit is doing.
func (m *Manager) State(ctx context.Context, name string) (State, error) {
	conn, err := m.connection(ctx)
	if err != nil {
		return State{}, err
	}
	all, err := conn.GetAllPropertiesContext(ctx, name)
	if err != nil {
		return State{}, fmt.Errorf("asking systemd how %s is doing: %w", name, err)
	}
	p := properties(all)
	s := State{Active: p.text("ActiveState"), Sub: p.text("SubState"), Result: p.text("Result")}
	s.MainPID, _ = p["MainPID"].(uint32)
	if job, ok := p["Job"].([]any); ok && len(job) > 0 {
		id, _ := job[0].(uint32)
		s.Job = id != 0
	}
	if id, ok := p["InvocationID"].([]byte); ok {
		s.Invocation = fmt.Sprintf("%x", id)
	}
	return s, nil
}

// Changes returns a channel that receives the name of a unit whenever something
// about it changed. It is closed when ctx ends. When the bus was restarted it goes on
// with the new one; what changed meanwhile is not told.
func (m *Manager) Changes(ctx context.Context) (<-chan string, error) {
	updates := make(chan *dbus.PropertiesUpdate, 256)
	conn, err := m.subscribe(ctx, updates)
	if err != nil {
		return nil, err
	}
	names := make(chan string)
	go func() {
		defer close(names)
		lost := time.NewTicker(checkEvery)
		defer lost.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-lost.C:
				if conn.Connected() {
					continue
				}
				if again, err := m.subscribe(ctx, updates); err == nil {
					conn = again
				}
			case u := <-updates:
				select {
				case names <- u.UnitName:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return names, nil
}

// subscribe asks for signals about all units.
func (m *Manager) subscribe(ctx context.Context, updates chan *dbus.PropertiesUpdate) (*dbus.Conn, error) {
	conn, err := m.connection(ctx)
	if err != nil {
		return nil, err
	}
	if err := conn.Subscribe(); err != nil {
		return nil, fmt.Errorf("subscribing to systemd's signals: %w", err)
	}
	conn.SetPropertiesSubscriber(updates, make(chan error, 1))
	return conn, nil
}
