// SPDX-License-Identifier: Apache-2.0

// Command demo shows sbxprof's main job on a real service: it boots a Debian with
// its own systemd (see the package testbed), records lighttpd there while it does
// what it should, installs what sbxprof suggests, and has lighttpd do it all
// again. It ends with one line of figures, and with status 1 when anything failed,
// was denied or was lost. Run it with `make demo`.
package main

import (
	"context"
	"flag"
	"io"
	"os"
	"strings"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

// options are the demo's flags.
type options struct {
	suite   string // code name of the Debian release
	level   string // how strict the suggestion is
	sbxprof string // path of the program
	keep    string // folder for what it leaves; "" for nowhere
}

func main() { os.Exit(host.Main("demo", run)) }

func run(ctx context.Context, args []string, out io.Writer) error {
	o := options{}
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.StringVar(&o.suite, "suite", "", "code name of the Debian `RELEASE` (default the host's, if it is bookworm or trixie, else bookworm)")
	flags.StringVar(&o.level, "level", "standard", "the `LEVEL` to suggest at: safe, standard or strict")
	flags.StringVar(&o.sbxprof, "sbxprof", "bin/sbxprof", "`PATH` of sbxprof, a static binary")
	flags.StringVar(&o.keep, "keep", "", "`FOLDER` to keep the traces and the drop-in in")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.suite == "" {
		release, err := os.ReadFile("/etc/os-release")
		if err != nil {
			return err
		}
		o.suite = suiteFor(string(release))
	}
	return show(ctx, o, out)
}

// suiteFor returns the release to show on a host with that os-release.
func suiteFor(osRelease string) string {
	for line := range strings.Lines(osRelease) {
		if strings.TrimSpace(line) == "VERSION_CODENAME=trixie" {
			return "trixie"
		}
	}
	return "bookworm"
}
