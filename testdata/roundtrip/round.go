// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sbxprof/sbxprof/testdata/internal/denial"
	"github.com/sbxprof/sbxprof/testdata/internal/host"
	"github.com/sbxprof/sbxprof/trace"
)

// serviceTimeout bounds all that is done with one service.
const serviceTimeout = 20 * time.Minute

// round is the way of one service through training and all levels.
type round struct {
	options
	s   *service
	out io.Writer
	// folder is a folder of the host for what is copied out of machines.
	folder string

	training *trace.Trace
	dropIns  map[string][]byte // by level
	before   float64           // exposure
	// said is what the machine and the service said in the training run.
	said string
}

// goRound takes one service through all levels. What goes wrong is in the rows.
func goRound(ctx context.Context, o options, s *service, out io.Writer) []row {
	ctx, cancel := context.WithTimeout(ctx, serviceTimeout)
	defer cancel()
	fmt.Fprintf(out, "\n== %s (%s)\n", s.name, s.unit)
	r := &round{options: o, s: s, out: out, folder: o.keep, dropIns: map[string][]byte{}}
	rows, err := r.run(ctx)
	if err != nil {
		fmt.Fprintf(out, "WRONG: %v\n", err)
		rows = append(rows, row{Service: s.name, Kind: s.kind, Level: "-", Before: r.before, After: -1, Wrong: []string{err.Error()}})
	}
	return rows
}

func (r *round) run(ctx context.Context) ([]row, error) {
	if r.folder == "" {
		scratch, err := os.MkdirTemp("", "sbxprof-roundtrip-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(scratch)
		r.folder = scratch
	}
	m, err := r.boot(ctx, "")
	if err != nil {
		return nil, err
	}
	rows, err := r.inTrainingMachine(ctx, m)
	if err = errors.Join(err, m.close()); err != nil {
		return rows, err
	}
	for i := range rows {
		if rows[i].Directives == 0 {
			r.tell(&rows[i])
			continue
		}
		if err := r.elsewhere(ctx, &rows[i]); err != nil {
			rows[i].Wrong = append(rows[i].Wrong, err.Error())
		}
		r.tell(&rows[i])
	}
	return rows, nil
}

// inTrainingMachine records the service, and has it do the same again under each
// suggestion, where everything is as it left it.
func (r *round) inTrainingMachine(ctx context.Context, m *machine) ([]row, error) {
	if err := r.train(ctx, m); err != nil {
		return nil, err
	}
	var rows []row
	for _, level := range r.levels {
		w := row{Service: r.s.name, Kind: r.s.kind, Level: level, Before: r.before, After: -1,
			Directives: countDirectives(r.dropIns[level])}
		if w.Directives == 0 {
			w.After = w.Before
		} else if err := r.again(ctx, m, &w); err != nil {
			w.Wrong = append(w.Wrong, fmt.Sprintf("after a restart: %v", err))
		}
		rows = append(rows, w)
	}
	return rows, nil
}

// train records the service and has suggestions made for it.
func (r *round) train(ctx context.Context, m *machine) error {
	if !r.s.first {
		if err := m.start(ctx); err != nil {
			return fmt.Errorf("before anything was done to it: %w", err)
		}
	}
	var err error
	if r.before, err = m.exposure(ctx); err != nil {
		return err
	}
	got, err := m.record(ctx, trainingPath)
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	if len(got.failed) > 0 {
		return fmt.Errorf("checks failed without a sandbox, that is no training: %q", got.failed)
	}
	if r.training, err = m.readTrace(ctx, trainingPath, r.path("trace.zst")); err != nil {
		return err
	}
	for _, why := range r.training.Incomplete() {
		return fmt.Errorf("the trace is incomplete: %s", why)
	}
	if r.said, err = m.said(ctx, ""); err != nil {
		return err
	}
	for _, level := range r.levels {
		if r.dropIns[level], err = m.suggest(ctx, level); err != nil {
			return err
		}
		if err := os.WriteFile(r.path(level+".conf"), r.dropIns[level], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// path is where a file about the service is kept.
func (r *round) path(suffix string) string {
	return filepath.Join(r.folder, fmt.Sprintf("%s-%s.%s", r.s.name, r.suite, suffix))
}

// again restarts the service under the suggestion, and records it there.
func (r *round) again(ctx context.Context, m *machine, w *row) error {
	if err := m.install(ctx, r.dropIns[w.Level]); err != nil {
		return err
	}
	var err error
	if w.After, err = m.exposure(ctx); err != nil {
		return err
	}
	got, err := m.record(ctx, sandboxedPath)
	if err != nil {
		return err
	}
	w.count("after a restart", got)
	sandboxed, err := m.readTrace(ctx, sandboxedPath, r.path(w.Level+".trace.zst"))
	if err != nil {
		return err
	}
	for _, refusal := range denial.Refused(r.training, sandboxed) {
		w.Wrong = append(w.Wrong, "after a restart: "+refusal)
	}
	return r.denials(ctx, m, w, "after a restart", dropInPath(r.s.unit))
}

// elsewhere has the service start for the very first time under the suggestion, and
// again after a reboot.
func (r *round) elsewhere(ctx context.Context, w *row) error {
	cache, err := host.CacheDir()
	if err != nil {
		return err
	}
	state, err := os.MkdirTemp(cache, "state-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(state)
	for _, when := range []string{"at its first start", "after a reboot"} {
		if err := r.boots(ctx, w, state, when); err != nil {
			return fmt.Errorf("%s: %w", when, err)
		}
	}
	return nil
}

// boots boots a machine with what an earlier one has left in state, and has the
// service do everything.
func (r *round) boots(ctx context.Context, w *row, state, when string) (err error) {
	m, err := r.boot(ctx, state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if when == "at its first start" {
		if err := errors.Join(m.install(ctx, r.dropIns[w.Level]), m.start(ctx), m.enable(ctx)); err != nil {
			return err
		}
	}
	got, err := m.work(ctx)
	if err != nil {
		return err
	}
	w.count(when, got)
	if err := m.stop(ctx); err != nil {
		return err
	}
	return r.denials(ctx, m, w, when, "")
}

// count adds the checks of a workload.
func (w *row) count(when string, got results) {
	w.Requests += got.requests
	w.Checks += got.checks
	for _, f := range got.failed {
		w.Wrong = append(w.Wrong, when+": "+f)
	}
}

// denials looks for denials in all that was said since a file of the machine was
// written, or since the boot.
func (r *round) denials(ctx context.Context, m *machine, w *row, when, since string) error {
	said, err := m.said(ctx, since)
	if err != nil {
		return err
	}
	for _, line := range denial.NewLines(r.said, said) {
		w.Wrong = append(w.Wrong, when+": "+line)
	}
	return nil
}

// tell tells what became of one level.
func (r *round) tell(w *row) {
	fmt.Fprintf(r.out, "%s: exposure %.1f → %.1f, %d directives: %s\n", w.Level, w.Before, w.After, w.Directives, w.result())
	for _, wrong := range w.Wrong {
		fmt.Fprintln(r.out, "  WRONG:", strings.TrimSpace(wrong))
	}
}
