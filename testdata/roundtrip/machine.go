// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	_ "embed"

	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/trace"
)

//go:embed lib.sh
var library []byte

// Paths in the machine.
const (
	sbxprofPath   = "/usr/local/bin/sbxprof"
	libraryPath   = "/root/lib.sh"
	setupPath     = "/root/setup"
	workloadPath  = "/root/workload"
	resultsPath   = "/root/results"
	trainingPath  = "/root/training.trace.zst"
	sandboxedPath = "/root/sandboxed.trace.zst"
)

// dropInPath is where the suggestion for a unit is installed.
func dropInPath(unit string) string {
	return "/etc/systemd/system/" + unit + ".d/50-sbxprof.conf"
}

// machine is a machine with the service in it, configured and not started.
type machine struct {
	*testbed.Machine
	s *service
}

// boot boots a machine, with what an earlier one left in the folder state unless
// that is "", and sets the service up if it is not yet.
func (r *round) boot(ctx context.Context, state string) (*machine, error) {
	tm, err := testbed.Boot(ctx, testbed.Options{Suite: r.suite, Packages: r.s.packages, Log: r.out, State: state})
	if err != nil {
		return nil, err
	}
	m := &machine{tm, r.s}
	if _, err := m.ReadFile(ctx, workloadPath); err == nil {
		return m, nil
	}
	if err := m.setUp(ctx, r.sbxprof); err != nil {
		return nil, errors.Join(fmt.Errorf("setting it up: %w", err), m.close())
	}
	return m, nil
}

func (m *machine) setUp(ctx context.Context, sbxprof string) error {
	if err := errors.Join(
		m.CopyIn(ctx, sbxprof, sbxprofPath),
		m.WriteFile(ctx, libraryPath, library, 0o644),
		m.WriteFile(ctx, setupPath, m.s.setup, 0o755),
		m.WriteFile(ctx, workloadPath, m.s.workload, 0o755),
	); err != nil {
		return err
	}
	_, err := m.Output(ctx, setupPath)
	return err
}

func (m *machine) close() error { return m.Close() }

// systemctl runs systemctl for the units that start the service. The error holds
// what the journal says.
func (m *machine) systemctl(ctx context.Context, args ...string) error {
	if len(m.s.start) == 0 {
		return nil
	}
	_, err := m.Output(ctx, append(append([]string{"systemctl"}, args...), m.s.start...)...)
	if err == nil {
		return nil
	}
	said, journalErr := m.Journal(ctx, "--boot", "--lines=20", "--unit", m.s.unit)
	return errors.Join(err, errors.New(said), journalErr)
}

func (m *machine) start(ctx context.Context) error { return m.systemctl(ctx, "start") }

// enable has the service start at the next boot. Not by systemctl enable: the layer
// has lost the links of the same name in /etc/rc?.d, without which it fails.
func (m *machine) enable(ctx context.Context) error {
	return m.systemctl(ctx, "add-wants", "multi-user.target")
}

// stop stops the service, too, if something else has started it.
func (m *machine) stop(ctx context.Context) error {
	if err := m.systemctl(ctx, "stop"); err != nil {
		return err
	}
	_, err := m.Output(ctx, "systemctl", "stop", m.s.unit)
	return err
}

// install installs a drop-in; the next start is under it.
func (m *machine) install(ctx context.Context, dropIn []byte) error {
	if err := m.WriteFile(ctx, dropInPath(m.s.unit), dropIn, 0o644); err != nil {
		return err
	}
	_, err := m.Output(ctx, "systemctl", "daemon-reload")
	return err
}

// record records a restart and the workload. Exit status 1 may be the workload's,
// 3 is an incomplete trace, which its header tells, too.
func (m *machine) record(ctx context.Context, to string) (results, error) {
	// After five starts in ten seconds systemd starts a unit no more.
	if _, err := m.Run(ctx, "systemctl", "reset-failed", m.s.unit); err != nil {
		return results{}, err
	}
	r, err := m.Run(ctx, sbxprofPath, "record", "--unit", m.s.unit, "--restart", "--output", to,
		"--", workloadPath, resultsPath, m.s.unit)
	if err != nil {
		return results{}, err
	}
	got, err := m.results(ctx)
	if err != nil || r.Status != 0 && r.Status != 3 && len(got.failed) == 0 {
		err = errors.Join(fmt.Errorf("sbxprof record: exit status %d\n%s%s", r.Status, r.Stdout, r.Stderr), err)
	}
	return got, err
}

// work has the service do everything.
func (m *machine) work(ctx context.Context) (results, error) {
	r, err := m.Run(ctx, workloadPath, resultsPath, m.s.unit)
	if err != nil {
		return results{}, err
	}
	got, err := m.results(ctx)
	if err == nil && r.Status != 0 && len(got.failed) == 0 {
		err = fmt.Errorf("the workload ended with status %d\n%s%s", r.Status, r.Stdout, r.Stderr)
	}
	return got, err
}

// results reads what the workload wrote, and leaves nothing of it for the next one.
func (m *machine) results(ctx context.Context) (results, error) {
	text, err := m.ReadFile(ctx, resultsPath)
	if err != nil {
		return results{}, err
	}
	if _, err := m.Output(ctx, "rm", resultsPath); err != nil {
		return results{}, err
	}
	got := parseResults(string(text))
	if got.requests+got.checks == 0 {
		return got, errors.New("the workload checked nothing")
	}
	return got, nil
}

func (m *machine) readTrace(ctx context.Context, path, hostPath string) (*trace.Trace, error) {
	if err := m.CopyOut(ctx, path, hostPath); err != nil {
		return nil, err
	}
	return trace.ReadFile(hostPath)
}

// suggest returns the drop-in of a level.
func (m *machine) suggest(ctx context.Context, level string) ([]byte, error) {
	conf, err := m.Output(ctx, sbxprofPath, "suggest", "--level", level, trainingPath)
	return []byte(conf), err
}

// countDirectives counts the assignments of a drop-in.
func countDirectives(dropIn []byte) int {
	n := 0
	for line := range strings.Lines(string(dropIn)) {
		if !strings.HasPrefix(line, "#") && strings.Contains(line, "=") {
			n++
		}
	}
	return n
}

// exposureLine is systemd-analyze's "→ Overall exposure level for x.service: 9.6 UNSAFE".
var exposureLine = regexp.MustCompile(`Overall exposure level for .*: ([0-9.]+) `)

// exposure returns what systemd-analyze makes of the unit, from 0 to 10.
func (m *machine) exposure(ctx context.Context) (float64, error) {
	out, err := m.Output(ctx, "systemd-analyze", "security", "--no-pager", m.s.unit)
	if err != nil {
		return -1, err
	}
	found := exposureLine.FindStringSubmatch(out)
	if found == nil {
		return -1, fmt.Errorf("systemd-analyze tells no exposure:\n%s", out)
	}
	return strconv.ParseFloat(found[1], 64)
}

// said returns what was said since a file was written, or with "" since the boot:
// the journal, and the logs of the service.
func (m *machine) said(ctx context.Context, since string) (string, error) {
	// Times are those of the host: all clocks here are one.
	const script = `since=0.0 logs=$2
[ -z "$1" ] || since=$(stat -c %.Y "$1")
journalctl --no-pager --boot --since="@$since"
for log in $logs; do
  [ -f "$log" ] && [ "$(stat -c %Y "$log")" -ge "${since%.*}" ] || continue
  case $log in
  *.gz) zcat "$log" ;;
  *) cat "$log" ;;
  esac
done`
	return m.Output(ctx, "sh", "-c", script, "sh", since, strings.Join(m.s.logs, " "))
}
