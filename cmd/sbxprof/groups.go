// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sbxprof/sbxprof/suggest/systemd"
)

const groupsLong = `Groups lists the system call groups that SystemCallFilter= of a systemd version
knows, or with a group's name what is in it.

With --for it answers "that group is not available here: what do I write
instead?", with a line to paste into a unit file for that other version:

  sbxprof groups @system-service --systemd 245 --for 237`

type groupsOptions struct {
	systemd, target string
	compact         bool
	format          string
}

func newGroupsCommand(s streams) *cobra.Command {
	var o groupsOptions
	cmd := &cobra.Command{
		Use:   "groups [@NAME]",
		Short: "List the system call groups of a systemd version, or write one out",
		Long:  groupsLong,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.validate(args); err != nil {
				return err
			}
			return runGroups(cmd.Context(), o, args, s)
		},
		ValidArgsFunction: completeGroups,
	}
	o.addFlags(cmd.Flags())
	addChoice(cmd, &o.format, "format", "how to print it", "text", "json")
	return cmd
}

func (o *groupsOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.systemd, "systemd", "", "the `VERSION` whose groups they are, as in 252 or 245.9; or host (default: the newest known)")
	flags.StringVar(&o.target, "for", "", "write the group out for this `VERSION`, or host")
	flags.BoolVar(&o.compact, "compact", false, "with --for: use groups of that version where they hold nothing else")
}

func (o *groupsOptions) validate(args []string) error {
	switch {
	case o.target != "" && len(args) == 0:
		return usagef("--for writes out a group: name one, as in 'sbxprof groups @system-service --for %s'", o.target)
	case o.compact && o.target == "":
		return usagef("--compact needs --for")
	}
	return nil
}

func completeGroups(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return systemd.Target{}.Groups(), cobra.ShellCompDirectiveNoFileComp
}

func runGroups(ctx context.Context, o groupsOptions, args []string, s streams) error {
	from, err := groupsTarget(ctx, "systemd", o.systemd)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return printGroups(s.out, from.Groups(), o.format)
	}
	name := "@" + strings.TrimPrefix(args[0], "@")
	if o.target != "" {
		return writeOut(ctx, o, name, from, s)
	}
	if !from.HasGroup(name) {
		_, err := systemd.ExplicitFor(name, from, from, false)
		return err
	}
	return printGroups(s.out, from.Expand(name), o.format)
}

func groupsTarget(ctx context.Context, flag, value string) (systemd.Target, error) {
	if value == thisHost {
		host, err := hostTarget(ctx)
		if err != nil {
			return systemd.Target{}, err
		}
		return *host, nil
	}
	v, err := parseVersion(flag, value)
	return systemd.Target{Systemd: v}, err
}

// writeOut prints what to write instead of a group.
func writeOut(ctx context.Context, o groupsOptions, name string, from systemd.Target, s streams) error {
	to, err := groupsTarget(ctx, "for", o.target)
	if err != nil {
		return err
	}
	e, err := systemd.ExplicitFor(name, from, to, o.compact)
	if err != nil {
		return err
	}
	if o.format == "json" {
		return printJSON(s.out, struct {
			Words   []string `json:"words"`
			Omitted []string `json:"omitted"`
		}{e.Words, append([]string{}, e.Omitted...)})
	}
	for _, line := range e.Lines(to.Systemd) {
		fmt.Fprintln(s.out, line)
	}
	if len(e.Omitted) > 0 {
		fmt.Fprintf(s.err, "sbxprof: systemd %s does not know these by name, and cannot allow them: %s\n",
			to.Systemd, strings.Join(e.Omitted, " "))
	}
	return nil
}

func printGroups(out io.Writer, names []string, format string) error {
	if format == "json" {
		return printJSON(out, append([]string{}, names...))
	}
	for _, name := range names {
		fmt.Fprintln(out, name)
	}
	return nil
}
