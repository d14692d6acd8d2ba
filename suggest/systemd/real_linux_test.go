// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

// readBack says where a real systemd shows what it read of a directive.
var readBack = []struct {
	class     Class
	directive string
	suffix    string             // written after the quoted text
	text      func(e any) string // of one element of the property
}{
	{ClassPathList, "ReadWritePaths", "", func(e any) string { return e.(string) }},
	{ClassBind, "BindPaths", ":/mnt", firstField},
	{ClassTmpfs, "TemporaryFileSystem", ":ro", firstField},
	{ClassExecDir, "StateDirectory", "", func(e any) string { return e.(string) }},
	{ClassDevice, "DeviceAllow", " rw", firstField},
	{ClassEnvironment, "Environment", "", func(e any) string { return e.(string) }},
	{ClassExec, "ExecStartPre", "", func(e any) string {
		argv := e.([]any)[1].([]any)
		return strings.ReplaceAll(argv[1].(string), "$$", "$") // variables are expanded at the start
	}},
}

func firstField(e any) string { return e.([]any)[0].(string) }

// TestARealSystemdReadsWhatIsWritten has real ones read hostile names as Quote and Write
// write them.
func TestARealSystemdReadsWhatIsWritten(t *testing.T) {
	for suite, version := range map[string]string{"bookworm": "252", "trixie": "257"} {
		t.Run(suite, func(t *testing.T) {
			m := testbed.New(t, testbed.Options{Suite: suite})
			v := forVersion(t, version).Systemd
			lines := []Line{{Name: "ExecStart", Words: []string{"/bin/true"}}}
			want := make(map[string][]string)
			for _, r := range readBack {
				for _, text := range textsFor(r.class, v) {
					lines = append(lines, writtenLine(t, r.class, r.directive, r.suffix, text, v))
					want[r.directive] = append(want[r.directive], text)
				}
			}
			var b strings.Builder
			if err := Write(&b, v, []Section{{Name: "Service", Lines: lines}}); err != nil {
				t.Fatal(err)
			}
			if err := m.WriteFile(t.Context(), "/etc/systemd/system/hostile.service", []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			m.Check(t, "systemctl", "daemon-reload")
			for _, r := range readBack {
				var got []string
				for _, e := range property(t, m, r.directive) {
					got = append(got, r.text(e))
				}
				slices.Sort(got) // systemd sorts some, and keeps others newest first
				slices.Sort(want[r.directive])
				if diff := cmp.Diff(want[r.directive], got); diff != "" || len(got) < 5 {
					t.Errorf("%s (-written +read):\n%s", r.directive, diff)
				}
			}
		})
	}
}

// textsFor returns what of the hostile names may be written for a class.
func textsFor(class Class, v Version) []string {
	var texts []string
	for i, name := range hostileNames {
		switch class {
		case ClassExecDir:
			name = fmt.Sprintf("d%d%s", i, name[1:])
		case ClassEnvironment:
			name = fmt.Sprintf("V%d=%s", i, name)
		case ClassDevice:
			name = "/dev" + name
		}
		if _, err := Quote(class, v, name); err == nil {
			texts = append(texts, name)
		}
	}
	return texts
}

func writtenLine(t *testing.T, class Class, directive, suffix, text string, v Version) Line {
	t.Helper()
	quoted, err := Quote(class, v, text)
	if err != nil {
		t.Fatal(err)
	}
	if class == ClassExec {
		quoted = "/bin/true " + quoted
	}
	return Line{Comment: text, Name: directive, Words: []string{quoted + suffix}}
}

// property returns the elements of a property of the unit, as JSON decodes them.
func property(t *testing.T, m *testbed.Machine, name string) []any {
	t.Helper()
	out := m.Check(t, "busctl", "--json=short", "get-property", "org.freedesktop.systemd1",
		"/org/freedesktop/systemd1/unit/hostile_2eservice", "org.freedesktop.systemd1.Service", name)
	var p struct{ Data []any }
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatal(err)
	}
	return p.Data
}

// TestExposureOfLoadedUnitsAgreesWithARealSystemd compares the levels of loaded units,
// whose derived settings differ from those of files.
func TestExposureOfLoadedUnitsAgreesWithARealSystemd(t *testing.T) {
	for suite, version := range map[string]string{"bookworm": "252.38", "trixie": "257.13"} {
		t.Run(suite, func(t *testing.T) {
			m := testbed.New(t, testbed.Options{Suite: suite})
			units := readMeasured(t, "testdata/exposure-"+version+".txt")
			for i, u := range units {
				text := "[Service]\nExecStart=/bin/true\n"
				for _, s := range u.settings {
					text += s.Name + "=" + s.Value + "\n"
				}
				path := fmt.Sprintf("/etc/systemd/system/measured%d.service", i)
				if err := m.WriteFile(t.Context(), path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			m.Check(t, "systemctl", "daemon-reload")
			for i, u := range units {
				e := ExposureOf(u.settings, forVersion(t, version), ExposureOptions{})
				want := fmt.Sprintf("measured%d.service: %s %s", i, e, e.Level())
				out := m.Check(t, "systemd-analyze", "security", "--no-pager", fmt.Sprintf("measured%d.service", i))
				if !strings.Contains(out, want) {
					t.Errorf("%v:\nwant %q in %q", u.settings, want, out[strings.LastIndexByte(strings.TrimSpace(out), '\n')+1:])
				}
			}
		})
	}
}
