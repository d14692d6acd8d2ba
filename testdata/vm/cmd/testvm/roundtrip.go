// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sbxprof/sbxprof/testdata/internal/denial"
	"github.com/sbxprof/sbxprof/trace"
)

// record records a restart of lighttpd and the workload: nothing is lost, and all is
// seen.
func (t *trial) record(ctx context.Context) error {
	if _, err := t.command(ctx, []int{0, statusIncomplete}, sbxprofPath, "record", "--unit", "lighttpd", "--restart",
		"--output", tracePath, "--", workloadPath, resultsPath); err != nil {
		return err
	}
	recorded, err := t.trace(ctx)
	if err != nil {
		return err
	}
	var wrong []error
	for _, l := range recorded.Header.Losses {
		t.figures.lost += l.Count
	}
	for _, why := range recorded.Incomplete() {
		wrong = append(wrong, fmt.Errorf("the trace is incomplete: %s", why))
	}
	return errors.Join(append(wrong, t.results(ctx))...)
}

// trace reads the machine's trace.
func (t *trial) trace(ctx context.Context) (*trace.Trace, error) {
	dir, err := os.MkdirTemp("", "sbxprof-vm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "trace")
	if err := t.m.CopyOut(ctx, tracePath, path); err != nil {
		return nil, err
	}
	return trace.ReadFile(path)
}

// results checks what the workload wrote.
func (t *trial) results(ctx context.Context) error {
	text, err := t.m.ReadFile(ctx, resultsPath)
	if err != nil {
		return err
	}
	requests, failed := parseResults(string(text))
	t.figures.requests = requests
	if requests == 0 {
		return errors.New("the workload made no request")
	}
	if len(failed) > 0 {
		return fmt.Errorf("the workload failed: %s", strings.Join(failed, ""))
	}
	return nil
}

// parseResults counts the requests of the workload, and returns the lines of what
// failed.
func parseResults(text string) (requests int, failed []string) {
	for line := range strings.Lines(text) {
		result, what, _ := strings.Cut(line, " ")
		if strings.HasPrefix(what, "request: ") {
			requests++
		}
		if result != "ok" {
			failed = append(failed, line)
		}
	}
	return requests, failed
}

// roundTrip installs what is suggested, and has lighttpd do everything again.
func (t *trial) roundTrip(ctx context.Context) error {
	cursor, err := t.cursor(ctx)
	if err != nil {
		return err
	}
	if _, err := t.command(ctx, []int{0}, sbxprofPath, "suggest", "--output", "/root/sbxprof.conf", tracePath); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"cat", "/root/sbxprof.conf"},
		{"install", "-D", "-m", "644", "/root/sbxprof.conf", dropInPath},
		{"systemctl", "daemon-reload"},
		{"systemctl", "restart", "lighttpd"},
		{workloadPath, resultsPath},
		{"systemctl", "is-active", "lighttpd"},
	} {
		if _, err := t.command(ctx, []int{0}, args...); err != nil {
			journal, _ := t.m.Journal(ctx, "--lines=30")
			return fmt.Errorf("%w; the end of the journal:\n%s", err, journal)
		}
	}
	return errors.Join(t.results(ctx), t.inForce(ctx), t.denials(ctx, cursor))
}

// inForce checks that the main process is confined: systemd ignores without a word
// what it cannot do.
func (t *trial) inForce(ctx context.Context) error {
	const script = `cat "/proc/$(systemctl show --property=MainPID --value lighttpd)/status"`
	status, err := t.m.Output(ctx, "sh", "-c", script)
	if err != nil {
		return err
	}
	if !strings.Contains(status, "\nSeccomp:\t2\n") {
		return fmt.Errorf("the main process has no system call filter:\n%s", status)
	}
	if strings.Contains(status, "\nCapBnd:\t000001ffffffffff\n") {
		return fmt.Errorf("the main process's bounding set is not limited:\n%s", status)
	}
	return nil
}

// cursor returns the place of the journal's end.
func (t *trial) cursor(ctx context.Context) (string, error) {
	said, err := t.m.Journal(ctx, "--lines=0", "--show-cursor")
	if err != nil {
		return "", err
	}
	_, cursor, ok := strings.Cut(said, "-- cursor: ")
	if !ok {
		return "", fmt.Errorf("journalctl tells no cursor: %s", said)
	}
	return strings.TrimSpace(cursor), nil
}

// denials looks for what the sandbox denied, and for lines of it that systemd
// ignored, in all that was said since the cursor.
func (t *trial) denials(ctx context.Context, cursor string) error {
	said, err := t.m.Journal(ctx, "--after-cursor="+cursor)
	if err != nil {
		return err
	}
	log, err := t.m.Output(ctx, "cat", "/var/log/lighttpd/error.log")
	if err != nil {
		return err
	}
	found := denial.Lines(said + log)
	t.figures.denied = len(found)
	if len(found) > 0 {
		return fmt.Errorf("it was denied:\n%s", strings.Join(found, ""))
	}
	return nil
}
