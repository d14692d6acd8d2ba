// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

//go:embed site.sh
var siteScript []byte

//go:embed workload.sh
var workloadScript []byte

// Paths in the machine.
const (
	sbxprofPath  = "/usr/local/bin/sbxprof"
	sitePath     = "/root/site"
	workloadPath = "/root/workload"
	resultsPath  = "/root/results"
	trainingPath = "/root/training.trace"
	secondPath   = "/root/sandboxed.trace"
	dropInPath   = "/etc/systemd/system/lighttpd.service.d/50-sbxprof.conf"
)

// packages are what the service and its workload need.
var packages = []string{"lighttpd", "perl", "curl", "logrotate", "media-types"}

// demo is one run.
type demo struct {
	options
	m   *testbed.Machine
	out io.Writer
	// scratch is a folder of the host for what is copied out of the machine.
	scratch string
	figures figures
	// wrong are the things that should not be, for the end.
	wrong []error
}

// show boots a machine and shows everything in it.
func show(ctx context.Context, o options, out io.Writer) (err error) {
	if _, err := os.Stat(o.sbxprof); err != nil {
		return fmt.Errorf("no program to show: run make first: %w", err)
	}
	d := &demo{options: o, out: out, figures: figures{suite: o.suite}}
	if d.scratch, err = os.MkdirTemp("", "sbxprof-demo-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(d.scratch)) }()
	d.step("A Debian (%s) with a systemd of its own, and lighttpd in it", o.suite)
	if d.m, err = testbed.Boot(ctx, testbed.Options{Suite: o.suite, Packages: packages, Log: out}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.m.Close()) }()
	return d.run(ctx)
}

// run shows everything, in order.
func (d *demo) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		d.setUp, d.record, d.suggest, d.install, d.replay, d.recordAgain,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintln(d.out)
	for _, w := range d.wrong {
		fmt.Fprintln(d.out, "WRONG:", w)
	}
	fmt.Fprintln(d.out, d.figures)
	if len(d.wrong) > 0 || !d.figures.good() {
		return errors.New("not everything is as it should be: see above")
	}
	return nil
}

func (d *demo) step(format string, args ...any) {
	fmt.Fprintf(d.out, "\n== "+format+"\n", args...)
}

// command runs a program in the machine and shows it and what it says. A status
// other than those that are fine is an error.
func (d *demo) command(ctx context.Context, fine []int, args ...string) (int, error) {
	fmt.Fprintln(d.out, "#", strings.Join(args, " "))
	r, err := d.m.RunCommand(ctx, testbed.Command{Args: args, Stdout: d.out, Stderr: d.out})
	if err != nil {
		return r.Status, err
	}
	for _, s := range fine {
		if r.Status == s {
			return r.Status, nil
		}
	}
	return r.Status, fmt.Errorf("%s: exit status %d", args[0], r.Status)
}

// setUp makes the web site, starts lighttpd and measures its exposure.
func (d *demo) setUp(ctx context.Context) error {
	if err := errors.Join(
		d.m.CopyIn(ctx, d.sbxprof, sbxprofPath),
		d.m.WriteFile(ctx, sitePath, siteScript, 0o755),
		d.m.WriteFile(ctx, workloadPath, workloadScript, 0o755),
	); err != nil {
		return err
	}
	if _, err := d.m.Output(ctx, sitePath); err != nil {
		return err
	}
	if _, err := d.command(ctx, []int{0}, "systemctl", "start", "lighttpd"); err != nil {
		return err
	}
	var err error
	d.figures.exposureBefore, err = d.exposure(ctx)
	return err
}

// record has lighttpd recorded while it does everything that it should.
func (d *demo) record(ctx context.Context) error {
	d.step("Record it while it serves files, scripts and errors, reloads, and has its logs rotated")
	if err := d.recordTo(ctx, trainingPath); err != nil {
		return err
	}
	t, err := d.readTrace(ctx, trainingPath, "lighttpd-"+d.suite+".trace")
	if err != nil {
		return err
	}
	d.figures.lost = losses(t)
	for _, why := range t.Incomplete() {
		d.wrong = append(d.wrong, fmt.Errorf("the trace is incomplete: %s", why))
	}
	r, err := d.results(ctx)
	if err == nil && r.failed > 0 {
		err = fmt.Errorf("%d requests and checks failed without a sandbox: that is no training", r.failed)
	}
	return err
}

// recordTo records one restart and the workload. Exit status 3 is an incomplete
// trace, which its header tells, too.
func (d *demo) recordTo(ctx context.Context, trace string) error {
	if err := d.forgetStarts(ctx); err != nil {
		return err
	}
	_, err := d.command(ctx, []int{0, 3}, sbxprofPath, "record", "--unit", "lighttpd", "--restart",
		"--output", trace, "--", workloadPath, resultsPath)
	return err
}

// suggest shows the drop-in and leaves it in the machine.
func (d *demo) suggest(ctx context.Context) error {
	d.step("What sbxprof suggests")
	if _, err := d.command(ctx, []int{0, 3}, sbxprofPath, "suggest", "--level", d.level, "--output", "/root/sbxprof.conf", trainingPath); err != nil {
		return err
	}
	dropIn, err := d.m.ReadFile(ctx, "/root/sbxprof.conf")
	if err != nil {
		return err
	}
	fmt.Fprintf(d.out, "%s", dropIn)
	if d.keep == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(d.keep, "lighttpd-"+d.suite+".conf"), dropIn, 0o644)
}
