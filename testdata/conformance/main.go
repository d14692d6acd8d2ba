// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"regexp"
	"time"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

// options are the command's flags.
type options struct {
	suite        string
	machines     int
	combinations int
	seed         uint64
	// one tries one value of each directive, which the seed chooses.
	one  bool
	only *regexp.Regexp
	// within is after how long no more settings are tried; zero is never.
	within time.Duration
	// virtual has everything done in a virtual machine, in which here is set, and
	// program is the compiled probe program.
	virtual, here bool
	program       string
	// services is how many services are drawn instead, sbxprof what records them, and
	// keep a folder for their traces and drop-ins.
	services      int
	sbxprof, keep string
}

var (
	errDisagreements = errors.New("the model and systemd disagree")
	errNothing       = errors.New("nothing was compared: is -only the name of a directive, and -within long enough?")
)

func main() { os.Exit(host.Main("conformance", run)) }

func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.virtual {
		return runVirtual(ctx, o, out)
	}
	if o.services > 0 {
		return runServices(ctx, o, out)
	}
	enough := after(o.within)
	lab, err := open(ctx, o)
	if err != nil {
		return err
	}
	f, err := lab.compareAll(ctx, cases(o, lab.target), enough)
	err = errors.Join(err, lab.close())
	if err != nil {
		return err
	}
	f.print(out)
	switch all := f.total(); {
	case all.disagree > 0:
		return errDisagreements
	case all.pairs == 0:
		return errNothing
	}
	return nil
}

// after is when no more settings are tried.
func after(d time.Duration) <-chan time.Time {
	if d == 0 {
		return nil
	}
	return time.After(d)
}

func parse(args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	flags.StringVar(&o.suite, "suite", "bookworm", "code name of the Debian `RELEASE`: bullseye has systemd 247, bookworm 252, trixie 257, sid the newest")
	flags.BoolVar(&o.virtual, "vm", false, "in a virtual machine with the release's own kernel, where each service takes seconds")
	flags.BoolVar(&o.here, "here", false, "ask the systemd of this very machine, in which files are changed: what -vm runs there")
	flags.StringVar(&o.program, "program", "", "`PATH` of the compiled probe program, where there is no compiler")
	flags.IntVar(&o.machines, "machines", 3, "how `MANY` machines work at once")
	flags.IntVar(&o.combinations, "combinations", 500, "how `MANY` combinations of settings are drawn")
	flags.Uint64Var(&o.seed, "seed", 1, "the `NUMBER` that decides what is drawn")
	flags.BoolVar(&o.one, "one", false, "try one value of each directive only, another one with the next seed")
	flags.DurationVar(&o.within, "within", 0, "try no more settings after this `LONG`, and say which were left")
	flags.IntVar(&o.services, "services", 0, "how `MANY` services are drawn, instead of settings: they are recorded and live under what is suggested for them")
	flags.StringVar(&o.sbxprof, "sbxprof", "bin/sbxprof", "`PATH` of sbxprof, a static binary, for -services")
	flags.StringVar(&o.keep, "keep", "", "`FOLDER` to keep their traces and drop-ins in")
	only := flags.String("only", "", "try only settings that match the `REGEXP`")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.here {
		o.machines = 1
	}
	var err error
	o.only, err = regexp.Compile(*only)
	return o, err
}
