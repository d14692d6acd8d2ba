// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"
)

const rootLong = `Sbxprof watches a systemd service with eBPF while it does everything it should be
able to do, and then suggests a sandbox: the strictest settings that deny nothing
of what was seen.

  sbxprof record --unit lighttpd --restart -- ./exercise-it
  sbxprof suggest -o /etc/systemd/system/lighttpd.service.d/50-sandbox.conf`

const exitStatusHelp = `

EXIT STATUS
  0    done
  1    failed; of check: there are violations
  2    wrong usage
  3    done, but the trace is incomplete: something was lost or could not be seen
  4    this kernel, systemd or privilege cannot do it (see 'sbxprof doctor')
  130  interrupted; what was recorded until then is written`

// newRootCommand returns the program with all of its commands.
func newRootCommand(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "sbxprof",
		Short:         "Record a systemd service, and suggest a sandbox for it",
		Long:          rootLong + exitStatusHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err: err} })
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddGroup(
		&cobra.Group{ID: "main", Title: "The main job:"},
		&cobra.Group{ID: "ask", Title: "Questions about a sandbox:"},
		&cobra.Group{ID: "traces", Title: "Traces:"},
	)
	addGroup(root, "main", newRecordCommand(s), newSuggestCommand(s))
	addGroup(root, "ask", newCheckCommand(s), newExplainCommand(s), newGroupsCommand(s))
	addGroup(root, "traces", newShowCommand(s), newDiffCommand(s), newMergeCommand(s))
	addGroup(root, "", newDoctorCommand(s), newVersionCommand(s), newCompletionCommand(s), newFireCommand())
	return root
}

func addGroup(root *cobra.Command, group string, commands ...*cobra.Command) {
	for _, cmd := range commands {
		cmd.GroupID = group
		cmd.Args = wrongArgs(cmd.Args)
		root.AddCommand(cmd)
	}
}

// wrongArgs makes a complaint about arguments a usage error.
func wrongArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &usageError{err: err}
		}
		return nil
	}
}
