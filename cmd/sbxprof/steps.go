// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/suggest/enforce"
)

// stepsOptions say whether the steps of a suggestion are taken.
type stepsOptions struct {
	take, yes bool
}

func (o *stepsOptions) addFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.take, "apply-steps", false, "take the steps that a change of identity needs: show each as a diff or as commands, and ask")
	flags.BoolVar(&o.yes, "yes", false, "do not ask before each step")
}

// check refuses flags that would do nothing.
func (o *stepsOptions) check(changesIdentity bool) error {
	switch {
	case o.take && !changesIdentity:
		return usagef("--apply-steps needs --identity drop or --dynamic-user: without them there are no steps")
	case o.yes && !o.take:
		return usagef("--yes answers what --apply-steps asks, and is nothing without it")
	}
	return nil
}

// apply takes the steps, if that was asked for.
func (o *stepsOptions) apply(ctx context.Context, steps []suggest.Step, s streams) error {
	if !o.take {
		return nil
	}
	asker := enforce.Steps{Out: s.err, Ask: func(string) (bool, error) { return true, nil }}
	if !o.yes {
		in := bufio.NewReader(s.in)
		asker.Ask = func(question string) (bool, error) {
			return untilInterrupted(ctx, func() (bool, error) { return ask(in, s.err, question) })
		}
	}
	return asker.Apply(steps)
}

// untilInterrupted has a question asked: who waits for an answer is ended by the first
// signal, which does not end the reading of a terminal.
func untilInterrupted(ctx context.Context, question func() (bool, error)) (bool, error) {
	type reply struct {
		yes bool
		err error
	}
	replies := make(chan reply, 1)
	go func() {
		yes, err := question()
		replies <- reply{yes, err}
	}()
	select {
	case <-ctx.Done():
		return false, errInterrupted
	case r := <-replies:
		return r.yes, r.err
	}
}

// ask asks a question until it is answered with yes or no; the end of the input is an
// error.
func ask(in *bufio.Reader, out io.Writer, question string) (bool, error) {
	for {
		fmt.Fprintf(out, "%s [y/n] ", question)
		answer, err := in.ReadString('\n')
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("nobody answers (--yes answers for you): %w", err)
		}
	}
}
