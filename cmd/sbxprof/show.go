// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"

	"github.com/sbxprof/sbxprof/trace"
)

const showLong = `Show prints a trace for people: where and when it was recorded, how complete it is, and
what the service did, by executable and user. Several traces are merged first;
without files these are the stored ones of the unit recorded last.`

type showOptions struct {
	traces tracesOptions
	format string
}

func newShowCommand(s streams) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show [TRACE]…",
		Short: "Print a trace for people",
		Long:  showLong + exitStatusHelp,
		Args:  cobra.ArbitraryArgs,
		RunE:  func(_ *cobra.Command, args []string) error { return runShow(o, args, s) },
	}
	o.traces.addFlags(cmd.Flags())
	addChoice(cmd, &o.format, "format", "how to print it", "text", "json")
	return cmd
}

func runShow(o showOptions, files []string, s streams) error {
	t, err := o.traces.load(files)
	if err != nil {
		return err
	}
	if o.format == "json" {
		return printJSON(s.out, struct {
			Header       trace.Header        `json:"header"`
			Incomplete   []string            `json:"incomplete"`
			Observations []trace.Observation `json:"observations"`
		}{t.Header, append([]string{}, t.Incomplete()...), t.Observations})
	}
	printTrace(s.out, t)
	return nil
}
