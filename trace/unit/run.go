// SPDX-License-Identifier: Apache-2.0

package unit

import (
	"context"
	"fmt"

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
	select {
	case <-ctx.Done():
		return fmt.Errorf("restarting %s: %w", name, ctx.Err())
	case result := <-done:
		// "skipped" is a unit that has no job of its own left: it was reached.
		if result == "done" || result == "skipped" {
			return nil
		}
		return fmt.Errorf("%w: systemd says %q; `systemctl status %s` and `journalctl -u %s` say why", ErrFailed, result, name, name)
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
// about it changed. It is closed when ctx ends; a connection that broke is made
// again by the next question.
func (m *Manager) Changes(ctx context.Context) (<-chan string, error) {
	conn, err := m.connection(ctx)
	if err != nil {
		return nil, err
	}
	if err := conn.Subscribe(); err != nil {
		return nil, fmt.Errorf("subscribing to systemd's signals: %w", err)
	}
	updates := make(chan *dbus.PropertiesUpdate, 256)
	conn.SetPropertiesSubscriber(updates, make(chan error, 1))
	names := make(chan string)
	go func() {
		defer close(names)
		for {
			select {
			case <-ctx.Done():
				return
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
