// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/testdata/vm"
)

// longest is how long everything may take in a virtual machine, whose CPUs are
// emulated.
const longest = 3 * time.Hour

// runVirtual has this command run in a virtual machine with the suite's own kernel.
func runVirtual(ctx context.Context, o options, out io.Writer) (err error) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	dir, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	compiled, err := probes.Build(dir)
	if err != nil {
		return err
	}
	m, err := vm.Boot(ctx, vm.Options{Suite: o.suite, CPUs: 1, Lifetime: longest})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	const self, program = "/root/conformance", "/root/probe"
	for from, to := range map[string]string{"/proc/self/exe": self, compiled: program} {
		if err := m.CopyIn(ctx, from, to); err != nil {
			return err
		}
	}
	if o.within > 0 {
		o.within = max(o.within-time.Since(began), time.Second)
	}
	r, err := m.Run(ctx, self, "-here", "-program", program, "-only", o.only.String(), "-one="+strconv.FormatBool(o.one),
		"-combinations", strconv.Itoa(o.combinations), "-seed", strconv.FormatUint(o.seed, 10), "-within", o.within.String())
	if err != nil {
		return err
	}
	fmt.Fprint(out, r.Stdout)
	if r.Status != 0 {
		return fmt.Errorf("in the virtual machine: %s", r.Stderr)
	}
	return nil
}
