// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestUnexercised(t *testing.T) {
	start := trace.Command{Line: "ExecStart", Argv: []string{"/usr/sbin/web"}, Runs: 1}
	reload := trace.Command{Line: "ExecReload", Argv: []string{"/bin/kill", "$MAINPID"}}
	made := func(runs int, c trace.Command) trace.Command { c.Runs = runs; return c }
	helper := call(daemonUID, "rt_sigreturn")
	helper.Actor.Exe = "/bin/sh"
	old := call(daemonUID, "exit_group")
	old.Actor.Line = ""
	const stop, signal, first = "a stop of the service", "a signal that it handles", "a first start, with nothing in /var/lib/web yet"
	for _, c := range []struct {
		name     string
		commands []trace.Command
		o        []trace.Observation
		has, not []string
	}{
		{"nothing but a start", []trace.Command{start, reload}, []trace.Observation{call(0, "rt_sigaction")},
			[]string{"ExecReload=/bin/kill $MAINPID never ran", stop, signal}, []string{"a first start"}},
		{"a reload", []trace.Command{start, made(1, reload)}, nil, nil, []string{"ExecReload"}},
		{"outside of the sandbox", []trace.Command{start, {Line: "ExecReload", Argv: []string{"/bin/x"}, Prefix: "-+"}}, nil, nil, []string{"ExecReload"}},
		{"a stop", []trace.Command{start}, []trace.Observation{call(0, "exit_group")}, nil, []string{stop}},
		{"a stop of what ran before", []trace.Command{start}, []trace.Observation{old}, nil, []string{stop}},
		{"a stop by command", []trace.Command{start, {Line: "ExecStop", Argv: []string{"/bin/x"}, Runs: 1}}, nil, nil, []string{stop}},
		{"a signal", []trace.Command{start}, []trace.Observation{call(0, "rt_sigaction"), call(0, "rt_sigreturn")}, nil, []string{signal}},
		{"signals from a descriptor", []trace.Command{start}, []trace.Observation{call(0, "rt_sigaction"), call(0, "signalfd4")}, nil, []string{signal}},
		{"a signal to a helper", []trace.Command{start}, []trace.Observation{call(0, "rt_sigaction"), helper}, []string{signal}, nil},
		{"no signals at all", []trace.Command{start}, []trace.Observation{call(0, "read")}, nil, []string{signal}},
		{"files of an earlier start", []trace.Command{start}, []trace.Observation{
			owned(trace.OpRead, "/var/lib/web/a", "", ""), owned(trace.OpCreate, "/var/lib/web/b", "", "")}, []string{first}, nil},
		{"a first start", []trace.Command{start}, []trace.Observation{
			owned(trace.OpCreate, "/var/lib/web/a", "", ""), owned(trace.OpRead, "/var/lib/web/a", "", "")}, nil, []string{"a first start"}},
		{"files that it only reads", []trace.Command{start}, []trace.Observation{owned(trace.OpRead, "/var/lib/web/a", "", "")}, nil, []string{"a first start"}},
		{"what is gone after a boot", []trace.Command{start}, []trace.Observation{
			owned(trace.OpWrite, "/run/web/a", "", "")}, nil, []string{"a first start"}},
		{"a command without a unit", nil, []trace.Observation{call(0, "rt_sigaction")}, nil, []string{"a "}},
	} {
		tr := daemon(c.o...)
		tr.Header.Unit.Commands = c.commands
		got := strings.Join(unexercised(tr), "; ")
		for _, want := range c.has {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q, want %q", c.name, got, want)
			}
		}
		for _, not := range c.not {
			if strings.Contains(got, not) {
				t.Errorf("%s: %q, want no %q", c.name, got, not)
			}
		}
	}
}
