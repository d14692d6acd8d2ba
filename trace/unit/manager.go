// SPDX-License-Identifier: Apache-2.0

package unit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/coreos/go-systemd/v22/dbus"
)

// Errors that callers tell apart.
var (
	// ErrNoBus is wrapped when systemd cannot be asked.
	ErrNoBus = errors.New("systemd does not answer")
	// ErrNotFound is wrapped when there is no such unit.
	ErrNotFound = errors.New("there is no such unit")
	// ErrMasked is wrapped when the unit is masked.
	ErrMasked = errors.New("the unit is masked")
	// ErrCgroupV1 is wrapped when the unit is in no cgroup2 hierarchy.
	ErrCgroupV1 = errors.New("the unit is on cgroup v1 only")
	// ErrFailed is wrapped when a unit could not be started.
	ErrFailed = errors.New("the unit did not start")
)

// Manager is a connection to the system's systemd. It connects again when the bus
// was restarted. It may be used by several goroutines.
type Manager struct {
	mu   sync.Mutex
	conn *dbus.Conn
}

// Connect connects to systemd: over the system bus, or directly (root only) where
// there is none.
func Connect(ctx context.Context) (*Manager, error) {
	m := &Manager{}
	_, err := m.connection(ctx)
	return m, err
}

// connection is one that works, a new one if need be.
func (m *Manager) connection(ctx context.Context) (*dbus.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.conn != nil && m.conn.Connected() {
		return m.conn, nil
	}
	if m.conn != nil {
		m.conn.Close()
		m.conn = nil
	}
	conn, err := dbus.NewSystemConnectionContext(ctx)
	if err != nil {
		var direct error
		if conn, direct = dbus.NewSystemdConnectionContext(ctx); direct != nil {
			return nil, fmt.Errorf("%w: is it running here, and is the system bus? %w", ErrNoBus, err)
		}
	}
	m.conn = conn
	return conn, nil
}

// Close ends the connection.
func (m *Manager) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.conn != nil {
		m.conn.Close()
		m.conn = nil
	}
}

// Version returns systemd's version and its line of features, as in a trace's
// header.
func (m *Manager) Version(ctx context.Context) (version, features string, err error) {
	conn, err := m.connection(ctx)
	if err != nil {
		return "", "", err
	}
	for name, to := range map[string]*string{"Version": &version, "Features": &features} {
		value, err := conn.GetManagerProperty(name)
		if err != nil {
			return "", "", fmt.Errorf("asking systemd for its version: %w", err)
		}
		*to = strings.Trim(value, `"`)
	}
	return version, features, nil
}
