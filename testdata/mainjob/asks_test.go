// SPDX-License-Identifier: Apache-2.0

package mainjob

import (
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

// asker does nothing but ask: whether it may write here and there, and execute a helper.
// Without a "yes" it ends. It lives with either answer about /usr.
const asker = `#!/bin/sh
for place in "$@"; do
	[ -w "$place" ] || { echo "asker: $place cannot be written"; exit 1; }
done
[ -x /opt/asker/helper ] || { echo "asker: there is no helper"; exit 1; }
[ -w /usr/share ] && echo "asker: /usr can be written"
exit 0
`

// askers are services that ask as root and as a user, and what must stay writable.
var askers = []struct {
	unit string
	text string
	open []string
}{
	{"asker", unit("Type=oneshot", "RemainAfterExit=yes", "ExecStart=/usr/local/bin/asker /etc/asker.conf /srv/asker"), []string{"-/etc/asker.conf", "-/srv/asker"}},
	{"asker-user", unit("Type=oneshot", "RemainAfterExit=yes", "User=daemon", "ExecStart=/usr/local/bin/asker /srv/asker-user/file"), []string{"-/srv/asker-user"}},
}

// TestWhoOnlyAsks: a service that ends when access(2) tells it that it may not write works
// under every suggestion, and ends without the lines that are there for that.
func TestWhoOnlyAsks(t *testing.T) {
	onSuitesWith(t, nil, func(t *testing.T, m *testbed.Machine) {
		write(t, m, "/usr/local/bin/asker", asker, 0o755)
		m.Check(t, "sh", "-c", `mkdir -p /opt/asker /srv/asker /srv/asker-user
			cp /bin/true /opt/asker/helper; touch /etc/asker.conf /srv/asker-user/file; chown -R daemon: /srv/asker-user`)
		for _, a := range askers {
			write(t, m, "/etc/systemd/system/"+a.unit+".service", a.text, 0o644)
			m.Check(t, "systemctl", "daemon-reload")
			m.Check(t, "sbxprof", "record", "--unit", a.unit, "--restart", "-o", "/root/"+a.unit+".trace", "--", "sleep", "1")
			fetch(t, m, "/root/"+a.unit+".trace")
			for _, level := range []string{"safe", "standard", "strict"} {
				t.Run(a.unit+" "+level, func(t *testing.T) { asks(t, m, a.unit, level, a.open) })
			}
		}
	})
}

// asks tries a service under what is suggested at a level, and without what it may write.
func asks(t *testing.T, m *testbed.Machine, unit, level string, open []string) {
	suggested := m.Check(t, "sbxprof", "suggest", "--level", level, "/root/"+unit+".trace")
	t.Log(suggested)
	closed, writable := withoutWritable(suggested)
	for _, place := range open {
		// What is safe for all leaves /srv alone.
		if in := strings.HasPrefix(place, "-/etc/") || level != "safe"; in != strings.Contains(writable, place) {
			t.Errorf("%s is opened by %q: %v, want %v", place, writable, !in, in)
		}
	}
	if strings.Contains(writable, "/usr") {
		t.Errorf("for an answer that means nothing %q opens /usr", writable)
	}
	started := func(text string) bool {
		write(t, m, "/etc/systemd/system/"+unit+".service.d/test.conf", text, 0o644)
		m.Check(t, "systemctl", "daemon-reload")
		return m.Check(t, "sh", "-c", "systemctl restart "+unit+" && echo started || echo failed") == "started\n"
	}
	if !started(suggested) {
		t.Errorf("it does not start: %s", m.Check(t, "journalctl", "--no-pager", "-n", "20", "-u", unit))
	}
	if writable != "" && started(closed) {
		t.Error("it starts where it cannot write what it asks of")
	}
	said := m.Check(t, "sh", "-c", "sbxprof check --unit-file /etc/systemd/system/"+unit+".service --drop-in /etc/systemd/system/"+unit+".service.d/test.conf /root/"+unit+".trace; :")
	if asked := "asked whether it may write"; writable != "" && !strings.Contains(said, asked) {
		t.Errorf("check says of that:\n%s\nwant %q", said, asked)
	}
	m.Check(t, "sh", "-c", "rm /etc/systemd/system/"+unit+".service.d/test.conf; systemctl daemon-reload; systemctl reset-failed "+unit)
}

// withoutWritable returns a drop-in without its lines of what can be written, and those.
func withoutWritable(dropIn string) (without, writable string) {
	for line := range strings.Lines(dropIn) {
		if strings.HasPrefix(line, "ReadWritePaths=") || strings.HasPrefix(line, "BindPaths=") {
			writable += line
		} else {
			without += line
		}
	}
	return without, writable
}
