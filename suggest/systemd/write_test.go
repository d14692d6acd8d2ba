// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWrite(t *testing.T) {
	target := forVersion(t, "252")
	calls := target.Expand("@network-io")
	for _, tt := range []struct {
		name     string
		version  string
		sections []Section
		want     string
	}{
		{"a drop-in", "252", []Section{
			{Lines: []Line{{Comment: "Made for a test."}}},
			{Name: "Service", Lines: []Line{
				{Comment: "read /etc/passwd", Name: "ProtectHome", Words: []string{"yes"}},
				{},
				{Name: "SystemCallFilter"},
				{Comment: "bind\nExecStart=/bin/evil \x1b[31m", Name: "SystemCallFilter", Words: calls},
				{Name: "SystemCallFilter", Prefix: "~", Words: []string{"@mount", "@swap"}},
			}},
		}, `# Made for a test.

[Service]
# read /etc/passwd
ProtectHome=yes

SystemCallFilter=
# bind\nExecStart=/bin/evil \x1b[31m
SystemCallFilter=accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom
SystemCallFilter=recvmmsg recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown
SystemCallFilter=socket socketcall socketpair
SystemCallFilter=~@mount @swap
`},
		{"an inverted list keeps its mark", "252", []Section{{Name: "Service", Lines: []Line{
			{Name: "CapabilityBoundingSet", Prefix: "~", Words: strings.Fields(strings.Repeat("CAP_DAC_READ_SEARCH ", 6))},
		}}}, `[Service]
CapabilityBoundingSet=~CAP_DAC_READ_SEARCH CAP_DAC_READ_SEARCH CAP_DAC_READ_SEARCH
CapabilityBoundingSet=~CAP_DAC_READ_SEARCH CAP_DAC_READ_SEARCH CAP_DAC_READ_SEARCH
`},
		{"a list that does not add up stays whole", "238", []Section{{Name: "Service", Lines: []Line{
			{Name: "RestrictNamespaces", Words: strings.Fields(strings.Repeat("cgroup ipc net mnt pid user uts ", 4))},
		}}}, `[Service]
RestrictNamespaces=` + strings.TrimSpace(strings.Repeat("cgroup ipc net mnt pid user uts ", 4)) + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			if err := Write(&b, forVersion(t, tt.version).Systemd, tt.sections); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, b.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWriteRefuses(t *testing.T) {
	long := strings.Repeat("a", 2040)
	for _, tt := range []struct {
		version string
		section string
		line    Line
		reason  string
	}{
		{"252", "Service", Line{Name: "A", Words: []string{"b\nC=d"}}, "line break"},
		{"252", "Service", Line{Name: "A", Words: []string{"b\rC=d"}}, "line break"},
		{"252", "Service", Line{Name: "A", Words: []string{"\xff"}}, "UTF-8"},
		{"252", "Service", Line{Name: "A", Words: []string{`b\`}}, "backslash"},
		{"252", "Service", Line{Name: "A", Prefix: "\n", Words: []string{"b"}}, "line break"},
		{"252", "Service", Line{Name: "A=b\nC", Words: []string{"d"}}, "no name of a directive"},
		{"252", "Service]\nA=b\n[X", Line{}, "no name of a section"},
		{"252", "", Line{Name: "A", Words: []string{"b"}}, "no section"},
		{"234", "Service", Line{Name: "Description", Words: []string{long}}, "no line longer than 2046 bytes"},
	} {
		err := Write(new(strings.Builder), forVersion(t, tt.version).Systemd, []Section{{tt.section, []Line{tt.line}}})
		var unwritable *UnwritableError
		if !errors.As(err, &unwritable) || !strings.Contains(unwritable.Reason, tt.reason) {
			t.Errorf("Write(%+v) = %v; want a reason with %q", tt.line, err, tt.reason)
		}
		if tt.section != "" && tt.line.Name == "A" && !strings.Contains(err.Error(), "A=") {
			t.Errorf("Write(%+v) = %v; it does not name the directive", tt.line, err)
		}
	}
	if err := Write(new(strings.Builder), Version{Major: 235}, []Section{{"Service", []Line{{Name: "Description", Words: []string{long}}}}}); err != nil {
		t.Errorf("v235 reads long lines: %v", err)
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain ü 日": "plain ü 日", "a\nb\tc": `a\nb\tc`, "\x1b]0;x\a": `\x1b]0;x\a`, "\u202e": `\u202e`, "\u009b": `\u009b`,
		"\xff'\"": `\xff'"`, "\u200b": `\u200b`, "\ufeff": `\ufeff`,
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

// checkNothingAdded holds that a written file has the assignments it was given, and
// no others.
func checkNothingAdded(t *testing.T, v Version, comment, path string) {
	line := Line{Comment: comment, Name: "ReadWritePaths"}
	if quoted, err := Quote(ClassPathList, v, path); err == nil {
		line.Words = []string{quoted}
	} else {
		line.Words = []string{path} // as a caller might that forgets to quote
	}
	var b strings.Builder
	if err := Write(&b, v, []Section{{"Service", []Line{line, {Name: "User", Words: []string{"nobody"}}}}}); err != nil {
		if !errors.As(err, new(*UnwritableError)) {
			t.Errorf("Write failed otherwise: %v", err)
		}
		return
	}
	file, err := Parse(strings.NewReader(b.String()), v)
	if err != nil || len(file.Problems) > 0 || len(file.Settings) != 2 {
		t.Fatalf("v%s: comment %q and path %q became %+v, %v:\n%s", v, comment, path, file, err, b.String())
	}
	for i, want := range []string{"ReadWritePaths", "User"} {
		if s := file.Settings[i]; s.Name != want || s.Section != "Service" {
			t.Errorf("v%s: comment %q and path %q became %+v", v, comment, path, s)
		}
	}
	if strings.ContainsFunc(b.String(), func(r rune) bool { return isControl(r) && r != '\n' && r != '\t' }) {
		t.Errorf("a control character is in %q", b.String())
	}
}

func TestHostileTextAddsNothing(t *testing.T) {
	for v := Oldest; v <= Newest; v++ {
		for _, name := range hostileNames {
			checkNothingAdded(t, Version{Major: v}, name, name)
			checkNothingAdded(t, Version{Major: v}, strings.Repeat(name, 300), strings.Repeat(name, 100))
		}
	}
}

func FuzzWrite(f *testing.F) {
	for i, name := range hostileNames {
		f.Add(uint8(i), name, name)
	}
	f.Fuzz(func(t *testing.T, version uint8, comment, path string) {
		checkNothingAdded(t, Version{Major: Oldest + int(version)%(Newest-Oldest+1)}, comment, path)
	})
}
