// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"testing"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

func TestIdentityOfScript(t *testing.T) {
	const loader = "/usr/lib/ld-linux.so.2"
	script := executes("/usr/bin/perl", "/usr/share/wrapper", "/usr/bin/perl")
	started := drops()
	started.Actor.Exe = "/usr/sbin/start-stop-daemon"
	for name, test := range map[string]struct {
		o        []trace.Observation
		has, not []string
	}{
		"a script": {[]trace.Observation{drops(), started, script, executes("/usr/sbin/start-stop-daemon", "/usr/sbin/start-stop-daemon", loader), executes("/usr/sbin/web", "/usr/sbin/web", loader)},
			[]string{"step: if /usr/share/wrapper insists on being root, name what it executes (/usr/sbin/web, with its arguments) in ExecStart="}, nil},
		"a program":                      {[]trace.Observation{drops(), executes("/usr/sbin/web", "/usr/share/wrapper", loader)}, []string{"User="}, []string{"step:"}},
		"the service is a script itself": {[]trace.Observation{drops(), executes("/usr/sbin/web", "/usr/share/wrapper", "/usr/sbin/web")}, []string{"User="}, []string{"step:"}},
	} {
		t.Run(name, func(t *testing.T) {
			tr := daemon(test.o...)
			tr.Header.Unit.Commands = []trace.Command{{Line: "ExecStart", Argv: []string{"/usr/share/wrapper", "/etc/web.conf"}}}
			checkIdentity(t, tr, Options{Drop: true, Level: directive.Standard}, test.has, test.not)
		})
	}
}
