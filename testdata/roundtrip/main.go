// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

// allLevels are sbxprof's levels, from the weakest to the strictest.
var allLevels = []string{"safe", "standard", "strict"}

// options are the program's flags.
type options struct {
	suite   string   // code name of the Debian release
	sbxprof string   // path of the program
	only    []string // names of services; none is all
	levels  []string
	keep    string // folder for traces, drop-ins and results; "" for nowhere
	resume  bool   // take results from there
}

func main() { os.Exit(host.Main("roundtrip", run)) }

func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	services, err := loadServices(o.suite, o.only)
	if err != nil {
		return err
	}
	if _, err := os.Stat(o.sbxprof); err != nil {
		return fmt.Errorf("no program to try: run make first: %w", err)
	}
	if o.keep != "" {
		if err := os.MkdirAll(o.keep, 0o755); err != nil {
			return err
		}
	}
	t := &table{suite: o.suite}
	for _, s := range services {
		rows, err := tryOrResume(ctx, o, s, out)
		if err != nil {
			return err
		}
		t.services = append(t.services, rows)
	}
	fmt.Fprintf(out, "\n%s\n%s\n", t.markdown(), t.figures())
	if t.broken() > 0 {
		return errors.New("not everything is as it should be: see above")
	}
	return nil
}

func parse(args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet("roundtrip", flag.ContinueOnError)
	flags.StringVar(&o.suite, "suite", "bookworm", "code name of the Debian `RELEASE`")
	flags.StringVar(&o.sbxprof, "sbxprof", "bin/sbxprof", "`PATH` of sbxprof, a static binary")
	only := flags.String("only", "", "`NAMES` of the services to try, separated by commas (default all)")
	levels := flags.String("levels", strings.Join(allLevels, ","), "`LEVELS` to try, separated by commas")
	flags.StringVar(&o.keep, "keep", "", "`FOLDER` to keep the traces, the drop-ins and the results in")
	flags.BoolVar(&o.resume, "resume", false, "take what works with this sbxprof from the folder, and try the rest")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.only, o.levels = list(*only), list(*levels)
	if o.resume && o.keep == "" {
		return o, errors.New("-resume needs -keep: where are the results of the run before?")
	}
	for _, l := range o.levels {
		if !slices.Contains(allLevels, l) {
			return o, fmt.Errorf("%q is no level: give %s", l, strings.Join(allLevels, ", "))
		}
	}
	return o, nil
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}
