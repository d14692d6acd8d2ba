// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/report"
)

const suggestLong = `Suggest prints the drop-in with the strictest settings that deny nothing of what is
in the traces, each with what was seen that makes it so; and what was left out,
with what forbids it. Without files these are all stored traces of the unit that
was recorded last, merged.

It needs neither root nor systemd, and works for other versions of systemd than
the one that was recorded. The levels:

  safe      the first day in production: only what a training run can prove
  standard  most services: @system-service and what else was used, named writable
            directories, exact capabilities
  strict    after a long training: exact system calls, files and ports`

type suggestOptions struct {
	traces   tracesOptions
	systemd  string
	level    string
	identity string
	dynamic  bool
	files    string
	steps    stepsOptions
	explicit bool
	limits   bool
	explain  bool
	format   string
	output   string
}

func levels() []string { return []string{"safe", "standard", "strict"} }

func newSuggestCommand(s streams) *cobra.Command {
	o := suggestOptions{level: "standard", traces: tracesOptions{fold: true}}
	cmd := &cobra.Command{
		Use:   "suggest [TRACE]…",
		Short: "Print the strictest drop-in that denies nothing that was recorded",
		Long:  suggestLong + exitStatusHelp,
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkSystemdFlag(o.systemd); err != nil {
				return err
			}
			if err := o.steps.check(o.identity == "drop" || o.dynamic); err != nil {
				return err
			}
			return runSuggest(cmd.Context(), o, args, s)
		},
	}
	o.addFlags(cmd.Flags())
	addChoice(cmd, &o.level, "level", "how much of what was not seen to take away", levels()...)
	addChoice(cmd, &o.identity, "identity", "keep the unit's user, or drop to the one that it becomes anyway", "keep", "drop")
	addChoice(cmd, &o.files, "filesystem", "what of the file system to leave: as the level says, or only what was used", "level", "allowlist")
	addChoice(cmd, &o.format, "format", "what to print", "dropin", "json", "properties")
	return cmd
}

func (o *suggestOptions) addFlags(flags *pflag.FlagSet) {
	o.traces.addFlags(flags)
	addSystemdFlag(flags, &o.systemd)
	flags.BoolVar(&o.dynamic, "dynamic-user", false, "let systemd make up the unit's user where that is possible")
	o.steps.addFlags(flags)
	flags.BoolVar(&o.explicit, "explicit", false, "write out system call groups")
	flags.BoolVar(&o.limits, "limits", false, "limit processes, memory and open files to a multiple of what was used at most")
	flags.BoolVar(&o.explain, "explain", false, "print all of the evidence instead of the most telling")
	addOutputFlag(flags, &o.output)
}

func runSuggest(ctx context.Context, o suggestOptions, files []string, s streams) error {
	t, err := o.traces.load(files)
	if err != nil {
		return err
	}
	target, err := targetFor(ctx, o.systemd, t.Header.Host)
	if err != nil {
		return err
	}
	profile, err := suggest.Suggest(t, suggest.Options{
		Target: target, Level: levelOf(o.level), Explicit: o.explicit, Drop: o.identity == "drop", DynamicUser: o.dynamic,
		AllowList: o.files == "allowlist", Limits: o.limits,
	})
	if err != nil {
		return err
	}
	if err := o.steps.apply(ctx, profile.Steps, s); err != nil {
		return errors.Join(err, errors.New("nothing is suggested, as that does not work without its steps"))
	}
	if err := writeOutput(o.output, s.out, func(w io.Writer) error { return o.print(w, profile) }); err != nil {
		return err
	}
	return warnIncomplete(s.err, profile.Incomplete)
}

func levelOf(word string) directive.Level {
	return directive.Level(slices.Index(levels(), word))
}

func (o *suggestOptions) print(w io.Writer, p *suggest.Profile) error {
	switch o.format {
	case "json":
		return report.JSON(w, p)
	case "properties":
		return report.Properties(w, p)
	default:
		return report.DropIn(w, p, report.DropInOptions{All: o.explain})
	}
}
