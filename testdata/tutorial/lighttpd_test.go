// SPDX-License-Identifier: Apache-2.0

package tutorial

import (
	"os"
	"strings"
	"testing"
)

// TestLighttpd takes Debian's lighttpd as it is shipped from root to a user of its own,
// with nothing done by hand but restarting it.
func TestLighttpd(t *testing.T) {
	for _, suite := range []string{"bookworm", "trixie"} {
		t.Run(suite, func(t *testing.T) {
			c := newCourse(t, suite, []string{"lighttpd", "perl", "curl", "logrotate", "media-types"})
			c.demo(t, "site.sh", folder+"/site")
			c.demo(t, "workload.sh", folder+"/workload")
			c.Check(t, folder+"/site")
			c.Check(t, "systemctl", "start", "lighttpd")
			workload := []string{folder + "/workload", folder + "/results"}
			training := c.recordTo(t, "lighttpd", "lighttpd.trace", workload...)

			dropIn, said := c.suggest(t, "lighttpd", "lighttpd.trace", "--identity", "drop", "--apply-steps", "--yes")
			if !strings.Contains(dropIn, "in /etc/lighttpd/lighttpd.conf:") {
				t.Error("missing: the step for the PID file, with file and line")
			}
			if !strings.Contains(said, `+server.pid-file             = "/run/lighttpd/lighttpd.pid"`) || !strings.Contains(said, "\nedited /etc/lighttpd/lighttpd.conf\n") {
				t.Errorf("it said %s", said)
			}
			c.restart(t, "lighttpd")
			wantTutorial(t, c.Check(t, "systemctl", "cat", "lighttpd"))
			c.Check(t, workload...)
			c.runsAs(t, "lighttpd", "www-data")
			if e := c.exposure(t, "lighttpd"); e > 1.5 {
				t.Errorf("the exposure level is %.1f, want at most 1.5", e)
			}
			c.nothingDenied(t, "lighttpd", training, workload...)
		})
	}
}

// demo copies a script of the demonstration.
func (c *course) demo(t *testing.T, name, path string) {
	t.Helper()
	text, err := os.ReadFile("../demo/" + name)
	if err != nil {
		t.Fatal(err)
	}
	c.write(t, path, string(text))
}

// wantTutorial fails unless the unit has what hardening by hand comes to. Some of it is
// in the unit as Debian 13 ships it.
func wantTutorial(t *testing.T, unit string) {
	t.Helper()
	want(t, unit, "User=www-data", "Group=www-data", "RuntimeDirectory=lighttpd", "PIDFile=/run/lighttpd/lighttpd.pid",
		"AmbientCapabilities=CAP_NET_BIND_SERVICE", "CapabilityBoundingSet=CAP_NET_BIND_SERVICE", "NoNewPrivileges=yes",
		"ProtectHome=yes", "ProtectSystem=strict", "LogsDirectory=lighttpd", "SystemCallFilter=@system-service",
		"ProtectKernelTunables=yes", "ProtectKernelModules=yes", "ProtectKernelLogs=yes", "ProtectControlGroups=yes",
		"MemoryDenyWriteExecute=yes", "RestrictSUIDSGID=yes", "KeyringMode=private", "ProtectClock=yes", "RestrictRealtime=yes",
		"PrivateDevices=yes", "PrivateTmp=yes", "ProtectHostname=yes")
}
