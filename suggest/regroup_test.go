// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"testing"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// TestRegroup is about setting groups where no filter can say that it was done.
func TestRegroup(t *testing.T) {
	groups, helper := call(0, "setgroups"), call(daemonUID, "setgroups")
	helper.Actor.Line = "ExecStartPre"
	for _, test := range []struct {
		name     string
		unit     []trace.Setting
		o        []trace.Observation
		has, not []string
	}{
		{"told to become it", lines("ExecStart=/usr/sbin/web --user www-data -x"), []trace.Observation{drops(), groups}, []string{"ExecStart=/usr/sbin/web -x"}, []string{"step:"}},
		{"and its group", lines("ExecStart=/usr/sbin/web -u www-data -g www-data -x"), []trace.Observation{drops(), groups}, []string{"ExecStart=/usr/sbin/web -x"}, nil},
		{"a helper that is told its group", lines("ExecStart=/usr/bin/install -g www-data /run/x"), []trace.Observation{drops(), groups}, []string{"step: if web gives up"}, []string{"ExecStart="}},
		{"and another group", lines("ExecStart=/usr/sbin/web --user www-data --group=adm -x"), []trace.Observation{drops(), groups}, []string{"ExecStart=/usr/sbin/web --group=adm -x"}, nil},
		{"by a variable", lines("Environment=U=www-data", "ExecStart=/usr/sbin/web -u ${U} -x"), []trace.Observation{drops(), groups}, []string{"ExecStart=/usr/sbin/web -x"}, nil},
		{"by a variable of a file", lines("EnvironmentFile=/etc/default/web", "ExecStart=/usr/sbin/web -u $RUN_USER -g ${RUN_GROUP} -x"), []trace.Observation{drops(), groups}, []string{"ExecStart=/usr/sbin/web -x"}, []string{"step:"}},
		{"by another variable of a file", lines("EnvironmentFile=/etc/default/web", "ExecStart=/usr/sbin/web -u $RUN_UDP -x"), []trace.Observation{drops(), groups}, []string{"step: if web gives up"}, []string{"ExecStart="}},
		{"by a variable that nothing sets", lines("ExecStart=/usr/sbin/web -u $RUN_USER -x"), []trace.Observation{drops(), groups}, []string{"step: if web gives up"}, []string{"ExecStart="}},
		{"told to become another", lines("ExecStart=/usr/sbin/web --user x"),
			[]trace.Observation{drops(), groups, owned(trace.OpRead, "/etc/web.conf", roots644, roots755), owned(trace.OpRead, "/etc/passwd", roots644, roots755)}, []string{"step: if web gives up now, have it not become www-data (look in /etc/web.conf)"}, []string{"ExecStart="}},
		{"it looks who it is", lines("ExecStart=/usr/sbin/web --user www-data"), []trace.Observation{drops(), groups, call(0, "geteuid")}, []string{"User="}, []string{"ExecStart=", "step: if"}},
		{"it looks, and gives up", lines("ExecStart=/usr/bin/tor"),
			[]trace.Observation{drops(), as("/usr/bin/tor", groups), as("/usr/bin/tor", call(0, "getuid")), as("/usr/bin/tor", owned(trace.OpRead, "/usr/share/www-data/rc", roots644, roots755))},
			[]string{"step: if tor gives up now, have it not become www-data (look in /usr/share/www-data)"}, nil},
		{
			"it becomes the user, and looks before", lines("ExecStart=/usr/sbin/web"),
			[]trace.Observation{drops(), as("/usr/bin/setpriv", groups), as("/usr/bin/setpriv", call(0, "getresuid"))},
			[]string{"step: if setpriv gives up now, have it not become www-data"}, nil,
		},
		{"its helper, as the user", lines("ExecStart=/usr/sbin/web"), []trace.Observation{drops(), helper}, []string{"step: if web in ExecStartPre= gives up now, have it not become www-data"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := daemon(test.o...)
			tr.Header.Host.Systemd, tr.Header.Unit.Settings = "247", test.unit
			checkIdentity(t, tr, Options{Drop: true, Level: directive.Standard}, test.has, test.not)
		})
	}
}

