// SPDX-License-Identifier: Apache-2.0

package mainjob

import (
	"bytes"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

// services are of every make that a tracer can disturb.
var services = map[string]string{
	"notify": unit("Type=notify", "NotifyAccess=all", "WatchdogSec=5",
		`ExecStart=/bin/sh -c 'systemd-notify --ready; while :; do systemd-notify WATCHDOG=1; sleep 1; done'`,
		`ExecReload=/bin/sh -c 'echo reloaded >>/run/notify-reloads'`),
	"forking": unit("Type=forking", "PIDFile=/run/forking.pid",
		`ExecStart=/bin/sh -c 'sleep 1000 & echo $! >/run/forking.pid'`),
	"relay": "[Unit]\nRequires=relay.socket\n" + unit("ExecStart=/lib/systemd/systemd-socket-proxyd 127.0.0.1:80"),
}

// counters are properties that change by themselves.
var counters = regexp.MustCompile(`(?m)^(?:CPUUsageNSec|Memory\w*|IO\w+|IP\w+|Tasks\w*|Watchdog\w*Timestamp\w*|.*Watermark.*|EffectiveMemory\w*|ManagedOOM\w*|StatusText)=.*\n`)

func shown(t *testing.T, m *testbed.Machine) string {
	t.Helper()
	all := m.Check(t, "systemctl", "show", "lighttpd", "notify", "forking", "relay")
	return counters.ReplaceAllString(all, "")
}

// unitFiles is the content of all that units are configured by.
func unitFiles(t *testing.T, m *testbed.Machine) string {
	t.Helper()
	return m.Check(t, "sh", "-c", "find /etc/systemd /run/systemd/system /run/systemd/transient /lib/systemd/system -type f 2>/dev/null | sort | xargs -d '\n' md5sum")
}

// TestRecordingChangesNothing compares what systemd says of units before, during and
// after they are recorded, and has them reload, keep their watchdogs fed and be
// activated by a socket meanwhile. In the end the recorder is killed.
func TestRecordingChangesNothing(t *testing.T) {
	onSuites(t, func(t *testing.T, m *testbed.Machine) {
		for name, text := range services {
			write(t, m, "/etc/systemd/system/"+name+".service", text, 0o644)
		}
		write(t, m, "/etc/systemd/system/relay.socket", "[Socket]\nListenStream=8080\n", 0o644)
		m.Check(t, "systemctl", "daemon-reload")
		m.Check(t, "systemctl", "start", "lighttpd", "notify", "forking", "relay.socket")
		m.Check(t, "sh", "-c", "curl -s --retry 20 --retry-delay 1 --retry-all-errors -o /dev/null http://localhost:8080/")
		before, files := shown(t, m), unitFiles(t, m)

		recorder, out := startRecorder(t, m)
		m.Check(t, "systemctl", "reload", "notify", "lighttpd")
		m.Check(t, "curl", "-s", "-o", "/dev/null", "http://localhost:8080/")
		if got := m.Check(t, "cat", "/run/notify-reloads"); strings.TrimSpace(got) != "reloaded" {
			t.Errorf("the reload left %q", got)
		}
		m.Check(t, "sleep", "7") // longer than the watchdog waits
		if diff := cmp.Diff(steady(before), steady(shown(t, m))); diff != "" {
			t.Errorf("while it is recorded:\n%s", diff)
		}
		if err := recorder.Signal(syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if status, _ := recorder.Wait(); status != 128+9 {
			t.Errorf("the killed recorder's status is %d\n%s", status, out)
		}
		if diff := cmp.Diff(steady(before), steady(shown(t, m))); diff != "" {
			t.Errorf("afterwards:\n%s", diff)
		}
		if diff := cmp.Diff(files, unitFiles(t, m)); diff != "" {
			t.Errorf("files of units:\n%s", diff)
		}
	})
}

// steady leaves out what a reload changes.
func steady(shown string) string {
	return regexp.MustCompile(`(?m)^(?:ExecReload\w*|StateChange\w*|\w*Timestamp\w*|InvocationID|ControlPID|ReloadResult)=.*\n`).ReplaceAllString(shown, "")
}

func startRecorder(t *testing.T, m *testbed.Machine) (*testbed.Process, *bytes.Buffer) {
	t.Helper()
	ready, out := newLineWriter("recording"), &bytes.Buffer{}
	p, err := m.Start(t.Context(), testbed.Command{Stderr: ready, Stdout: out,
		Args: []string{"sbxprof", "record", "--unit", "lighttpd", "--unit", "notify", "--unit", "forking", "--unit", "relay"}})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-ready.seen:
	case <-t.Context().Done():
		t.Fatal(t.Context().Err())
	}
	return p, out
}
