// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

// web is lighttpd in a machine of the test bed, and a client there.
type web struct {
	m *testbed.Machine
	// unit is the folder of lighttpd's cgroup, seen from here.
	unit string
}

const (
	sbxprofPath = "/usr/local/bin/sbxprof"
	tracePath   = "/root/bench.trace"
	pagePath    = "/var/www/html/page.html"
)

// startServer starts lighttpd and waits until it listens: systemd does not.
const startServer = `systemctl start lighttpd
for _ in $(seq 100); do
  [ -z "$(ss --no-header --listening --tcp 'sport = :80')" ] || exit 0
  sleep 0.1
done
echo 'lighttpd does not listen on port 80' >&2
exit 1`

func (b *bench) bootWeb(ctx context.Context) (*web, error) {
	m, err := testbed.Boot(ctx, testbed.Options{Packages: []string{"lighttpd", "wrk"}, Log: b.log})
	if err != nil {
		return nil, err
	}
	w := &web{m: m, unit: filepath.Join(m.Cgroup(), "system.slice/lighttpd.service")}
	page := strings.Repeat("A static page.\n", 64)
	err = errors.Join(m.CopyIn(ctx, b.sbxprof, sbxprofPath), m.WriteFile(ctx, pagePath, []byte(page), 0o644))
	if err == nil {
		_, err = m.Output(ctx, "sh", "-c", startServer)
	}
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return w, nil
}

// load has the client ask for the page as fast as it is served, and returns what a
// request cost: time, and lighttpd's CPU time.
func (w *web) load(ctx context.Context) (cost, error) {
	before, err := w.cpuTime()
	if err != nil {
		return cost{}, err
	}
	out, err := w.m.Output(ctx, "wrk", "--threads=1", "--connections=8", "--duration=1s", "http://127.0.0.1/page.html")
	if err != nil {
		return cost{}, err
	}
	after, err := w.cpuTime()
	if err != nil {
		return cost{}, err
	}
	return parseLoad(out, after-before)
}

// parseLoad reads wrk's report; the CPU time is in seconds.
func parseLoad(report string, cpu float64) (cost, error) {
	if strings.Contains(report, "Non-2xx") || strings.Contains(report, "Socket errors") {
		return cost{}, fmt.Errorf("not every request was answered: %s", report)
	}
	var requests, perSecond float64
	for line := range strings.Lines(report) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 2 && fields[0] == "Requests/sec:":
			perSecond, _ = strconv.ParseFloat(fields[1], 64)
		case len(fields) > 3 && fields[1] == "requests" && fields[2] == "in":
			requests, _ = strconv.ParseFloat(fields[0], 64)
		}
	}
	if perSecond == 0 || requests == 0 {
		return cost{}, fmt.Errorf("wrk tells no throughput: %s", report)
	}
	return cost{cpu: cpu / requests * 1e9, elapsed: 1e9 / perSecond}, nil
}

// cpuTime is how many seconds lighttpd has run.
func (w *web) cpuTime() (float64, error) {
	text, err := os.ReadFile(filepath.Join(w.unit, "cpu.stat"))
	if err != nil {
		return 0, err
	}
	var us float64
	if _, err := fmt.Sscanf(string(text), "usage_usec %f", &us); err != nil {
		return 0, fmt.Errorf("reading lighttpd's CPU time: %w", err)
	}
	return us / 1e6, nil
}

// record records lighttpd from when it returns until stop is called.
func (w *web) record(ctx context.Context) (stop func() error, err error) {
	r, err := w.startRecording(ctx)
	if err != nil {
		return nil, err
	}
	return r.stop, nil
}

// strace attaches strace to lighttpd until stop is called.
func (w *web) strace(ctx context.Context) (stop func() error, err error) {
	pids, err := os.ReadFile(filepath.Join(w.unit, "cgroup.procs"))
	if err != nil {
		return nil, err
	}
	args := []string{"-f", "-o", "/dev/null"}
	for _, pid := range strings.Fields(string(pids)) {
		args = append(args, "-p", pid)
	}
	cmd := exec.CommandContext(ctx, "strace", args...)
	out, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.Contains(line, "attached") {
		return nil, fmt.Errorf("strace does not attach: %s: %w", line, err)
	}
	return func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		// strace ends by the signal, as it should.
		_ = cmd.Wait()
		return nil
	}, nil
}

// measureWeb measures lighttpd untraced, recorded and under strace, and what the
// recorder weighs beside it.
func (b *bench) measureWeb(ctx context.Context) (m measured, idle weight, err error) {
	w, err := b.bootWeb(ctx)
	if err != nil {
		return nil, idle, err
	}
	defer func() { err = errors.Join(err, w.m.Close()) }()
	during := func(a func(context.Context) (func() error, error)) func(context.Context) (cost, error) {
		return func(ctx context.Context) (cost, error) {
			detach, err := a(ctx)
			if err != nil {
				return cost{}, err
			}
			c, err := w.load(ctx)
			return c, errors.Join(err, detach())
		}
	}
	m, err = interleave(ctx, b.rounds, []variant{
		{name: untraced, measure: w.load},
		{name: recorded, measure: during(w.record)},
		{name: byStrace, rounds: 3, measure: during(w.strace)},
	})
	if err != nil {
		return nil, idle, err
	}
	idle, err = w.weigh(ctx)
	return m, idle, err
}
