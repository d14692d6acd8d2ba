// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/trace"
)

// machine is a systemd in which the operations can be run.
type machine struct {
	*testbed.Machine
	root    *os.Root
	outside string // a process of root's that is no part of the service
}

// outcomes is what each operation came to; empty if the service did not start.
type outcomes struct {
	byName map[string]trace.Outcome
	// status is the service's exit status, as systemd-run reports it.
	status int
	said   string
}

func boot(ctx context.Context, suite, program string) (*machine, error) {
	booted, err := testbed.Boot(ctx, testbed.Options{Suite: suite, Copy: true})
	if err != nil {
		return nil, err
	}
	m := &machine{Machine: booted}
	if err := m.prepare(ctx, program); err != nil {
		booted.Close()
		return nil, err
	}
	return m, nil
}

func (m *machine) prepare(ctx context.Context, program string) error {
	if err := probes.Prepare(m.HostPath("/"), program); err != nil {
		return err
	}
	var err error
	if m.root, err = os.OpenRoot(m.HostPath("/")); err != nil {
		return err
	}
	if _, err := m.Output(ctx, "systemd-run", "--quiet", "--unit=outside", probes.Program, "--wait"); err != nil {
		return err
	}
	pid, err := m.Output(ctx, "systemctl", "show", "--property=MainPID", "--value", "outside")
	m.outside = strings.TrimSpace(pid)
	return err
}

// target is the machine's systemd and kernel.
func (m *machine) target(ctx context.Context) (systemd.Target, error) {
	version, err := m.Output(ctx, "systemctl", "--version")
	if err != nil {
		return systemd.Target{}, err
	}
	first, features, _ := strings.Cut(version, "\n")
	kernel, err := m.Output(ctx, "uname", "-rm")
	if err != nil {
		return systemd.Target{}, err
	}
	release, arch, _ := strings.Cut(strings.TrimSpace(kernel), " ")
	return systemd.TargetOf(trace.Host{Systemd: first, Features: features, Kernel: release, Arch: arch})
}

// uids are whom the operations are run as.
var uids = []int{0, probes.UserID}

// operate runs all operations in a service with these settings.
func (m *machine) operate(ctx context.Context, settings []trace.Setting, uid int) (outcomes, error) {
	if err := probes.PrepareArea(m.HostPath("/"), probes.Area, uid); err != nil {
		return outcomes{}, err
	}
	args := []string{"systemd-run", "--quiet", "--wait", "--pipe", "--collect",
		"--property=Environment=PROBE_AREA=" + probes.Area + " PROBE_OUTSIDE=" + m.outside}
	if uid != 0 {
		args = append(args, "--property=User="+probes.User)
	}
	for _, s := range settings {
		args = append(args, "--property="+s.Name+"="+s.Value)
	}
	args = append(args, probes.Program)
	for _, op := range probes.Table {
		args = append(args, op.Name)
	}
	r, err := m.Run(ctx, args...)
	if err != nil {
		return outcomes{}, err
	}
	o := outcomes{byName: map[string]trace.Outcome{}, status: r.Status, said: r.Stderr}
	for line := range strings.Lines(r.Stdout) {
		name, outcome, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found {
			return outcomes{}, fmt.Errorf("the probe program said %q", line)
		}
		if outcome == "SIGSYS" {
			outcome = string(trace.OutcomeKilled)
		}
		o.byName[name] = trace.Outcome(outcome)
	}
	return o, nil
}
