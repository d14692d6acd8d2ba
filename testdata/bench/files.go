// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// How many files are made, and in how many folders: what a busy mail or build
// directory sees.
const (
	folders        = 10
	filesPerFolder = 10_000
	files          = folders * filesPerFolder
)

const fileFormat = "%s: cpu=%d elapsed=%d\n"

// fileWork makes files in dir, then looks at each of them by its name, and tells
// what either took, in nanoseconds.
func fileWork(dir string, out io.Writer) error {
	for _, part := range []struct {
		name string
		do   func(dir string) error
	}{{"creates", createFiles}, {"stats", statFiles}} {
		cpu, start := ownTime(), time.Now()
		if err := part.do(dir); err != nil {
			return err
		}
		fmt.Fprintf(out, fileFormat, part.name, ownTime()-cpu, time.Since(start))
	}
	return nil
}

func createFiles(dir string) error {
	for i := range folders {
		folder := filepath.Join(dir, strconv.Itoa(i))
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		for j := range filesPerFolder {
			fd, err := unix.Open(folder+"/file-"+strconv.Itoa(j), unix.O_CREAT|unix.O_WRONLY|unix.O_EXCL|unix.O_CLOEXEC, 0o644)
			if err != nil {
				return fmt.Errorf("making a file in %s: %w", folder, err)
			}
			unix.Close(fd)
		}
	}
	return nil
}

func statFiles(dir string) error {
	cmd := exec.Command("sh", "-c", `find "$1" -type f -print0 | xargs -0 stat --format=%s`, "sh", dir)
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("find | stat: %w: %s", err, said.String())
	}
	return nil
}

// ownTime is the CPU time of this process and of its children that have ended.
func ownTime() time.Duration {
	var sum int64
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var r unix.Rusage
		// It cannot fail: the arguments are valid.
		_ = unix.Getrusage(who, &r)
		sum += r.Utime.Nano() + r.Stime.Nano()
	}
	return time.Duration(sum)
}

// fileRun is what a file took in one run of the file work.
type fileRun struct{ creates, stats cost }

// runFiles runs the file work in a fresh folder in memory, under a tracer if there is one.
func (b *bench) runFiles(ctx context.Context, tracer ...string) (run fileRun, err error) {
	dir, err := os.MkdirTemp(b.scratch, "files-")
	if err != nil {
		return run, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	args := append(tracer, b.self, "files", dir)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return run, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, said.String())
	}
	return parseFileRun(string(out))
}

func parseFileRun(said string) (fileRun, error) {
	var r fileRun
	for line := range strings.Lines(said) {
		var c cost
		name, rest, _ := strings.Cut(line, ": ")
		if _, err := fmt.Sscanf(rest, "cpu=%f elapsed=%f\n", &c.cpu, &c.elapsed); err != nil {
			return r, fmt.Errorf("the file work said %q: %w", line, err)
		}
		c.cpu, c.elapsed = c.cpu/files, c.elapsed/files
		switch name {
		case "creates":
			r.creates = c
		case "stats":
			r.stats = c
		}
	}
	if r.creates.elapsed == 0 || r.stats.elapsed == 0 {
		return r, fmt.Errorf("the file work did not tell what it took: %s", said)
	}
	return r, nil
}

// Names of the variants of the file work.
const (
	untracedCreates = "creates, untraced"
	recordedCreates = "creates, recorded"
	untracedStats   = "find | stat, untraced"
	recordedStats   = "find | stat, recorded"
)

// measureFiles measures the file work untraced and recorded, turn by turn.
func (b *bench) measureFiles(ctx context.Context) (measured, error) {
	m := measured{}
	for range min(fileRounds, b.rounds) {
		plain, err := b.runFiles(ctx)
		if err != nil {
			return nil, err
		}
		traced, err := b.runFiles(ctx, b.sbxprof, "record", "--output", os.DevNull, "--")
		if err != nil {
			return nil, err
		}
		m[untracedCreates] = append(m[untracedCreates], plain.creates)
		m[recordedCreates] = append(m[recordedCreates], traced.creates)
		m[untracedStats] = append(m[untracedStats], plain.stats)
		m[recordedStats] = append(m[recordedStats], traced.stats)
	}
	return m, nil
}

const fileRounds = 9
