// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

func TestParseExec(t *testing.T) {
	for _, tt := range []struct {
		name, version, value string
		want                 []Exec
	}{
		{"plain", "252", "/usr/sbin/lighttpd -D -f /etc/lighttpd/lighttpd.conf", []Exec{
			{"", "/usr/sbin/lighttpd", []string{"/usr/sbin/lighttpd", "-D", "-f", "/etc/lighttpd/lighttpd.conf"}}}},
		{"quotes and escapes", "252", `/bin/a "b c" d\x20e '' f\qg 50%% $$h %i`, []Exec{
			{"", "/bin/a", []string{"/bin/a", "b c", "d e", "", `f\qg`, "50%", "$$h", "%i"}}}},
		{"several", "252", `/bin/a b ; -/bin/c d\;e \; ";" ; `, []Exec{
			{"", "/bin/a", []string{"/bin/a", "b"}}, {"-", "/bin/c", []string{"/bin/c", `d\;e`, ";", ";"}}}},
		{"argv[0]", "252", "@/bin/a b c", []Exec{{"@", "/bin/a", []string{"b", "c"}}}},
		{"all prefixes", "252", "-:@+/bin/a b", []Exec{{"-:@+", "/bin/a", []string{"b"}}}},
		{"one privilege only", "252", "+!/bin/a", []Exec{{"+", "!/bin/a", []string{"!/bin/a"}}}},
		{"ambient", "252", "!!-/bin/a", []Exec{{"!!-", "/bin/a", []string{"/bin/a"}}}},
		{"a prefix twice", "252", "--/bin/a", []Exec{{"-", "-/bin/a", []string{"-/bin/a"}}}},
		{"no plus yet", "230", "+/bin/a", []Exec{{"", "+/bin/a", []string{"+/bin/a"}}}},
		{"plus", "231", "+/bin/a", []Exec{{"+", "/bin/a", []string{"/bin/a"}}}},
		{"no colon yet", "241", ":/bin/a", []Exec{{"", ":/bin/a", []string{":/bin/a"}}}},
		{"shell", "258", "|-cat x", []Exec{{"|-", "cat", []string{"cat", "x"}}}},
		{"no shell yet", "257", "|cat", []Exec{{"", "|cat", []string{"|cat"}}}},
		{"reset", "252", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseExec(tt.value, forVersion(t, tt.version).Systemd)
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("ParseExec: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestParseExecRefuses(t *testing.T) {
	for value, want := range map[string]string{
		`/bin/a "b`:       "quote",
		"-":               "no program",
		`""`:              "no program",
		"@/bin/a":         "argv[0]",
		"/bin/a ; - ; /b": "no program",
	} {
		if got, err := ParseExec(value, Version{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseExec(%s) = %+v, %v; want %q", value, got, err, want)
		}
	}
}

func TestExecTrace(t *testing.T) {
	commands, err := ParseExec("@+/bin/a b c", Version{})
	if err != nil {
		t.Fatal(err)
	}
	want := trace.Command{Line: "ExecReload", Argv: []string{"/bin/a", "c"}, Prefix: "@+"}
	if diff := cmp.Diff(want, commands[0].Trace("ExecReload")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !commands[0].Privileged() || (Exec{Prefix: "-!"}).Privileged() {
		t.Error("only + is outside of the sandbox")
	}
}
