// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       File
	}{
		{"assignments", "[Unit]\nA=b\n[Service]\n C = d e \nF=\n", File{Settings: []Setting{
			{"Unit", "A", "b", 2}, {"Service", "C", "d e", 4}, {"Service", "F", "", 5}}}},
		{"comments", "# x\n[S]\n; y\n  # z\nA=b # kept\n", File{Settings: []Setting{{"S", "A", "b # kept", 5}}}},
		{"continued", "[S]\nA=b \\\n  c\\\nd\nE=f\n", File{Settings: []Setting{{"S", "A", "b    c d", 4}, {"S", "E", "f", 5}}}},
		{"a comment within", "[S]\nA=b \\\n# x\\\nc\n", File{Settings: []Setting{{"S", "A", "b  c", 4}}}},
		{"an empty line ends it", "[S]\nA=b\\\n\nC=d\n", File{Settings: []Setting{{"S", "A", "b", 3}, {"S", "C", "d", 4}}}},
		{"two backslashes do not continue", "[S]\nA=b\\\\\nC=d\n", File{Settings: []Setting{{"S", "A", `b\\`, 2}, {"S", "C", "d", 3}}}},
		{"continued to the end", "[S]\nA=b\\", File{Settings: []Setting{{"S", "A", "b", 2}}}},
		{"a value with an equals sign", "[S]\nA=b=c\n", File{Settings: []Setting{{"S", "A", "b=c", 2}}}},
		{"a byte order mark", "\ufeff[S]\nA=b\n", File{Settings: []Setting{{"S", "A", "b", 2}}}},
		{"CRLF", "[S]\r\nA=b\\\r\nc\r\n", File{Settings: []Setting{{"S", "A", "b c", 3}}}},
		{"a carriage return ends a line", "[S]\nA=b\rC=d\n", File{Settings: []Setting{{"S", "A", "b", 2}, {"S", "C", "d", 3}}}},
		{"NUL ends a line", "[S]\nA=b\x00C=d\n", File{Settings: []Setting{{"S", "A", "b", 2}, {"S", "C", "d", 3}}}},
		{"no newline at the end", "[S]\nA=b", File{Settings: []Setting{{"S", "A", "b", 2}}}},
		{"nothing", "", File{}},
		{"ignored lines", "A=b\n[S]\nbanana\n=c\nD=\xff\n", File{Problems: []Problem{
			{1, "the assignment is outside of any section"}, {3, "the line assigns nothing to a name"},
			{4, "the line assigns nothing to a name"}, {5, "the line is not UTF-8"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(strings.NewReader(tt.text), Version{Major: 252})
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("Parse: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"[S]\n[Unit\nA=b\n":                      `line 2: the section header "[Unit" is not valid`,
		"[a\"b]\n":                               "line 1: the section header",
		"[S]\nA=" + strings.Repeat("b", 1<<20):   "line 2: the line is too long",
		"[S]\n" + strings.Repeat("A=b\\\n", 1e6): "the line is too long",
	} {
		if f, err := Parse(strings.NewReader(text), Version{Major: 252}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%.20q) = %.100v, %v; want %q", text, f, err, want)
		}
	}
}

// TestOldVersionsCutLongLines holds what happens to a line of more than 2,047 bytes.
func TestOldVersionsCutLongLines(t *testing.T) {
	text := "[S]\nA=" + strings.Repeat("b", 2045) + "C=d\n"
	for _, tt := range []struct {
		major, settings int
	}{{234, 2}, {235, 1}} {
		f, err := Parse(strings.NewReader(text), Version{Major: tt.major})
		if err != nil || len(f.Settings) != tt.settings {
			t.Errorf("v%d reads %d settings, %v; want %d", tt.major, len(f.Settings), err, tt.settings)
		}
	}
}

func TestCombineAndLists(t *testing.T) {
	parse := func(s string) File {
		f, err := Parse(strings.NewReader(s), Version{})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	all := Combine("Service",
		parse("[Unit]\nX=y\n[Service]\nReadWriteDirectories=/a\nProtectHome=yes\nBindPaths=/b\n"),
		parse("[Service]\nReadWritePaths=/c\nProtectHome=tmpfs\nBindReadOnlyPaths=\n"),
		parse("[Service]\nReadWritePaths=\nReadWritePaths=/d\n"))
	if diff := cmp.Diff([]trace.Setting{{Name: "ReadWriteDirectories", Value: "/a"}, {Name: "ProtectHome", Value: "yes"}}, all[:2]); diff != "" {
		t.Errorf("Combine (-want +got):\n%s", diff)
	}
	if got := Values(all, "ProtectHome"); !slices.Equal(got, []string{"yes", "tmpfs"}) {
		t.Errorf("ProtectHome is %q", got)
	}
	if got := Values(all, "X"); got != nil {
		t.Errorf("X of another section is %q", got)
	}
	if diff := cmp.Diff([]string{"/d"}, Values(all, "ReadWritePaths")); diff != "" {
		t.Errorf("ReadWritePaths (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/a", "/c"}, Values(all[:5], "ReadWritePaths")); diff != "" {
		t.Errorf("ReadWritePaths before the reset (-want +got):\n%s", diff)
	}
	if got := Values(all, "BindPaths"); got != nil {
		t.Errorf("BindPaths were not reset: %v", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"[Service]\nExecStart=/bin/a \\\n b\n# c\n", "[S]\r\nA=b\\\r\n\x00", "\ufeff[S]\nA", "[", "[]\n=\n", `\`, "[S]\nA=" + strings.Repeat("b", 3000),
	} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(23))
	}
	f.Fuzz(func(t *testing.T, s string, version uint8) {
		v := Version{Major: Oldest + int(version)%(Newest-Oldest+1)}
		file, err := Parse(strings.NewReader(s), v)
		if err != nil && (len(file.Settings) > 0 || !strings.HasPrefix(err.Error(), "line ")) {
			t.Errorf("%v along with %+v", err, file)
		}
		for _, set := range file.Settings {
			if strings.ContainsAny(set.Name+set.Value, "\n\r\x00") {
				t.Errorf("a line break is in %+v", set)
			}
			_, _ = ParseExec(set.Value, v) // it must not panic
		}
	})
}
