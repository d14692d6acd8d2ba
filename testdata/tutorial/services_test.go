// SPDX-License-Identifier: Apache-2.0

package tutorial

import (
	"context"
	"embed"
	"fmt"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

//go:embed services
var scripts embed.FS

// packages are what the services and their workloads need.
var packages = []string{"nginx", "dnsmasq", "tinyproxy", "privoxy", "unbound", "openssh-server", "cron", "curl", "perl", "logrotate", "rsyslog", "dnsutils"}

// service is one that gets another user.
type service struct {
	unit, user string
	flags      []string
	// lines are what the drop-in has, besides the user.
	lines []string
	// steps are parts of what is said to do, and none what is not said.
	steps, none []string
	// undone is set where the drop-in can go without anything else being done.
	undone bool
	// livesWith is what the program is refused, says, and goes on without.
	livesWith string
}

var (
	drop    = []string{"--identity", "drop", "--apply-steps", "--yes"}
	dynamic = []string{"--dynamic-user", "--apply-steps", "--yes"}
)

var services = []service{
	{unit: "nginx", user: "www-data", flags: drop,
		lines: []string{"User=www-data", "AmbientCapabilities=CAP_NET_BIND_SERVICE", "RuntimeDirectory=nginx", "PIDFile=/run/nginx/nginx.pid",
			"ExecStop=-/sbin/start-stop-daemon --quiet --stop --retry QUIT/5 --pidfile /run/nginx/nginx.pid"},
		steps: []string{"in /etc/nginx/nginx.conf:", "in /etc/init.d/nginx:"}},
	{unit: "dnsmasq", user: "dnsmasq", flags: drop, lines: []string{"User=dnsmasq", "AmbientCapabilities=CAP_NET_BIND_SERVICE"}},
	{unit: "tinyproxy", user: "tinyproxy", flags: drop, lines: []string{"User=tinyproxy", "Group=tinyproxy", "CapabilityBoundingSet="}},
	{unit: "privoxy", user: "privoxy", flags: drop,
		lines: []string{"User=privoxy", "Environment=PIDFILE=/run/privoxy/privoxy.pid", "SystemCallFilter=~setgroups:0 setgroups32:0"},
		steps: []string{"in /etc/init.d/privoxy:"}},
	{unit: "unbound", user: "unbound", flags: drop, lines: []string{"User=unbound", "RuntimeDirectory=unbound"},
		steps: []string{"in /etc/unbound/unbound.conf.d/remote-control.conf:"}, livesWith: "groups"},
	// It is root for no reason.
	{unit: "tiny", user: "tiny", flags: drop,
		lines: []string{"DynamicUser=yes", "StateDirectory=tiny", "LogsDirectory=tiny", "RuntimeDirectory=tiny"},
		steps: []string{"in /usr/local/bin/tiny:"}},
	// It has a user, and a directory that systemd makes, and reads by its group.
	{unit: "tail-log", user: "tail-log", flags: dynamic, lines: []string{"User=", "DynamicUser=yes", "Group=adm", "StateDirectory=tail-log"}, undone: true},
}

// stays are services that have to be root, and why.
var stays = []struct{ unit, why string }{
	{"ssh", "it checks passwords or opens sessions for other users ("},
	{"cron", "it checks passwords or opens sessions for other users ("},
}

func TestServices(t *testing.T) {
	for _, suite := range []string{"bookworm", "trixie"} {
		t.Run(suite, func(t *testing.T) {
			c := newCourse(t, suite, packages)
			c.copyScripts(t)
			for _, s := range services {
				t.Run(s.unit, func(t *testing.T) { c.changes(t, s) })
			}
			for _, s := range stays {
				t.Run(s.unit, func(t *testing.T) { c.stays(t, s.unit, s.why) })
			}
		})
	}
}

func (c *course) copyScripts(t *testing.T) {
	t.Helper()
	files, err := scripts.ReadDir("services")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := scripts.ReadFile("services/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		c.write(t, folder+"/"+f.Name(), string(text))
	}
}

// script runs one of the scripts, if it is there.
func (c *course) script(t *testing.T, name string) {
	t.Helper()
	c.Check(t, "sh", "-c", fmt.Sprintf("if [ -e %[1]s ]; then %[1]s; fi", folder+"/"+name))
}

// train sets a service up and records it.
func (c *course) train(t *testing.T, unit string) (*trace.Trace, []string) {
	t.Helper()
	workload := []string{folder + "/" + unit + ".sh"}
	c.script(t, unit+"-setup.sh")
	c.Check(t, "systemctl", "daemon-reload")
	c.Check(t, "systemctl", "start", unit)
	t.Cleanup(func() { // the test's context has ended by then
		if _, err := c.Output(context.WithoutCancel(t.Context()), "systemctl", "stop", unit); err != nil {
			t.Error(err)
		}
	})
	return c.recordTo(t, unit, unit+".trace", workload...), workload
}

// changes gives a service another user, and has it do everything again.
func (c *course) changes(t *testing.T, s service) {
	training, workload := c.train(t, s.unit)
	dropIn, _ := c.suggest(t, s.unit, s.unit+".trace", s.flags...)
	want(t, dropIn, s.lines...)
	for _, step := range s.steps {
		if !strings.Contains(dropIn, step) {
			t.Errorf("no step: %s", step)
		}
	}
	for _, not := range s.none {
		if strings.Contains(dropIn, not) {
			t.Errorf("it says: %s", not)
		}
	}
	c.script(t, s.unit+"-byhand.sh")
	c.restart(t, s.unit)
	c.Check(t, workload...)
	c.runsAs(t, s.unit, s.user)
	t.Logf("exposure of %s on %s: %.1f", s.unit, c.suite, c.exposure(t, s.unit))
	for _, d := range c.denied(t, s.unit, training, workload...) {
		if s.livesWith == "" || !strings.Contains(d, s.livesWith) {
			t.Errorf("in its sandbox: %s", d)
		}
	}
	if s.undone {
		c.goesBack(t, s.unit, workload...)
	}
}

// goesBack takes the drop-in away: what systemd gave to another user, it gives back.
func (c *course) goesBack(t *testing.T, unit string, workload ...string) {
	t.Helper()
	dir := "/var/lib/" + unit
	if kind := c.Check(t, "stat", "-c", "%F", dir); kind != "symbolic link\n" {
		t.Errorf("with a user that is made up %s is a %s", dir, kind)
	}
	c.Check(t, "rm", fmt.Sprintf("/etc/systemd/system/%s.service.d/50-sbxprof.conf", unit))
	c.restart(t, unit)
	c.Check(t, workload...)
	if owner := c.Check(t, "stat", "-c", "%F of %U", dir); owner != "directory of tailer\n" {
		t.Errorf("without it %s is a %s", dir, owner)
	}
}

// stays fails unless the program says why a service keeps its user.
func (c *course) stays(t *testing.T, unit, why string) {
	c.train(t, unit)
	text := c.Check(t, sbxprof, "suggest", "--identity", "drop", folder+"/"+unit+".trace")
	if joined := strings.ReplaceAll(text, "\n#  ", ""); !strings.Contains(joined, "Its user is not changed: "+why) {
		t.Errorf("it does not say why it stays root:\n%s", text)
	}
	for _, line := range []string{"\nUser=", "\nDynamicUser=", "\nAmbientCapabilities="} {
		if strings.Contains(text, line) {
			t.Errorf("its user is changed: %s", line)
		}
	}
}
