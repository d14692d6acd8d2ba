// SPDX-License-Identifier: Apache-2.0

// Command bench measures what recording costs, beside what nothing, empty programs
// and other tracers cost. Everything is measured in one run and interleaved, so that
// the ratios hold where the figures themselves do not. It prints a table and ends
// with one line of figures. Run it with `make bench`, as root, and leave the machine
// alone meanwhile.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

func main() { os.Exit(host.Main("bench", run)) }

func run(ctx context.Context, args []string, out io.Writer) error {
	// What is measured is this program, too.
	if len(args) == 3 && args[0] == "loop" {
		calls, err := strconv.Atoi(args[1])
		batches, other := strconv.Atoi(args[2])
		return errors.Join(err, other, loop(work{calls, batches}, out))
	}
	if len(args) == 1 && args[0] == "confined" {
		return stayConfined(out)
	}
	if len(args) == 2 && args[0] == "files" {
		return fileWork(args[1], out)
	}
	o := options{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.sbxprof, "sbxprof", "bin/sbxprof", "`PATH` of sbxprof, a static binary")
	flags.IntVar(&o.rounds, "rounds", 21, "`N` rounds of each")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return errors.New("recording and the test bed need root")
	}
	if err := goFirst(); err != nil {
		return err
	}
	return measure(ctx, o, out)
}

// goFirst starts this program again with the highest priority for all of it, and for
// what it starts: a busy machine then matters less.
func goFirst() error {
	// Getpriority returns 20 less the niceness.
	const highest, highestAsRead = -20, 40
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	now, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil || now == highestAsRead {
		return err
	}
	if err := unix.Setpriority(unix.PRIO_PROCESS, 0, highest); err != nil {
		return fmt.Errorf("getting priority over the rest of the machine: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return unix.Exec(self, os.Args, os.Environ())
}
