// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
	"github.com/sbxprof/sbxprof/trace/record"
)

const recordLong = `Record watches a unit while it does everything it should be able to do, and writes
what it saw to a trace.

  sbxprof record --unit lighttpd                      watch until Ctrl-C
  sbxprof record --unit lighttpd --restart -- CMD     restart the unit, run CMD, stop when CMD ends
  sbxprof record -- CMD                               no unit: record CMD itself

Only a trace with a start of the service in it is complete: what a start needs
cannot be told otherwise. Several training runs add up, so one with --restart is
enough. Reloads, log rotations and stops are part of what a service does.

Recording changes nothing about the unit. It needs root, Linux 5.15 or newer and
cgroup v2; 'sbxprof doctor' tells.`

type recordOptions struct {
	units         []string
	all           bool
	restart       bool
	duration      time.Duration
	runs          int
	stopWithUnit  bool
	output, store string
}

func newRecordCommand(s streams) *cobra.Command {
	var o recordOptions
	cmd := &cobra.Command{
		Use:   "record [--unit UNIT]… [-- COMMAND [ARG]…]",
		Short: "Watch a unit, and write what it does to a trace",
		Long:  recordLong + exitStatusHelp,
		Args:  commandAfterDash,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.validate(args); err != nil {
				return err
			}
			return runRecord(cmd.Context(), o, args, s)
		},
		DisableFlagsInUseLine: true,
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func (o *recordOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&o.units, "unit", "u", nil, "the `UNIT` to watch, a pattern of units, or a slice; may be given several times")
	flags.BoolVar(&o.all, "all", false, "watch every service of this machine")
	flags.BoolVar(&o.restart, "restart", false, "start the units, or restart those that run, once everything is attached")
	flags.DurationVar(&o.duration, "duration", 0, "stop after this `TIME`, as in 90s or 1h")
	flags.IntVar(&o.runs, "runs", 0, "stop when each unit has started and ended `N` times (oneshot and timer units)")
	flags.BoolVar(&o.stopWithUnit, "stop-with-unit", false, "stop when no unit is active any more")
	flags.StringVarP(&o.output, "output", "o", "", "write the trace to `FILE` instead of the store")
	addStoreFlag(flags, &o.store)
}

// commandAfterDash takes arguments only after "--", so that a flag of the command
// is never taken for one of record.
func commandAfterDash(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
		return fmt.Errorf("%q is no flag: write a command to run after --, and a unit after --unit", args[0])
	}
	return nil
}

func (o *recordOptions) validate(command []string) error {
	switch {
	case len(o.units) == 0 && !o.all && len(command) == 0:
		return usagef("say what to record: --unit UNIT, or -- COMMAND")
	case len(o.units) == 0 && !o.all && (o.restart || o.runs != 0 || o.stopWithUnit):
		return usagef("--restart, --runs and --stop-with-unit are about a unit: name one with --unit")
	case o.duration < 0:
		return usagef("--duration %s is in the past", o.duration)
	case o.runs < 0:
		return usagef("--runs %d: it is 1 or more", o.runs)
	case o.restart && (o.all || slices.ContainsFunc(o.units, isSlice)):
		return usagef("--restart does not restart every service of a slice, or all: name those that should be with --unit")
	case (o.all || len(o.units) > 1 || slices.ContainsFunc(o.units, standsForMany)) && o.output != "":
		return usagef("there is one trace for each unit: use --store DIR instead of --output with several units")
	}
	return nil
}

// standsForMany tells whether a name stands for any number of units.
func standsForMany(unit string) bool {
	return strings.ContainsAny(unit, "*?[") || isSlice(unit)
}

func isSlice(unit string) bool { return strings.HasSuffix(unit, ".slice") }

func runRecord(ctx context.Context, o recordOptions, command []string, s streams) error {
	keep, err := o.keeper()
	if err != nil {
		return err
	}
	result, err := record.Run(ctx, record.Options{
		Units: o.units, All: o.all, Restart: o.restart, Command: command,
		Stdin: s.in, Stdout: s.raw, Stderr: s.err,
		Duration: o.duration, Runs: o.runs, StopWithUnit: o.stopWithUnit,
		Recorder: "sbxprof " + programVersion(),
		Ready: func(units []string) {
			fmt.Fprintf(s.err, "sbxprof: recording %s%s\n", whatIsRecorded(units), o.howItEnds(command))
		},
		Notice:     func(message string) { fmt.Fprintf(s.err, "sbxprof: %s\n", message) },
		Checkpoint: func(t *trace.Trace) error { _, err := keep(t); return err },
	})
	if result == nil {
		return explainRefusal(err)
	}
	incomplete, failed := keepAll(result, keep, s)
	switch {
	case err != nil || failed != nil:
		return errors.Join(err, failed)
	case result.Ended == record.EndedByCaller:
		return toldError{errInterrupted}
	case result.Ended == record.EndedByCommand && result.Status > 0:
		return fmt.Errorf("%s ended with exit status %d: did the unit do all that it should?", command[0], result.Status)
	}
	return incomplete
}

// explainRefusal says what it means that somebody who is not root may not do something.
func explainRefusal(err error) error {
	if os.Geteuid() != 0 && errors.Is(err, fs.ErrPermission) && !errors.Is(err, bpf.ErrUnsupported) {
		return fmt.Errorf("%w: it needs root: %w", bpf.ErrUnsupported, err)
	}
	return err
}

// keeper returns what writes a trace to where it was asked for, and tells where
// that is.
func (o *recordOptions) keeper() (func(*trace.Trace) (string, error), error) {
	if o.output != "" {
		// Not to be found out at the end of a week of training.
		if _, err := os.Stat(filepath.Dir(o.output)); err != nil {
			return nil, fmt.Errorf("looking for the directory of the trace: %w", err)
		}
		return func(t *trace.Trace) (string, error) {
			return o.output, trace.WriteFile(o.output, t, trace.WriteOptions{})
		}, nil
	}
	store, err := openStore(o.store)
	return store.Save, err
}

func whatIsRecorded(units []string) string {
	names := slices.DeleteFunc(slices.Clone(units), func(name string) bool { return name == "" })
	return cmp.Or(strings.Join(names, ", "), "the command")
}

func (o *recordOptions) howItEnds(command []string) string {
	switch {
	case len(command) > 0:
		return " until " + command[0] + " ends"
	case o.duration > 0:
		return " for " + o.duration.String()
	case o.runs > 0 || o.stopWithUnit:
		return ""
	default:
		return "; press Ctrl-C to stop"
	}
}

// keepAll writes the traces, and says where they are and how complete.
func keepAll(r *record.Result, keep func(*trace.Trace) (string, error), s streams) (incomplete, failed error) {
	for _, t := range r.Traces {
		path, err := keep(t)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		name := cmp.Or(t.Header.Unit.Name, "the command")
		fmt.Fprintf(s.err, "sbxprof: %s: %d observations: %s\n", name, len(t.Observations), path)
		if err := warnIncomplete(s.err, t.Incomplete()); err != nil {
			incomplete = err
		}
	}
	return incomplete, failed
}