// TestTold is about services that have a user, and get one that is made up.
func TestTold(t *testing.T) {
	passwd := by(daemonUID, owned(trace.OpRead, "/etc/passwd", roots644, roots755))
	conf := by(daemonUID, owned(trace.OpRead, "/etc/web/web.conf", roots644, roots755))
	who := call(daemonUID, "getuid")
	for name, test := range map[string]struct {
		user     string
		o        []trace.Observation
		has, not []string
	}{
		"it looks up users and itself": {"www-data", []trace.Observation{passwd, who, conf}, []string{"DynamicUser=yes", "step: if web is told to become www-data, have it not (look in /etc/web)"}, nil},
		"users only":                   {"www-data", []trace.Observation{passwd}, []string{"DynamicUser=yes"}, []string{"step:"}},
		"itself only":                  {"www-data", []trace.Observation{who}, []string{"DynamicUser=yes"}, []string{"step:"}},
		"each another program":         {"www-data", []trace.Observation{as("/bin/sh", passwd), who}, []string{"DynamicUser=yes"}, []string{"step:"}},
		"it had no user":               {"", []trace.Observation{owned(trace.OpRead, "/etc/passwd", roots644, roots755), call(0, "getuid")}, []string{"DynamicUser=yes"}, []string{"step:"}},
	} {
		t.Run(name, func(t *testing.T) {
			tr := daemon(test.o...)
			tr.Header.Unit.Settings = lines("User=" + test.user)
			checkIdentity(t, tr, Options{DynamicUser: true, Level: directive.Standard}, test.has, test.not)
		})
	}
}

// TestPretend is about filters that say that the groups were set: nothing is left to do.
func TestPretend(t *testing.T) {
	const says = "SystemCallFilter=~setgroups:0 setgroups32:0"
	groups, gives := call(0, "setgroups"), []string{"step: if web gives up"}
	for name, test := range map[string]struct {
		level    directive.Level
		o        []trace.Observation
		has, not []string
	}{
		"an allow-list":                           {directive.Standard, []trace.Observation{drops(), groups}, []string{says, "note: says that the service set its groups"}, []string{"step:", "ExecStart="}},
		"a deny-list":                             {directive.Safe, []trace.Observation{drops(), groups}, []string{says}, []string{"step:", "ExecStart="}},
		"exactly":                                 {directive.Strict, []trace.Observation{drops(), groups}, []string{says}, []string{"step:", "ExecStart="}},
		"it sets none":                            {directive.Standard, []trace.Observation{drops()}, []string{"User="}, []string{says}},
		"it looks who it is":                      {directive.Standard, []trace.Observation{drops(), groups, call(0, "geteuid")}, []string{"User="}, []string{says}},
		"its interpreter looks":                   {directive.Standard, []trace.Observation{drops(), groups, call(0, "geteuid"), executes("/usr/sbin/web", "/usr/bin/script", "/usr/bin/perl")}, []string{says}, nil},
		"it asks for capabilities, as the user":   {directive.Standard, []trace.Observation{drops(), groups, asking(by(daemonUID, capable("CAP_NET_RAW")))}, []string{says, "AmbientCapabilities=CAP_NET_RAW"}, nil},
		"it asks for capabilities, as root":       {directive.Standard, []trace.Observation{drops(), groups, asking(capable("CAP_NET_RAW"))}, []string{says}, []string{"AmbientCapabilities="}},
		"it asks for capabilities, and who it is": {directive.Standard, []trace.Observation{drops(), groups, call(0, "geteuid"), asking(by(daemonUID, capable("CAP_NET_RAW")))}, []string{"User="}, []string{"AmbientCapabilities="}},
		"no filter is possible":                   {directive.Standard, []trace.Observation{drops(), groups, by(daemonUID, capable("CAP_NET_RAW")), carrying("/usr/sbin/web")}, gives, []string{"SystemCallFilter="}},
	} {
		t.Run(name, func(t *testing.T) {
			tr := daemon(test.o...)
			tr.Header.Unit.Settings = lines("ExecStart=/usr/sbin/web --user x")
			checkIdentity(t, tr, Options{Drop: true, Level: test.level}, test.has, test.not)
		})
	}
}
