// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/testdata/vm"
)

//go:embed workload.sh
var workloadScript []byte

// Paths in the machine.
const (
	sbxprofPath  = "/usr/local/bin/sbxprof"
	workloadPath = "/root/workload"
	resultsPath  = "/root/results"
	tracePath    = "/root/training.trace"
	dropInPath   = "/etc/systemd/system/lighttpd.service.d/50-sbxprof.conf"
)

// Exit statuses of sbxprof.
const (
	statusIncomplete  = 3
	statusUnsupported = 4
)

// tooOld is the suite whose kernel, 5.10, has no storage for tasks.
const tooOld = "bullseye"

// trial is what is tried in one machine.
type trial struct {
	m       *vm.Machine
	out     io.Writer
	figures *figures
}

func (t *trial) setUp(ctx context.Context, sbxprof string) error {
	kernel, err := t.m.Output(ctx, "uname", "-r")
	if err != nil {
		return err
	}
	version, err := t.m.Output(ctx, "systemctl", "--version")
	if err != nil {
		return err
	}
	t.figures.kernel = strings.TrimSpace(kernel)
	if fields := strings.Fields(version); len(fields) > 1 { // "systemd 252 (252.39-1)"
		t.figures.systemd = fields[1]
	}
	return errors.Join(
		t.m.CopyIn(ctx, sbxprof, sbxprofPath),
		t.m.WriteFile(ctx, workloadPath, workloadScript, 0o755),
	)
}

// mainJob tries everything on a kernel that can record.
func (t *trial) mainJob(ctx context.Context) error {
	err := t.doctor(ctx)
	t.figures.doctor = verdictOf(err, ok)
	if err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	err = t.record(ctx)
	t.figures.record = verdictOf(err, ok)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	err = t.roundTrip(ctx)
	t.figures.roundTrip = verdictOf(err, ok)
	if err != nil {
		return fmt.Errorf("round trip: %w", err)
	}
	return nil
}

// command runs a program in the machine and shows it and what it says. A status
// other than those that are fine is an error.
func (t *trial) command(ctx context.Context, fine []int, args ...string) (testbed.Result, error) {
	fmt.Fprintln(t.out, "#", strings.Join(args, " "))
	r, err := t.m.Run(ctx, args...)
	fmt.Fprint(t.out, r.Stdout, r.Stderr)
	if err == nil && !slices.Contains(fine, r.Status) {
		err = fmt.Errorf("%s: exit status %d", strings.Join(args, " "), r.Status)
	}
	return r, err
}
