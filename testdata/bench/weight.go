// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// weight is what a recorder weighs while its unit does nothing.
type weight struct {
	idle           float64 // fraction of a CPU
	memory, kernel int     // bytes of the process, and of its maps in the kernel
}

const idleFor = 5 * time.Second

// weigh records lighttpd while nobody asks for anything.
func (w *web) weigh(ctx context.Context) (result weight, err error) {
	r, err := w.startRecording(ctx)
	if err != nil {
		return weight{}, err
	}
	defer func() { err = errors.Join(err, r.stop()) }()
	dir := filepath.Join("/proc", strconv.Itoa(r.process.HostPID()))
	before, err := ticks(dir)
	if err != nil {
		return weight{}, err
	}
	select {
	case <-ctx.Done():
		return weight{}, ctx.Err()
	case <-time.After(idleFor):
	}
	after, err := ticks(dir)
	if err != nil {
		return weight{}, err
	}
	result.idle = float64(after-before) / float64(idleFor)
	result.memory, err = residentPeak(dir)
	if err != nil {
		return weight{}, err
	}
	result.kernel, err = mapMemory(dir)
	return result, err
}

// ticks is how long a process has run, in nanoseconds.
func ticks(dir string) (int64, error) {
	threads, err := filepath.Glob(filepath.Join(dir, "task/*/schedstat"))
	var sum int64
	for _, path := range threads {
		text, readErr := os.ReadFile(path)
		ran, _, _ := strings.Cut(string(text), " ")
		n, parseErr := strconv.ParseInt(ran, 10, 64)
		sum, err = sum+n, errors.Join(err, readErr, parseErr)
	}
	return sum, err
}

// residentPeak is the most memory that a process had, in bytes.
func residentPeak(dir string) (int, error) {
	status, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kB int
	if _, err := fmt.Sscan(rest, &kB); err != nil {
		return 0, fmt.Errorf("reading how much memory the recorder has: %w", err)
	}
	return kB << 10, nil
}

// mapMemory is the memory of the BPF maps that a process has open, in bytes. The same
// map may be open twice.
func mapMemory(dir string) (int, error) {
	infos, err := filepath.Glob(filepath.Join(dir, "fdinfo/*"))
	if err != nil {
		return 0, err
	}
	sizes := map[string]int{}
	for _, path := range infos {
		text, err := os.ReadFile(path)
		if err != nil {
			return 0, err
		}
		fields := map[string]string{}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(line, ":")
			fields[name] = strings.TrimSpace(value)
		}
		if id, ok := fields["map_id"]; ok {
			sizes[id], _ = strconv.Atoi(fields["memlock"])
		}
	}
	sum := 0
	for _, size := range sizes {
		sum += size
	}
	return sum, nil
}
