// SPDX-License-Identifier: Apache-2.0

package tutorial

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/testdata/internal/denial"
	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/trace"
)

var (
	program = flag.String("sbxprof", "", "static binary of sbxprof to test, instead of one that is built")
	keep    = flag.String("keep", "", "folder to keep traces and drop-ins in")
)

const (
	sbxprof = "/usr/local/bin/sbxprof"
	folder  = "/root/tutorial"
)

// course is one machine in which services are recorded and sandboxed.
type course struct {
	*testbed.Machine
	suite string
}

// newCourse boots a machine with the program in it.
func newCourse(t *testing.T, suite string, packages []string) *course {
	t.Helper()
	testbed.RequireRoot(t)
	c := &course{testbed.New(t, testbed.Options{Suite: suite, Packages: packages}), suite}
	if err := c.CopyIn(t.Context(), built(t), sbxprof); err != nil {
		t.Fatal(err)
	}
	return c
}

// built returns the program's path.
func built(t *testing.T) string {
	t.Helper()
	if *program != "" {
		return *program
	}
	path := filepath.Join(t.TempDir(), "sbxprof")
	build := exec.Command("go", "build", "-o", path, "../../cmd/sbxprof")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building sbxprof: %v\n%s", err, out)
	}
	return path
}

// write puts a file into the machine.
func (c *course) write(t *testing.T, path, content string) {
	t.Helper()
	if err := c.WriteFile(t.Context(), path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

// recordTo records a unit from its start while the workload runs. The trace must be
// complete, and the workload succeed.
func (c *course) recordTo(t *testing.T, unit, name string, workload ...string) *trace.Trace {
	t.Helper()
	c.forgetStarts(t, unit)
	path := folder + "/" + name
	c.Check(t, append([]string{sbxprof, "record", "--unit", unit, "--restart", "--output", path, "--"}, workload...)...)
	copied := filepath.Join(c.folder(t), c.suite+"-"+name)
	if err := c.CopyOut(t.Context(), path, copied); err != nil {
		t.Fatal(err)
	}
	tr, err := trace.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	for _, why := range tr.Incomplete() {
		t.Errorf("the trace of %s is incomplete: %s", unit, why)
	}
	return tr
}

func (c *course) folder(t *testing.T) string {
	if *keep != "" {
		return *keep
	}
	return t.TempDir()
}

// suggest writes a drop-in for the trace, installs it and returns it with what the
// program said besides.
func (c *course) suggest(t *testing.T, unit, name string, flags ...string) (dropIn, said string) {
	t.Helper()
	path := fmt.Sprintf("/etc/systemd/system/%s.service.d/50-sbxprof.conf", unit)
	args := append([]string{sbxprof, "suggest", "--output", path, folder + "/" + name}, flags...)
	r, err := c.Run(t.Context(), args...)
	if err != nil || r.Status != 0 {
		t.Fatalf("%s: status %d, %v\n%s", strings.Join(args, " "), r.Status, err, r.Stderr)
	}
	dropIn = c.Check(t, "cat", path)
	if *keep != "" {
		if err := os.WriteFile(filepath.Join(*keep, c.suite+"-"+unit+".conf"), []byte(dropIn), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s\n%s", r.Stderr, dropIn)
		}
	})
	return dropIn, r.Stderr
}

// restart restarts a unit under what is installed.
func (c *course) restart(t *testing.T, unit string) {
	t.Helper()
	c.Check(t, "systemctl", "daemon-reload")
	c.forgetStarts(t, unit)
	if r, err := c.Run(t.Context(), "systemctl", "restart", unit); err != nil || r.Status != 0 {
		journal, _ := c.Journal(t.Context(), "--unit", unit, "--lines=30")
		t.Fatalf("restarting %s: status %d, %v\n%s", unit, r.Status, err, journal)
	}
}

// forgetStarts has systemd forget how often it started a unit: after five times in
// ten seconds it starts it no more.
func (c *course) forgetStarts(t *testing.T, unit string) {
	t.Helper()
	c.Check(t, "systemctl", "reset-failed", unit)
}

// status returns /proc/PID/status of the unit's main process, by field.
func (c *course) status(t *testing.T, unit string) map[string]string {
	t.Helper()
	pid := strings.TrimSpace(c.Check(t, "systemctl", "show", "--property=MainPID", "--value", unit))
	status := map[string]string{}
	for line := range strings.Lines(c.Check(t, "cat", "/proc/"+pid+"/status")) {
		name, value, _ := strings.Cut(line, ":")
		status[name] = strings.TrimSpace(value)
	}
	return status
}

// runsAs fails unless all of the unit's processes are the user's, and under a filter.
func (c *course) runsAs(t *testing.T, unit, user string) {
	t.Helper()
	users := strings.Fields(c.Check(t, "sh", "-c", `for p in $(cat /sys/fs/cgroup/system.slice/"$1".service/cgroup.procs); do stat -c %U "/proc/$p"; done`, "sh", unit))
	for _, u := range users {
		if user != "" && u != user || u == "root" {
			t.Errorf("processes of %s are those of %v, want %s", unit, users, user)
		}
	}
	if len(users) == 0 {
		t.Errorf("%s has no processes", unit)
	}
	if s := c.status(t, unit); s["Seccomp"] != "2" || s["NoNewPrivs"] != "1" {
		t.Errorf("%s is under no filter: Seccomp %s, NoNewPrivs %s", unit, s["Seccomp"], s["NoNewPrivs"])
	}
}

var overall = regexp.MustCompile(`Overall exposure level for [^:]*: ([0-9.]+)`)

func (c *course) exposure(t *testing.T, unit string) float64 {
	t.Helper()
	out := c.Check(t, "systemd-analyze", "security", "--no-pager", unit)
	m := overall.FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("systemd-analyze tells no exposure:\n%s", out)
	}
	value, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// nothingDenied fails if the journal tells of denials since the drop-in was installed,
// or a recording of the same workload holds some that the training run does not.
func (c *course) nothingDenied(t *testing.T, unit string, training *trace.Trace, workload ...string) {
	t.Helper()
	for _, d := range c.denied(t, unit, training, workload...) {
		t.Errorf("in its sandbox: %s", d)
	}
}

// denied returns what was denied to a unit in its sandbox.
func (c *course) denied(t *testing.T, unit string, training *trace.Trace, workload ...string) []string {
	t.Helper()
	again := c.recordTo(t, unit, unit+"-sandboxed.trace", workload...)
	journal, err := c.Journal(t.Context(), "--unit", unit, "--since", "@"+c.installed(t, unit))
	if err != nil {
		t.Fatal(err)
	}
	return append(denial.Refused(training, again), denial.Lines(journal)...)
}

// installed returns when the drop-in was installed, in seconds.
func (c *course) installed(t *testing.T, unit string) string {
	t.Helper()
	return strings.TrimSpace(c.Check(t, "stat", "-c", "%.Y", fmt.Sprintf("/etc/systemd/system/%s.service.d/50-sbxprof.conf", unit)))
}

// want fails unless the text has all the lines.
func want(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
}
