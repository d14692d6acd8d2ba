// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"

	"github.com/spf13/cobra"
)

const completionLong = `Completion prints a script that lets a shell complete sbxprof's command line.

  bash:  source <(sbxprof completion bash)
  zsh:   sbxprof completion zsh >"${fpath[1]}/_sbxprof"
  fish:  sbxprof completion fish >~/.config/fish/completions/sbxprof.fish`

func newCompletionCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:       "completion bash|zsh|fish",
		Short:     "Print a shell's completion script",
		Long:      completionLong,
		ValidArgs: []string{"bash", "zsh", "fish"},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCompletion(cmd.Root(), args[0], s.out)
		},
	}
}

func runCompletion(root *cobra.Command, shell string, out io.Writer) error {
	switch shell {
	case "zsh":
		return root.GenZshCompletion(out)
	case "fish":
		return root.GenFishCompletion(out, true)
	default:
		return root.GenBashCompletionV2(out, true)
	}
}
