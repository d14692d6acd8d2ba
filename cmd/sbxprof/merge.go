// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sbxprof/sbxprof/trace"
)

const mergeLong = `Merge writes one trace with the observations of several training runs of the same
unit. Suggest, check, explain and show merge what they are given by themselves.`

type mergeOptions struct{ output string }

func newMergeCommand(s streams) *cobra.Command {
	var o mergeOptions
	cmd := &cobra.Command{
		Use:   "merge -o FILE TRACE…",
		Short: "Write one trace from several",
		Long:  mergeLong + exitStatusHelp,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if o.output == "" {
				return usagef("name the trace to write with --output")
			}
			return runMerge(o, args, s)
		},
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "the trace's `FILE`; compressed if its name ends in .zst")
	return cmd
}

func runMerge(o mergeOptions, files []string, s streams) error {
	t, err := (&tracesOptions{}).load(files)
	if err != nil {
		return err
	}
	if err := trace.WriteFile(o.output, t, trace.WriteOptions{}); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "sbxprof: %d observations of %d traces: %s\n", len(t.Observations), len(files), o.output)
	return warnIncomplete(s.err, t.Incomplete())
}
