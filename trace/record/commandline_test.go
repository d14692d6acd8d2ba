// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestFindCommands(t *testing.T) {
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
