// SPDX-License-Identifier: Apache-2.0

// Command vm runs a command in a virtual machine of the test bed:
//
//	vm run -suite trixie -in bin/sbxprof:/usr/bin/sbxprof -- sbxprof doctor
//
// Its output appears when it has ended.
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

	"github.com/sbxprof/sbxprof/testdata/vm"
)

const usage = "usage: vm run [-suite NAME] [-packages A,B] [-in FILE:PATH,…] [-console] -- COMMAND…"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	status, err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "vm:", err)
	}
	os.Exit(status)
}

func run(ctx context.Context, args []string) (status int, err error) {
	if len(args) == 0 || args[0] != "run" {
		return 2, errors.New(usage)
	}
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	suite := flags.String("suite", "", "code `NAME` of the Debian release (default bookworm)")
	packages := flags.String("packages", "", "packages to install in addition, separated by commas")
	in := flags.String("in", "", "files to copy in, FILE:PATH, separated by commas")
	console := flags.Bool("console", false, "print what the kernel said, too")
	if err := flags.Parse(args[1:]); err != nil {
		return 2, err
	}
	if flags.NArg() == 0 {
		return 2, errors.New(usage)
	}
	m, err := vm.Boot(ctx, vm.Options{Suite: *suite, Packages: list(*packages)})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	status, err = inside(ctx, m, list(*in), flags.Args())
	if *console {
		fmt.Fprint(os.Stderr, m.Console())
	}
	return status, err
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' })
}

func inside(ctx context.Context, m *vm.Machine, files, args []string) (int, error) {
	for _, f := range files {
		from, to, _ := strings.Cut(f, ":")
		if err := m.CopyIn(ctx, from, to); err != nil {
			return 1, err
		}
	}
	r, err := m.Run(ctx, args...)
	fmt.Fprint(os.Stdout, r.Stdout)
	fmt.Fprint(os.Stderr, r.Stderr)
	if err != nil {
		return 1, err
	}
	return r.Status, nil
}
