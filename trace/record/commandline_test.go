// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func words(s ...string) []byte { return []byte(strings.Join(s, "\x00") + "\x00") }

func TestFindCommands(t *testing.T) {
	commands := []trace.Command{
		{Line: "ExecStartPre", Argv: []string{"/bin/d", "-t"}},
		{Line: "ExecStart", Argv: []string{"/bin/d", "-f", "${CONF}", "$OPTS"}},
		{Line: "ExecReload", Argv: []string{"/bin/kill", "-HUP", "$MAINPID"}},
		{Line: "ExecReload", Argv: []string{"/bin/d", "-t"}},
		{Line: "ExecStop", Argv: []string{"/bin/stop", "price=$$5", "x${A}y"}, Prefix: "@"},
	}
	long := strings.Repeat("x", maxArgv-len("/bin/d")-len("-f")-2)
	for _, tt := range []struct {
		argv []byte
		exe  trace.Path
		want []int
	}{
		{words("/bin/d", "-t"), "/bin/d", []int{0, 3}},
		{words("/bin/d", "-f", "/etc/d.conf"), "/bin/d", []int{1}},
		{words("/bin/d", "-f", "/etc/d.conf", "-v", "-x"), "/bin/d", []int{1}},
		{words("/bin/kill", "-HUP", "17"), "/usr/bin/kill", []int{2}},
		{words("stopper", "price=$5", "xAy"), "/bin/stop", []int{4}},
		{words("/bin/d", "-f", long)[:maxArgv], "/bin/d", []int{1}},
		{words("/bin/kill", "-TERM", "17"), "/usr/bin/kill", []int{2}}, // the program at least
		{words("/bin/other"), "/bin/other", nil},
		{nil, "/bin/other", nil},
	} {
		var want []*trace.Command
		for _, n := range tt.want {
			want = append(want, &commands[n])
		}
		got := findCommands(commands, tt.argv, tt.exe)
		if len(got) != len(want) {
			t.Errorf("%.60q: %d commands, want %d", tt.argv, len(got), len(want))
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%.60q: %+v, want %+v", tt.argv, got[i], want[i])
			}
		}
	}
}

func TestFindScripts(t *testing.T) {
	commands := []trace.Command{
		{Line: "ExecStart", Argv: []string{"/usr/bin/script", "exec", "$OPTIONS"}},
		{Line: "ExecReload", Argv: []string{"/usr/bin/script", "reload"}},
		{Line: "ExecStop", Argv: []string{"/usr/bin/other", "now"}, Prefix: "@"},
	}
	for _, test := range []struct{ started, exe, want string }{
		{"/usr/bin/script exec -v", "/usr/bin/script", "ExecStart"},
		{"/bin/sh /usr/bin/script exec", "/usr/bin/dash", "ExecStart"},
		{"/bin/sh -e /usr/bin/script reload", "/usr/bin/dash", "ExecReload"},
		{"/bin/sh -e -u /usr/bin/script reload", "/usr/bin/dash", ""},
		{"/bin/sh /usr/bin/script stop", "/usr/bin/dash", ""},
		{"/bin/sh", "/usr/bin/dash", ""},
		{"named now", "/usr/bin/other", "ExecStop"},
	} {
		argv := strings.ReplaceAll(test.started, " ", "\x00") + "\x00"
		got := ""
		for _, c := range findCommands(commands, []byte(argv), trace.Path(test.exe)) {
			got += c.Line
		}
		if got != test.want {
			t.Errorf("%s is %q, want %q", test.started, got, test.want)
		}
	}
}

func TestChooseCommand(t *testing.T) {
	pre, reload := &trace.Command{Line: "ExecStartPre"}, &trace.Command{Line: "ExecReload"}
	for _, tt := range []struct {
		fit  []*trace.Command
		runs bool
		want *trace.Command
	}{
		{[]*trace.Command{pre, reload}, false, pre},
		{[]*trace.Command{pre, reload}, true, reload},
		{[]*trace.Command{reload}, false, reload},
		{[]*trace.Command{pre}, true, pre},
		{nil, true, nil},
	} {
		if got := chooseCommand(tt.fit, tt.runs); got != tt.want {
			t.Errorf("of %d, while the main process runs: %v: %+v, want %+v", len(tt.fit), tt.runs, got, tt.want)
		}
	}
}

func FuzzFindCommands(f *testing.F) {
	f.Add("/bin/d\x00-f\x00x\x00", "/bin/d", "$A ${B} $$ c")
	f.Fuzz(func(_ *testing.T, argv, exe, command string) {
		if len(argv) > maxArgv || len(command) > 40 {
			return
		}
		c := trace.Command{Line: mainLine, Argv: append([]string{exe}, strings.Fields(command)...)}
		findCommands([]trace.Command{c}, []byte(argv), trace.Path(exe))
	})
}
