// SPDX-License-Identifier: Apache-2.0

// Command testbed runs a command, or a shell, in a machine of the test bed:
//
//	testbed install
//	testbed boot -suite trixie -packages lighttpd,curl -- systemctl start lighttpd
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

const usage = "usage: testbed install | testbed boot [-suite NAME] [-packages A,B] [-copy] [-in FILE:PATH,…] [-- COMMAND…]"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	status, err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "testbed:", err)
	}
	os.Exit(status)
}

func run(ctx context.Context, args []string) (int, error) {
	if len(args) == 0 {
		return 2, errors.New(usage)
	}
	switch args[0] {
	case "install":
		return failure(testbed.Install(ctx, os.Stderr))
	case "boot":
		return boot(ctx, args[1:])
	}
	return 2, errors.New(usage)
}

func failure(err error) (int, error) {
	if err != nil {
		return 1, err
	}
	return 0, nil
}

func boot(ctx context.Context, args []string) (status int, err error) {
	flags := flag.NewFlagSet("boot", flag.ContinueOnError)
	suite := flags.String("suite", "", "code name of the Debian release (default bookworm)")
	packages := flags.String("packages", "", "packages to install, separated by commas")
	plain := flags.Bool("copy", false, "plain copy as the root file system, no overlay")
	in := flags.String("in", "", "files to copy in, FILE:PATH, separated by commas")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	m, err := testbed.Boot(ctx, testbed.Options{Suite: *suite, Packages: list(*packages), Copy: *plain})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	for _, f := range list(*in) {
		from, to, _ := strings.Cut(f, ":")
		if err := m.CopyIn(ctx, from, to); err != nil {
			return 1, err
		}
	}
	return inside(ctx, m, flags.Args())
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' })
}

// inside runs the command with the terminal of this process.
func inside(ctx context.Context, m *testbed.Machine, args []string) (int, error) {
	if len(args) == 0 {
		args = []string{"bash", "-i"}
	}
	p, err := m.Start(ctx, testbed.Command{
		Args: args, Env: []string{"TERM=" + os.Getenv("TERM")},
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
	if err != nil {
		return 1, err
	}
	return p.Wait()
}
