// SPDX-License-Identifier: Apache-2.0

// Command testvm tries sbxprof's main job on Debian's kernels, each with its own
// systemd, in virtual machines (see the package vm): doctor, record lighttpd,
// suggest, and the same workload under what was suggested. On Linux 5.10, which
// cannot record, it tries that sbxprof says so. It prints a line of figures for each
// suite, and ends with status 1 if anything was not as it should be. Run it with
// `make test-vm`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
	"github.com/sbxprof/sbxprof/testdata/vm"
)

// options are the command's flags.
type options struct {
	suites  []string
	sbxprof string // path of the program
}

// suiteTimeout is for everything in one machine, on a slow host and with an image to
// build.
const suiteTimeout = 25 * time.Minute

func main() { os.Exit(host.Main("testvm", run)) }

func run(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("testvm", flag.ContinueOnError)
	suites := flags.String("suites", strings.Join(vm.Suites(), ","), "code `NAMES` of Debian releases, separated by commas")
	flags.StringVar(&o.sbxprof, "sbxprof", "bin/sbxprof", "`PATH` of sbxprof, a static binary")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.suites = strings.Split(*suites, ",")
	if _, err := os.Stat(o.sbxprof); err != nil {
		return fmt.Errorf("no program to try: run make first: %w", err)
	}
	var lines []string
	var wrong error
	for _, suite := range o.suites { // one after the other: each keeps two CPUs busy
		f, err := try(ctx, o, suite, out)
		if err != nil {
			wrong = errors.Join(wrong, fmt.Errorf("%s: %w", suite, err))
		}
		lines = append(lines, f.String())
	}
	fmt.Fprintf(out, "\n%s\n", strings.Join(lines, "\n"))
	return wrong
}

// try boots a machine of the suite and tries everything in it.
func try(ctx context.Context, o options, suite string, out io.Writer) (f figures, err error) {
	ctx, cancel := context.WithTimeout(ctx, suiteTimeout)
	defer cancel()
	fmt.Fprintf(out, "\n== %s\n", suite)
	f = figures{suite: suite, doctor: notTried, record: notTried, roundTrip: notTried}
	m, err := vm.Boot(ctx, vm.Options{Suite: suite, Lifetime: suiteTimeout, Log: out})
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	t := &trial{m: m, out: out, figures: &f}
	if err := t.setUp(ctx, o.sbxprof); err != nil {
		return f, err
	}
	if suite == tooOld {
		return f, t.refusals(ctx)
	}
	return f, t.mainJob(ctx)
}
