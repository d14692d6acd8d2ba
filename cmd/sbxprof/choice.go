// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// choice is a flag's value that is one of a few words.
type choice struct {
	value *string
	words []string
}

// addChoice gives cmd a flag whose value is one of words. The default is what value
// has, or the first of words.
func addChoice(cmd *cobra.Command, value *string, name, usage string, words ...string) {
	*value = cmp.Or(*value, words[0])
	cmd.Flags().Var(&choice{value, words}, name, usage)
	complete := cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
	// The only error is a flag that does not exist.
	_ = cmd.RegisterFlagCompletionFunc(name, complete)
}

// The methods of pflag.Value.

func (c *choice) String() string { return *c.value }
func (c *choice) Type() string   { return strings.Join(c.words, "|") }

func (c *choice) Set(word string) error {
	if !slices.Contains(c.words, word) {
		return fmt.Errorf("it is one of %s", strings.Join(c.words, ", "))
	}
	*c.value = word
	return nil
}
