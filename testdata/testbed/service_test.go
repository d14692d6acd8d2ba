// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"strings"
	"testing"
)

func TestLayerServes(t *testing.T) {
	for _, s := range suites {
		t.Run(s.suite, func(t *testing.T) {
			m := New(t, Options{Suite: s.suite, Packages: []string{"lighttpd", "curl"}})
			if r, err := m.Run(t.Context(), "systemctl", "is-active", "lighttpd"); err != nil || r.Stdout != "inactive\n" {
				t.Errorf("before it is started lighttpd is %q, %v", r.Stdout, err)
			}
			m.Check(t, "systemctl", "start", "lighttpd")
			out := m.Check(t, "curl", "--silent", "--show-error", "--head",
				"--retry", "20", "--retry-connrefused", "--retry-delay", "1", "http://localhost:80/")
			if !strings.HasPrefix(out, "HTTP/1.1 200 OK") || !strings.Contains(out, "Server: lighttpd") {
				t.Errorf("port 80 answers %s", out)
			}
		})
	}
}

// Each directive denies its script, which succeeds without it.
var sandboxes = []struct{ directive, script string }{
	{"ProtectSystem=strict", "touch /etc/made"},
	{"ReadOnlyPaths=/srv", "touch /srv/made"},
	{"PrivateNetwork=yes", "ip link show lan0"},
	{"PrivateDevices=yes", "test -e /dev/fuse"},
	{"PrivateUsers=yes", "ip link set lan1 up"},
	{"DevicePolicy=closed", ": </dev/fuse"},
	{"DynamicUser=yes", "test $(id -u) -eq 0"},
	{"NoNewPrivileges=yes", "grep NoNewPrivs:.0 /proc/self/status"},
	{"CapabilityBoundingSet=~CAP_CHOWN", "touch /tmp/f && chown daemon /tmp/f"},
	{"RestrictAddressFamilies=AF_UNIX", "ip link show lo"},
	{"SystemCallFilter=~mkdir mkdirat", "mkdir /tmp/$$"},
	{"RestrictNamespaces=yes", "unshare --net true"},
	{"ProtectHome=tmpfs", "test -e /root/.profile"},
	{"IPAddressDeny=any", "exec 3<>/dev/tcp/127.0.0.1/8080"},
}

func TestSandboxDirectives(t *testing.T) {
	for _, s := range suites {
		t.Run(s.suite, func(t *testing.T) {
			m := New(t, Options{Suite: s.suite})
			m.Check(t, "systemd-run", "--unit=listener", "--service-type=notify", "-p", "NotifyAccess=all", "perl", "-MIO::Socket::INET", "-e",
				`my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1:8080", Listen => 5) or die; system "systemd-notify", "--ready"; while (my $c = $s->accept) { close $c }`)
			for _, c := range sandboxes {
				if got := sandboxed(t, m, c.script); got != 0 {
					t.Errorf("%s without %s: status %d, want 0", c.script, c.directive, got)
				}
				if got := sandboxed(t, m, c.script, "-p", c.directive); got == 0 {
					t.Errorf("%s with %s: done, want it denied", c.script, c.directive)
				}
			}
		})
	}
}

func sandboxed(t *testing.T, m *Machine, script string, properties ...string) int {
	t.Helper()
	args := append([]string{"systemd-run", "--wait", "--pipe", "--quiet", "--collect"}, properties...)
	r, err := m.Run(t.Context(), append(args, "timeout", "5", "bash", "-c", script)...)
	if err != nil {
		t.Fatal(err)
	}
	return r.Status
}
