// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"os"
	"testing"
	"time"
)

// buildTimeout covers fetching and building a root on a slow machine.
const buildTimeout = 10 * time.Minute

// New boots a machine for a test and closes it at its end. When the test failed,
// the end of the machine's journal is in its log. Without root the test is
// skipped, and fails where CI=true.
func New(t testing.TB, o Options) *Machine {
	t.Helper()
	RequireRoot(t)
	ctx, cancel := context.WithTimeout(t.Context(), buildTimeout)
	defer cancel()
	m, err := Boot(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.end(t) })
	return m
}

// RequireRoot skips the test without root, and fails it where CI=true.
func RequireRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(errNotRoot)
	}
	t.Skipf("NOT TESTED: %v", errNotRoot)
}

func (m *Machine) end(t testing.TB) {
	// The context of the test has ended by now.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if t.Failed() {
		journal, err := m.Journal(ctx, "--lines=60")
		t.Logf("the journal of the machine (%v):\n%s", err, journal)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

// Check runs a program in the machine and returns its standard output. The test
// ends when its status is not 0.
func (m *Machine) Check(t testing.TB, args ...string) string {
	t.Helper()
	out, err := m.Output(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
