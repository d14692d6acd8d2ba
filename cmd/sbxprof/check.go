// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/report"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

const checkLong = `Check prints which of the recorded observations a unit's sandbox would have denied: of
a unit file with its drop-ins, or of a unit as it is configured here. Its exit
status is 1 if there are any, and if a limit is lower than what was in use at once. Of
some settings a trace does not tell what they deny, as of an AppArmor profile or of a
limit on memory: it says so.

  sbxprof check --unit lighttpd
  sbxprof check --unit-file lighttpd.service --drop-in 50-sandbox.conf lighttpd.trace`

type checkOptions struct {
	traces   tracesOptions
	unitFile string
	dropIns  []string
	systemd  string
	format   string
}

func newCheckCommand(s streams) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check [TRACE]…",
		Short: "Tell what a unit's sandbox would have denied of what was recorded",
		Long:  checkLong + exitStatusHelp,
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.validate(); err != nil {
				return err
			}
			return runCheck(cmd.Context(), o, args, s)
		},
	}
	o.addFlags(cmd.Flags())
	addChoice(cmd, &o.format, "format", "how to print it", "text", "json")
	return cmd
}

func (o *checkOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&o.traces.unit, "unit", "u", "", "the `UNIT` to check as it is configured here, and whose stored traces are taken")
	addStoreFlag(flags, &o.traces.store)
	flags.StringVar(&o.unitFile, "unit-file", "", "the unit `FILE` to check")
	flags.StringArrayVar(&o.dropIns, "drop-in", nil, "a drop-in `FILE` of that unit; may be given several times, in systemd's order")
	addSystemdFlag(flags, &o.systemd)
}

func (o *checkOptions) validate() error {
	switch {
	case o.unitFile == "" && len(o.dropIns) > 0:
		return usagef("--drop-in is about a unit file: name it with --unit-file")
	case o.unitFile == "" && o.traces.unit == "":
		return usagef("say what to check: --unit UNIT as it is configured here, or --unit-file FILE")
	}
	return checkSystemdFlag(o.systemd)
}

func runCheck(ctx context.Context, o checkOptions, files []string, s streams) error {
	switch {
	case o.traces.unit == "":
		o.traces.unit = filepath.Base(o.unitFile)
	case o.unitFile == "" && o.systemd == "":
		o.systemd = thisHost // what is configured here is read by what runs here
	}
	t, err := o.traces.load(files)
	if err != nil {
		return err
	}
	target, err := o.target(ctx, t.Header.Host)
	if err != nil {
		return err
	}
	settings, err := o.settings(ctx, target, s.err)
	if err != nil {
		return err
	}
	found, err := judge(t, settings, target)
	if err != nil {
		return err
	}
	if err := found.print(s, o.format); err != nil {
		return err
	}
	incomplete := warnIncomplete(s.err, t.Incomplete())
	if len(found.violations)+len(found.exceeded) > 0 {
		return toldError{errViolations}
	}
	return incomplete
}

// target is the systemd that is asked for, or the one that was recorded.
func (o *checkOptions) target(ctx context.Context, recorded trace.Host) (*systemd.Target, error) {
	target, err := targetFor(ctx, o.systemd, recorded)
	if err != nil || target != nil {
		return target, err
	}
	on, err := systemd.TargetOf(recorded)
	return &on, err
}

// judgement is what a check finds.
type judgement struct {
	violations []directive.Violation
	exceeded   []directive.Exceeded
	unjudged   []directive.Unjudged
}

func judge(t *trace.Trace, settings []trace.Setting, target *systemd.Target) (*judgement, error) {
	var j judgement
	var err error
	if j.violations, err = suggest.Check(t, settings, target); err != nil {
		return nil, err
	}
	if j.exceeded, err = suggest.Exceeded(t, settings, target); err != nil {
		return nil, err
	}
	j.unjudged, err = suggest.Unjudged(t, settings, target)
	return &j, err
}

func (j *judgement) print(s streams, format string) error {
	for _, u := range j.unjudged {
		used := ""
		if u.Use != nil {
			used = fmt.Sprintf(" (there were %s at most)", u.Use)
		}
		fmt.Fprintf(s.err, "sbxprof: not judged: %s=%s: %s%s\n", u.Name, systemd.Printable(u.Value), u.Why, used)
	}
	if format == "json" {
		return report.Violations(s.out, j.violations, j.exceeded, j.unjudged)
	}
	said := map[string]bool{} // the same by another user reads the same
	for _, v := range j.violations {
		text := fmt.Sprintf("%s=%s: %s (would be %s)\n", v.Directive, systemd.Printable(short(v.Value)),
			report.Words(v.Observation), systemd.Printable(string(v.Outcome)))
		if !said[text] {
			fmt.Fprint(s.out, text)
		}
		said[text] = true
	}
	for _, x := range j.exceeded {
		fmt.Fprintf(s.out, "%s=%s: there were %s at most (more would be %s)\n", x.Name, systemd.Printable(x.Value), x.Use, x.Outcome)
	}
	return nil
}

// longValue is from where on a list is cut short: which directive it is matters, and not all
// that it lists.
const longValue = 60

func short(value string) string {
	if len(value) <= longValue {
		return value
	}
	cut := strings.LastIndexByte(value[:longValue], ' ')
	if cut < 0 {
		return value
	}
	return value[:cut] + " …"
}

// settings returns the [Service] section to check, and warns of what in it has no
// effect on the target: it only looks like a sandbox.
func (o *checkOptions) settings(ctx context.Context, target *systemd.Target, warn io.Writer) ([]trace.Setting, error) {
	settings, err := o.read(ctx, target.Systemd, warn)
	if err != nil {
		return nil, err
	}
	for _, s := range settings {
		if err := target.Ignores(s.Name, s.Value); err != nil && !strings.HasPrefix(s.Name, "X-") { // those are for others
			fmt.Fprintf(warn, "sbxprof: systemd ignores %s\n", systemd.Printable(err.Error()))
		}
	}
	return settings, nil
}

func (o *checkOptions) read(ctx context.Context, v systemd.Version, warn io.Writer) ([]trace.Setting, error) {
	if o.unitFile == "" {
		return liveSettings(ctx, o.traces.unit)
	}
	return readUnitFiles(append([]string{o.unitFile}, o.dropIns...), v, warn)
}
