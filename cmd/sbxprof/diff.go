// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sbxprof/sbxprof/suggest/report"
	"github.com/sbxprof/sbxprof/trace"
)

const diffLong = `Diff prints the observations that are in one of two traces only: "-" before those of
the first, "+" before those of the second. How often and when something was seen
does not matter.`

type diffOptions struct{ format string }

func newDiffCommand(s streams) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Print what is in one of two traces only",
		Long:  diffLong + exitStatusHelp,
		Args:  cobra.ExactArgs(2),
		RunE:  func(_ *cobra.Command, args []string) error { return runDiff(o, args[0], args[1], s) },
	}
	addChoice(cmd, &o.format, "format", "how to print it", "text", "json")
	return cmd
}

func runDiff(o diffOptions, fileA, fileB string, s streams) error {
	a, err := trace.ReadFile(fileA)
	if err != nil {
		return err
	}
	b, err := trace.ReadFile(fileB)
	if err != nil {
		return err
	}
	d := trace.Compare(a, b)
	if o.format == "json" {
		return printJSON(s.out, struct {
			OnlyA []trace.Observation `json:"only_a"`
			OnlyB []trace.Observation `json:"only_b"`
		}{append([]trace.Observation{}, d.OnlyA...), append([]trace.Observation{}, d.OnlyB...)})
	}
	for _, line := range report.Difference(d) {
		fmt.Fprintln(s.out, line)
	}
	return nil
}
