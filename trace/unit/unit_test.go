// SPDX-License-Identifier: Apache-2.0

package unit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

func TestFullName(t *testing.T) {
	for name, want := range map[string]string{
		"lighttpd": "lighttpd.service", "lighttpd.service": "lighttpd.service", "a.b": "a.b.service", "x@1": "x@1.service", "x.socket": "x.socket",
	} {
		if got := FullName(name); got != want {
			t.Errorf("FullName(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestSlicePath(t *testing.T) {
	for slice, want := range map[string]string{
		"system.slice": "/system.slice", "system-getty.slice": "/system.slice/system-getty.slice", "a-b-c.slice": "/a.slice/a-b.slice/a-b-c.slice", "-.slice": "", "": "",
	} {
		if got := SlicePath(slice); got != want {
			t.Errorf("SlicePath(%s) = %s, want %s", slice, got, want)
		}
	}
}

func TestLoadError(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    properties
		want error
		says string
	}{
		{"a.service", properties{"LoadState": "loaded"}, nil, ""},
		{"a.service", properties{"LoadState": "not-found"}, ErrNotFound, "list-unit-files"},
		{"a.service", properties{"LoadState": "masked"}, ErrMasked, "unmask"},
	} {
		if err := loadError(tt.name, tt.p); !errors.Is(err, tt.want) || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s, %v: %v, want %v that says %q", tt.name, tt.p, err, tt.want, tt.says)
		}
	}
	err := loadError("a.service", properties{"LoadState": "bad-setting", "LoadError": []any{"org.x", "no ExecStart="}})
	if err == nil || !strings.Contains(err.Error(), "no ExecStart=") {
		t.Errorf("a unit that is wrong: %v", err)
	}
}

func TestCommands(t *testing.T) {
	p := properties{
		"ExecStart":      [][]any{{"/bin/old", []string{"/bin/old"}, false}},
		"ExecStartEx":    [][]any{{"/bin/d", []string{"/bin/d", "-f"}, []string{"ignore-failure", "privileged"}}},
		"ExecStartPre":   [][]any{{"/bin/pre", []string{"argv0", "x"}, true}, {"/bin/two", []string{"/bin/two"}, false}},
		"ExecReloadEx":   [][]any{{"/bin/r", []string{"/bin/r"}, []string{"no-setuid", "no-env-expand"}}},
		"ExecStop":       [][]any{{""}, {"", []string{}, false}}, // what cannot be
		"ExecStopPostEx": "nonsense",
	}
	want := []trace.Command{
		{Line: "ExecStartPre", Argv: []string{"/bin/pre", "x"}, Prefix: "@-"},
		{Line: "ExecStartPre", Argv: []string{"/bin/two"}},
		{Line: "ExecStart", Argv: []string{"/bin/d", "-f"}, Prefix: "-+"},
		{Line: "ExecReload", Argv: []string{"/bin/r"}, Prefix: ":!"},
	}
	if diff := cmp.Diff(want, commandsOf(p)); diff != "" {
		t.Error(diff)
	}
}

func TestSettingsOfFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	p := properties{
		"Id":           "a.service",
		"FragmentPath": write("a.service", "[Unit]\nDescription=x\n[Service]\nUser=u\nExecStart=/bin/a \\\n  b\n"),
		"DropInPaths":  []string{write("1.conf", "[Service]\n# no\nUser=v\n"), filepath.Join(dir, "gone.conf")},
		"Slice":        "system-a.slice",
		"TriggeredBy":  []string{"a.timer", "a.socket"},
	}
	u, err := newUnit(p, "252.39-1~deb12u2")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range u.Settings {
		got = append(got, s.Name+"="+strings.Join(strings.Fields(s.Value), " "))
	}
	if want := []string{"User=u", "ExecStart=/bin/a b", "User=v"}; !cmp.Equal(got, want) {
		t.Errorf("the settings are %q, want %q", got, want)
	}
	if u.Cgroup != "/system.slice/system-a.slice/a.service" {
		t.Errorf("a unit that does not run will be in %s", u.Cgroup)
	}
	if want := []string{"a.socket"}; !cmp.Equal(u.Sockets, want) {
		t.Errorf("its sockets are %q, want %q", u.Sockets, want)
	}
	if u.Early {
		t.Error("a unit of which systemd does not tell is early")
	}
}

