// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/trace"
)

const (
	insideSelf = "/root/record.test"
	insideDir  = "/root/out"
)

// onMachines runs a test on a machine of each suite: one where systemd forks its
// children, and one with the executor.
func onMachines(t *testing.T, test func(*testing.T, *testbed.Machine)) {
	for _, suite := range []string{"bookworm", "trixie"} {
		t.Run(suite, func(t *testing.T) {
			m := testbed.New(t, testbed.Options{Suite: suite})
			if err := m.CopyIn(t.Context(), "/proc/self/exe", insideSelf); err != nil {
				t.Fatal(err)
			}
			test(t, m)
		})
	}
}

// service writes a unit's file.
func service(t *testing.T, m *testbed.Machine, name string, lines ...string) {
	t.Helper()
	text := "[Service]\n" + strings.Join(lines, "\n") + "\n"
	if err := m.WriteFile(t.Context(), "/etc/systemd/system/"+name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	m.Check(t, "systemctl", "daemon-reload")
}

// recording is a recording inside of a machine.
func recording(t *testing.T, q request) testbed.Command {
	t.Helper()
	text, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	return testbed.Command{Args: []string{insideSelf}, Env: []string{insideEnv + "=" + string(text), outputEnv + "=" + insideDir}}
}

// recordIn records inside of a machine, and fetches what came of it.
func recordIn(t *testing.T, m *testbed.Machine, q request) (answer, []*trace.Trace) {
	t.Helper()
	m.Check(t, "mkdir", "-p", insideDir)
	r, err := m.RunCommand(t.Context(), recording(t, q))
	if err != nil || r.Status != 0 {
		t.Fatalf("recording %+v: %v, status %d: %s", q, err, r.Status, r.Stderr)
	}
	return fetch(t, m)
}

func fetch(t *testing.T, m *testbed.Machine) (a answer, traces []*trace.Trace) {
	t.Helper()
	text, err := m.ReadFile(t.Context(), insideDir+"/answer")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	for n := range a.Traces {
		to := filepath.Join(t.TempDir(), strconv.Itoa(n))
		if err := m.CopyOut(t.Context(), filepath.Join(insideDir, strconv.Itoa(n)+".trace"), to); err != nil {
			t.Fatal(err)
		}
		tr, err := trace.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		traces = append(traces, tr)
	}
	return a, traces
}

// onlySetup are calls that systemd makes between fork and exec, and that none of the
// services here makes.
var onlySetup = []string{"mount", "umount2", "pivot_root", "setns", "unshare", "capset", "seccomp", "keyctl", "setresuid", "setgroups"}

func TestServices(t *testing.T) {
	onMachines(t, func(t *testing.T, m *testbed.Machine) {
		t.Run("lines", func(t *testing.T) { checkLines(t, m) })
		t.Run("views", func(t *testing.T) { checkViews(t, m) })
		t.Run("filter", func(t *testing.T) { checkFilter(t, m) })
		t.Run("delegated", func(t *testing.T) { checkDelegated(t, m) })
		t.Run("restarts", func(t *testing.T) { checkRestarts(t, m) })
		t.Run("refusals", func(t *testing.T) { checkRefusals(t, m) })
		t.Run("failure", func(t *testing.T) { checkFailure(t, m) })
		t.Run("patterns", func(t *testing.T) { checkPatterns(t, m) })
		t.Run("endings", func(t *testing.T) { checkEndings(t, m) })
	})
}

// until is the end of a script that waits for a file.
func until(file string) string { return "; until test -e " + file + "; do sleep 0.02; done" }

// fileOf tells whether an observation is of a file's operation by a line of the unit.
func fileOf(line string, op trace.FileOp, path trace.Path) func(*trace.Observation) bool {
	return func(o *trace.Observation) bool {
		return o.File != nil && o.File.Op == op && o.File.Path == path && o.Actor.Line == line && o.Actor.Phase == trace.PhaseService && o.Outcome == trace.OutcomeOK
	}
}

// checkLines records a unit with every kind of line: each is told from the others, and
// systemd's own work from all of them.
func checkLines(t *testing.T, m *testbed.Machine) {
	service(t, m, "lines.service", "Type=exec", "User=daemon", "PrivateTmp=yes", "ProtectSystem=full", "NoNewPrivileges=yes", "RuntimeDirectory=lines",
		"ExecStartPre=+/bin/sh -c 'touch /root/privileged'", "ExecStartPre=-/bin/sh -c 'touch /run/lines/pre'",
		"ExecStart=/bin/sh -c 'touch /run/lines/start; exec sleep 1000'", "ExecStartPost=/bin/sh -c 'touch /run/lines/post'",
		"ExecReload=/bin/sh -c 'touch /run/lines/reload'", "ExecStop=/bin/sh -c 'touch /run/lines/stop'")
	a, traces := recordIn(t, m, request{Units: []string{"lines"}, Restart: true, Command: []string{"sh", "-c", "true" + until("/run/lines/start") + " && systemctl reload lines && systemctl stop lines"}})
	if a.Error != "" || a.Ended != EndedByCommand || a.Status != 0 {
		t.Fatalf("the recording: %+v", a)
	}
	tr := traces[0]
	if reasons := tr.Incomplete(); len(reasons) > 0 {
		t.Errorf("it is incomplete: %q", reasons)
	}
	for line, name := range map[string]string{"ExecStartPre": "pre", "ExecStart": "start", "ExecStartPost": "post", "ExecReload": "reload", "ExecStop": "stop"} {
		has(t, tr, line, fileOf(line, trace.OpCreate, trace.Path("/run/lines/"+name)))
	}
	o := has(t, tr, "the line with a plus", fileOf("ExecStartPre", trace.OpCreate, "/root/privileged"))
	if o != nil && (!o.Actor.Privileged || o.Actor.UID != 0) {
		t.Errorf("the line with a plus is run by %+v", o.Actor)
	}
	hasNot(t, tr, "other lines are privileged", func(o *trace.Observation) bool {
		return o.Actor.Privileged && o.File != nil && strings.HasPrefix(string(o.File.Path), "/run/lines/")
	})
	hasNot(t, tr, "systemd's own work is charged to the service", func(o *trace.Observation) bool {
		return o.Actor.Phase == trace.PhaseService && o.Syscall != nil && slices.Contains(onlySetup, o.Syscall.Name)
	})
	has(t, tr, "systemd's own work", func(o *trace.Observation) bool {
		return o.Actor.Phase == trace.PhaseSetup && o.Syscall != nil && o.Syscall.Name == "setresuid"
	})
	for _, c := range tr.Header.Unit.Commands {
		if c.Runs != 1 {
			t.Errorf("%s=%s%v ran %d times, want once", c.Line, c.Prefix, c.Argv, c.Runs)
		}
	}
	if h := tr.Header; h.Starts != 1 || h.Unit.Users[1] != "daemon" || h.Host.Systemd == "" || h.Host.Features == "" {
		t.Errorf("the header is %+v", h)
	}
}

// checkViews records units whose file system is another one: paths are in it.
func checkViews(t *testing.T, m *testbed.Machine) {
	m.Check(t, "sh", "-c", "mkdir -p /srv/root/usr /srv/root/bin /srv/root/lib /srv/root/lib64 /srv/root/var && ln -sfn usr /srv/alias")
	service(t, m, "views.service", "Type=oneshot", "RootDirectory=/srv/root", "BindReadOnlyPaths=/usr /bin /lib /lib64", "PrivateTmp=yes",
		"ExecStart=/bin/sh -c 'touch /var/made /tmp/made; ln -sfn var /link; touch /link/linked; rm /var/made'")
	_, traces := recordIn(t, m, request{Units: []string{"views"}, Restart: true, Command: []string{"true"}})
	for op, paths := range map[trace.FileOp][]trace.Path{
		trace.OpCreate: {"/var/made", "/tmp/made", "/var/linked"}, trace.OpRemove: {"/var/made"}, trace.OpSymlink: {"/link"},
	} {
		for _, path := range paths {
			o := has(t, traces[0], string(path), fileOf(mainLine, op, path))
			if o != nil && o.File.Chroot {
				t.Errorf("%s %s counts as in a chroot of the service's own", op, path)
			}
		}
	}
	has(t, traces[0], "the name as given", func(o *trace.Observation) bool {
		return o.File != nil && o.File.Path == "/var/linked" && o.File.Given == "/link/linked"
	})
}

// checkFilter records a unit that a filter of its own denies something.
func checkFilter(t *testing.T, m *testbed.Machine) {
	service(t, m, "filter.service", "Type=oneshot", "SystemCallFilter=~mkdir mkdirat", "SystemCallErrorNumber=EPERM",
		"ExecStart=-/bin/mkdir /run/denied")
	_, traces := recordIn(t, m, request{Units: []string{"filter"}, Restart: true, Command: []string{"true"}})
	has(t, traces[0], "the denied call", func(o *trace.Observation) bool {
		return o.Syscall != nil && o.Syscall.Name == "mkdir" && o.Syscall.Filtered && o.Outcome == "EPERM"
	})
	hasNot(t, traces[0], "another call was filtered", func(o *trace.Observation) bool {
		return o.Syscall != nil && o.Syscall.Filtered && o.Syscall.Name != "mkdir"
	})
}

// checkDelegated records a unit that makes cgroups of its own.
func checkDelegated(t *testing.T, m *testbed.Machine) {
	script := `d=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup); mkdir $d/sub; sh -c "echo 0 >$d/sub/cgroup.procs; touch /run/in-sub"`
	if err := m.WriteFile(t.Context(), "/usr/local/bin/delegated", []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	service(t, m, "delegated.service", "Type=oneshot", "Delegate=yes", "ExecStart=/usr/local/bin/delegated", "ExecStartPost=/bin/touch /run/in-control")
	_, traces := recordIn(t, m, request{Units: []string{"delegated"}, Restart: true, Command: []string{"true"}})
	has(t, traces[0], "in a cgroup of its own", fileOf(mainLine, trace.OpCreate, "/run/in-sub"))
	has(t, traces[0], "in the control cgroup", fileOf("ExecStartPost", trace.OpCreate, "/run/in-control"))
	hasNot(t, traces[0], "moves", func(o *trace.Observation) bool { return o.Move != nil })
}

// checkRestarts restarts a unit fifty times while it is recorded.
func checkRestarts(t *testing.T, m *testbed.Machine) {
	service(t, m, "often.service", "Type=exec", "ExecStart=/bin/sh -c 'exec sleep 1000'", "[Unit]", "StartLimitIntervalSec=0")
	m.Check(t, "systemctl", "start", "often")
	_, traces := recordIn(t, m, request{Units: []string{"often"}, Command: []string{"sh", "-c", "for i in $(seq 50); do systemctl restart often; done"}})
	if h := traces[0].Header; h.Starts != 50 || len(h.Losses) != 0 {
		t.Errorf("50 starts are recorded as %d, with the losses %+v", h.Starts, h.Losses)
	}
	m.Check(t, "systemctl", "stop", "often")
}

// checkRefusals asks for what cannot be recorded.
func checkRefusals(t *testing.T, m *testbed.Machine) {
	service(t, m, "idle.service", "ExecStart=/bin/sleep 1000")
	m.Check(t, "systemctl", "mask", "--runtime", "hidden.service")
	for unit, says := range map[string]string{
		"idle": "--restart", "nosuch": "no such unit", "hidden": "masked", "getty@": "template", "dbus.socket": "no service",
	} {
		a, _ := recordIn(t, m, request{Units: []string{unit}, Command: []string{"true"}})
		if a.Traces != 0 || !strings.Contains(a.Error, says) {
			t.Errorf("%s: %+v, want an error that says %q", unit, a, says)
		}
	}
	a, traces := recordIn(t, m, request{Units: []string{"idle", "dbus"}, Restart: true, Duration: time.Millisecond})
	if a.Error != "" || len(traces) != 2 || traces[1].Header.Unit.Name != "dbus.service" {
		t.Errorf("two units, one by an alias or not: %+v", a)
	}
	m.Check(t, "systemctl", "stop", "idle")
}

// checkFailure records a unit that does not start.
func checkFailure(t *testing.T, m *testbed.Machine) {
	service(t, m, "broken.service", "Type=oneshot", "ExecStart=/bin/sh -c 'touch /run/tried; exit 7'")
	a, traces := recordIn(t, m, request{Units: []string{"broken"}, Restart: true, Command: []string{"true"}})
	if !strings.Contains(a.Error, "did not start") || len(traces) != 1 {
		t.Fatalf("a unit that fails: %+v", a)
	}
	has(t, traces[0], "what it did", fileOf(mainLine, trace.OpCreate, "/run/tried"))
}

// checkPatterns records instances, of which one appears later.
func checkPatterns(t *testing.T, m *testbed.Machine) {
	service(t, m, "many@.service", "Type=exec", "ExecStart=/bin/sh -c 'touch /run/many-%i; exec sleep 1000'")
	service(t, m, "manyother.service", "ExecStart=/bin/sleep 1000")
	m.Check(t, "systemctl", "start", "many@1")
	a, traces := recordIn(t, m, request{Units: []string{"many@*"}, Command: []string{"sh", "-c", "systemctl start many@2 manyother" + until("/run/many-2")}})
	if a.Error != "" || len(traces) != 2 || traces[0].Header.Unit.Name != "many@1.service" || traces[1].Header.Unit.Name != "many@2.service" {
		t.Fatalf("instances: %+v", a)
	}
	if traces[0].Header.Starts != 0 || traces[1].Header.Starts != 1 {
		t.Errorf("they were started %d and %d times, want never and once", traces[0].Header.Starts, traces[1].Header.Starts)
	}
	has(t, traces[1], "what it did", fileOf(mainLine, trace.OpCreate, "/run/many-2"))
	m.Check(t, "systemctl", "stop", "many@1", "many@2", "manyother")
}

// checkEndings records until something else than a command ends it.
func checkEndings(t *testing.T, m *testbed.Machine) {
	service(t, m, "short.service", "Type=oneshot", "ExecStart=/bin/true")
	a, traces := recordIn(t, m, request{Units: []string{"short"}, Restart: true, Runs: 1})
	if a.Ended != EndedByRuns || traces[0].Header.Starts != 1 {
		t.Errorf("after one run: %+v", a)
	}
	service(t, m, "ends.service", "ExecStart=/bin/sleep 0.2")
	a, _ = recordIn(t, m, request{Units: []string{"ends"}, Restart: true, StopWithUnit: true})
	if a.Ended != EndedByUnit {
		t.Errorf("after the unit ended: %+v", a)
	}
}

// TestInterrupted sends a recorder SIGINT: its trace is complete and written.
func TestInterrupted(t *testing.T) {
	m := testbed.New(t, testbed.Options{})
	if err := m.CopyIn(t.Context(), "/proc/self/exe", insideSelf); err != nil {
		t.Fatal(err)
	}
	// A simple service counts as started before it executes anything: nothing of it could be
	// there yet.
	service(t, m, "long.service", "Type=exec", "ExecStart=/bin/sleep 1000")
	m.Check(t, "mkdir", "-p", insideDir)
	ready := make(readiness, 1)
	c := recording(t, request{Units: []string{"long"}, Restart: true})
	c.Stdout = ready
	p, err := m.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	<-ready
	if err := p.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if status, err := p.Wait(); status != 0 || err != nil {
		t.Fatalf("the recorder ended with status %d, %v", status, err)
	}
	a, traces := fetch(t, m)
	if a.Ended != EndedByCaller || a.Error != "" || len(traces) != 1 {
		t.Fatalf("an interrupted recording: %+v", a)
	}
	if why := traces[0].Incomplete(); len(why) > 0 {
		t.Errorf("an interrupted recording is incomplete: %q", why)
	}
}

// readiness is written to by a recorder when it is ready.
type readiness chan struct{}

func (r readiness) Write(p []byte) (int, error) {
	select {
	case r <- struct{}{}:
	default:
	}
	return len(p), nil
}
