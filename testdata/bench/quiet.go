// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// quiet keeps measurements apart from other tracers: a program of somebody else's
// on every system call makes "untraced" dear and everything else look cheap or dear
// beside it.
type quiet struct {
	// until is when it is no longer waited for others.
	until  time.Time
	log    io.Writer
	waited bool
	// disturbed counts what was measured although others traced.
	disturbed int
}

// watch measures while nobody else traces: waits for others to end, and measures
// again if one came meanwhile, as long as there is patience.
func (q *quiet) watch(ctx context.Context, measure func(context.Context) (cost, error)) (cost, error) {
	for {
		if err := q.wait(ctx); err != nil {
			return cost{}, err
		}
		figure, err := measure(ctx)
		if err != nil || tracers() == 0 {
			return figure, err
		}
		if time.Now().After(q.until) {
			q.disturbed++
			return figure, nil
		}
	}
}

func (q *quiet) wait(ctx context.Context) error {
	const pause = 50 * time.Millisecond
	for time.Now().Before(q.until) && tracers() > 0 {
		if !q.waited {
			fmt.Fprintln(q.log, "Waiting for somebody else's tracing to end …")
		}
		q.waited = true
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
	return nil
}

// report says what was not as it should be.
func (q *quiet) report(out io.Writer) {
	if q.disturbed > 0 {
		fmt.Fprintf(out, "NOT QUIET: %d figures were taken while others traced: too high for untraced, and the ratios wrong.\n", q.disturbed)
	}
}

// tracers counts the processes, beside this one, that have attached BPF programs to
// tracepoints or functions. Those of systemd are of other kinds.
func tracers() int {
	own := strconv.Itoa(os.Getpid())
	processes, _ := filepath.Glob("/proc/[0-9]*")
	n := 0
	for _, dir := range processes {
		if filepath.Base(dir) != own && traces(dir) {
			n++
		}
	}
	return n
}

func traces(dir string) bool {
	fds, _ := os.ReadDir(filepath.Join(dir, "fd"))
	for _, fd := range fds {
		// It may have been closed, or its process be gone.
		target, _ := os.Readlink(filepath.Join(dir, "fd", fd.Name()))
		if !strings.Contains(target, "bpf_link") && !strings.Contains(target, "bpf-link") {
			continue
		}
		info, _ := os.ReadFile(filepath.Join(dir, "fdinfo", fd.Name()))
		kind := string(info)
		if strings.Contains(kind, "\ttracing\n") || strings.Contains(kind, "\traw_tracepoint\n") {
			return true
		}
	}
	return false
}
