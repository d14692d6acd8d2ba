// SPDX-License-Identifier: Apache-2.0

package tutorial

import (
	"strings"
	"testing"
)

// others are files that are none of the service's business.
var others = []string{"/home/somebody/secret", "/root/secret", "/srv/other/secret", "/var/lib/other/secret", "/var/log/other/secret",
	"/var/cache/other/secret", "/var/spool/other/secret", "/etc/ssh/secret"}

// TestAllowList leaves services only what they used of the file system.
func TestAllowList(t *testing.T) {
	for _, suite := range []string{"bookworm", "trixie"} {
		t.Run(suite, func(t *testing.T) {
			c := newCourse(t, suite, packages)
			c.copyScripts(t)
			for _, file := range others {
				c.write(t, file, "not for services\n")
			}
			// What is run in the sandbox to look around must be where it may execute.
			c.Check(t, "cp", "/usr/bin/find", "/usr/lib/find")
			for _, s := range []struct{ unit, writes string }{{"nginx", "/var/log/nginx"}, {"unbound", "/run/unbound"}, {"tiny", "/var/lib/tiny"}} {
				t.Run(s.unit, func(t *testing.T) { c.onlyWhatWasUsed(t, s.unit, s.writes) })
			}
		})
	}
}

// onlyWhatWasUsed has a unit that writes to a directory do everything with what it used
// alone, and again after an upgrade.
func (c *course) onlyWhatWasUsed(t *testing.T, unit, writes string) {
	training, workload := c.train(t, unit)
	dropIn, _ := c.suggest(t, unit, unit+".trace", append([]string{"--filesystem", "allowlist"}, drop...)...)
	for _, part := range []string{"\nInaccessiblePaths=", "\nNoExecPaths=/ ", "\nExecPaths=", "places of"} {
		if !strings.Contains(dropIn, part) {
			t.Errorf("missing: %s", part)
		}
	}
	c.restart(t, unit)
	c.Check(t, workload...)
	for _, d := range c.denied(t, unit, training, workload...) {
		if !strings.Contains(d, "groups") { // unbound says that it may not set them, and goes on
			t.Errorf("in its sandbox: %s", d)
		}
	}
	c.hidesOthers(t, unit)
	c.executesNothing(t, unit, "/etc", writes)

	c.Check(t, folder+"/upgrade.sh", unit)
	c.Check(t, workload...) // the old program, also when it is asked to load things again
	c.restart(t, unit)
	c.Check(t, workload...)
	c.hidesOthers(t, unit)
}

// hidesOthers looks around in the unit's mount namespace, as root.
func (c *course) hidesOthers(t *testing.T, unit string) {
	t.Helper()
	if seen := strings.Count(c.Check(t, append([]string{"find"}, others...)...), "secret"); seen != len(others) {
		t.Fatalf("%d files of others outside of the sandbox, want %d", seen, len(others))
	}
	pid := c.status(t, unit)["Pid"]
	r, err := c.Run(t.Context(), "nsenter", "--target", pid, "--mount", "/usr/lib/find", "/home", "/root", "/srv", "/var", "/etc")
	if err != nil || !strings.Contains(r.Stdout, "/etc/passwd\n") {
		t.Fatalf("looking around in the sandbox of %s: %v, %s", unit, err, r.Stderr)
	}
	for _, file := range others {
		if strings.Contains(r.Stdout, file+"\n") {
			t.Errorf("in the sandbox of %s there is %s", unit, file)
		}
	}
}

// executesNothing fails if a program in one of the directories runs in the sandbox.
func (c *course) executesNothing(t *testing.T, unit string, dirs ...string) {
	t.Helper()
	pid := c.status(t, unit)["Pid"]
	for _, dir := range dirs {
		c.Check(t, "cp", "/usr/bin/find", dir+"/")
		r, err := c.Run(t.Context(), "nsenter", "--target", pid, "--mount", dir+"/find", "--version")
		if err != nil || r.Status != 126 {
			t.Errorf("in the sandbox of %s, a program in %s ends with status %d, want 126 (%v, %s)", unit, dir, r.Status, err, r.Stderr)
		}
		c.Check(t, "rm", dir+"/find")
	}
}
