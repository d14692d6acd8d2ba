// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/trace"
)

// system is what a systemd runs in.
type system interface {
	Run(ctx context.Context, args ...string) (testbed.Result, error)
	Output(ctx context.Context, args ...string) (string, error)
	HostPath(path string) string
	Close() error
}

// machine is a systemd in which the operations can be run.
type machine struct {
	system
	root    *os.Root
	runs    int
	outside string // a process of a third user's
	// restrictsTypes is set where the kernel has what RestrictFileSystems= needs: elsewhere
	// systemd ignores it without a word.
	restrictsTypes bool
}

// outcomes is what each operation came to; empty if the service did not start.
type outcomes struct {
	byName map[string]trace.Outcome
	// status is the service's exit status, as systemd-run reports it.
	status int
	said   string
}

func boot(ctx context.Context, o options, program string) (*machine, error) {
	m := &machine{system: here{}}
	if !o.here {
		booted, err := testbed.Boot(ctx, testbed.Options{Suite: o.suite, Copy: true})
		if err != nil {
			return nil, err
		}
		m.system = booted
	}
	if err := m.prepare(ctx, program); err != nil {
		return nil, errors.Join(err, m.Close())
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
	if err := m.addOther(); err != nil {
		return err
	}
	if _, err := m.Output(ctx, "systemd-run", "--quiet", "--unit=outside", fmt.Sprintf("--property=User=%d", probes.OtherID), probes.Program, "--wait"); err != nil {
		return err
	}
	// The journal of LogNamespace= comes and goes with who has it, and cannot be had while it
	// goes: somebody keeps it.
	if _, err := m.Output(ctx, "systemd-run", "--quiet", "--unit=keeper", "--property=LogNamespace=probe", "sleep", "infinity"); err != nil {
		return err
	}
	modules, err := m.root.ReadFile("sys/kernel/security/lsm")
	m.restrictsTypes = err == nil && slices.Contains(strings.Split(strings.TrimSpace(string(modules)), ","), "bpf")
	pid, err := m.Output(ctx, "systemctl", "show", "--property=MainPID", "--value", "outside")
	if m.outside = strings.TrimSpace(pid); m.outside == "0" {
		return errors.New("the process outside has ended")
	}
	return err
}

// addOther makes the owner of what is somebody else's known: systemd starts nothing as
// a user that is not.
func (m *machine) addOther() error {
	for file, line := range map[string]string{"etc/passwd": "other:x:%d:%[1]d::/:/bin/sh\n", "etc/group": "other:x:%d:\n"} {
		text, err := m.root.ReadFile(file)
		if err != nil {
			return err
		}
		if err := m.root.WriteFile(file, fmt.Appendf(text, line, probes.OtherID), 0o644); err != nil {
			return err
		}
	}
	return nil
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

// operate runs all operations in a service with these settings. They are a drop-in of
// the transient unit: systemd-run reads properties by rules of its own, and has no words
// for some.
func (m *machine) operate(ctx context.Context, settings []trace.Setting, uid int) (outcomes, error) {
	if err := probes.PrepareArea(m.HostPath("/"), probes.Area, uid); err != nil {
		return outcomes{}, err
	}
	m.runs++
	unit := fmt.Sprintf("probe-%d.service", m.runs)
	if err := m.dropIn(unit, settings); err != nil {
		return outcomes{}, err
	}
	args := []string{"systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--unit=" + unit,
		"--property=Environment=PROBE_AREA=" + probes.Area + " PROBE_OUTSIDE=" + m.outside}
	if uid != 0 {
		args = append(args, "--property=User="+probes.User)
	}
	args = append(args, probes.Program)
	for _, op := range probes.Table {
		args = append(args, op.Name)
	}
	r, err := m.Run(ctx, args...)
	if err != nil {
		return outcomes{}, err
	}
	return read(r)
}

func (m *machine) dropIn(unit string, settings []trace.Setting) error {
	dir := "run/systemd/system/" + unit + ".d"
	if err := m.root.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text := []byte("[Service]\n")
	for _, s := range settings {
		text = fmt.Appendf(text, "%s=%s\n", s.Name, s.Value)
	}
	return m.root.WriteFile(dir+"/case.conf", text, 0o644)
}

// read reads what the probe program printed.
func read(r testbed.Result) (outcomes, error) {
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
