// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}

// run executes one command line and returns its exit status.
func run(ctx context.Context, args []string, s streams) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// The first signal asks a command to end in good order. From then on the
	// default holds again: the second one kills.
	context.AfterFunc(ctx, stop)

	results := bufio.NewWriter(s.out)
	s.raw, s.out = s.out, results
	err := execute(ctx, args, s)
	if flushErr := results.Flush(); flushErr != nil && err == nil {
		err = fmt.Errorf("writing the results: %w", flushErr)
	}
	if err != nil {
		explainError(s.err, err)
	}
	return exitStatus(err)
}

func execute(ctx context.Context, args []string, s streams) error {
	root := newRootCommand(s)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return nil
	}
	var usage *usageError
	if cmd == root { // no command was found that could have failed
		return &usageError{err: err, command: root.Name()}
	}
	if errors.As(err, &usage) {
		usage.command = cmd.CommandPath()
	}
	return err
}