// TestEarly: systemd-analyze does not count some rows for units of early boot.
func TestEarly(t *testing.T) {
	for _, depends := range []bool{true, false} {
		u, err := newUnit(properties{"Id": "a.service", "DefaultDependencies": depends}, "257")
		if err != nil {
			t.Fatal(err)
		}
		if u.Early == depends {
			t.Errorf("DefaultDependencies=%v: early is %v", depends, u.Early)
		}
	}
}

// TestPrefixesOfFiles has what systemd 241 tells of commands, which lacks prefixes.
func TestPrefixesOfFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.service")
	text := "[Service]\nExecStart=/bin/dropped\nExecStart=\nExecStart=-+/bin/a \"x y\" ; +%h/b ; relative\n" +
		"ExecStartPre=/bin/unread\nExecStartPre=+/bin/pre\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := properties{"Id": "a.service", "FragmentPath": file,
		"ExecStart": [][]any{{"/bin/a", []string{"/bin/a", "x y"}, true}, {"/root/b", []string{"/root/b"}, false},
			{"/usr/bin/relative", []string{"relative"}, false}},
		"ExecStartPre":  [][]any{{"/bin/pre", []string{"/bin/pre"}, false}},
		"ExecStartPost": [][]any{{"/bin/elsewhere", []string{"/bin/elsewhere"}, true}}}
	fromFile := []string{"+/bin/pre", "-+/bin/a", "+/root/b", "/usr/bin/relative", "-/bin/elsewhere"}
	for _, tt := range []struct {
		stale, complete bool
		want            []string
	}{
		{false, false, fromFile},
		{true, false, fromFile},
		{false, true, fromFile},
		{true, true, []string{"/bin/pre", "-/bin/a", "/root/b", "@/usr/bin/relative", "-/bin/elsewhere"}},
	} {
		p["NeedDaemonReload"] = tt.stale
		if tt.complete {
			p["ExecStartEx"] = p["ExecStart"]
		}
		u, err := newUnit(p, "241")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range u.Commands {
			got = append(got, c.Prefix+c.Argv[0])
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%+v: %s", tt, diff)
		}
	}
}

func TestCheckCgroup(t *testing.T) {
	mount := t.TempDir()
	u := &Unit{Unit: trace.Unit{Name: "a.service"}, Cgroup: "/system.slice/a.service"}
	if err := u.CheckCgroup(mount); !errors.Is(err, ErrCgroupV1) {
		t.Errorf("without the slice: %v", err)
	}
	if err := os.Mkdir(filepath.Join(mount, "system.slice"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := u.CheckCgroup(mount); err != nil {
		t.Errorf("with the slice: %v", err)
	}
}

func TestStopped(t *testing.T) {
	for _, tt := range []struct {
		state State
		want  bool
	}{
		{State{Active: "active"}, false}, {State{Active: "inactive"}, true}, {State{Active: "failed"}, true},
		{State{Active: "inactive", Job: true}, false}, {State{Active: "deactivating"}, false},
	} {
		if got := tt.state.Stopped(); got != tt.want {
			t.Errorf("%+v is stopped: %v", tt.state, got)
		}
	}
}

func TestNoBus(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	if _, err := os.Stat("/run/systemd/private"); err == nil {
		t.Skip("NOT TESTED: systemd runs here")
	}
	if _, err := Connect(t.Context()); !errors.Is(err, ErrNoBus) {
		t.Errorf("without a bus: %v", err)
	}
}
