// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, write func(io.Writer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}

// hostile is a trace whose every name tries to get out of where it is written.
func hostile() *trace.Trace {
	actor := trace.Actor{Exe: "/usr/sbin/dae\nExecStartPre=/bin/evil\x1b[2J", Line: "ExecStart", Phase: trace.PhaseService}
	wrote := func(p trace.Path) trace.Observation {
		return trace.Observation{Kind: trace.KindFile, Actor: actor, Outcome: trace.OutcomeOK, Count: 1,
			File: &trace.File{Op: trace.OpCreate, Path: p, Type: trace.TypeRegular}}
	}
	return &trace.Trace{
		Header: trace.Header{
			Unit: trace.Unit{Name: "evil\n[Service].service", Commands: []trace.Command{{Line: "ExecReload", Argv: []string{"/bin/x\nUser=root"}}}},
			Host: trace.Host{Systemd: "252", Kernel: "6.1.0", Arch: "x86_64"}, Starts: 1,
		},
		Observations: []trace.Observation{wrote("/srv/a b/%n"), wrote("/srv/x\nUser=root\n/y"), wrote("/opt/\xff/z")},
	}
}

func suggestion(t *testing.T, tr *trace.Trace) *suggest.Profile {
	t.Helper()
	p, err := suggest.Suggest(tr, suggest.Options{Level: directive.Standard})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func small() *trace.Trace {
	actor := trace.Actor{Exe: "/usr/sbin/daemon", Line: "ExecStart", Phase: trace.PhaseService}
	ok := func(o trace.Observation) trace.Observation {
		o.Actor, o.Outcome, o.Count = actor, trace.OutcomeOK, 2
		return o
	}
	return &trace.Trace{
		Header: trace.Header{
			Unit: trace.Unit{Name: "daemon.service", Users: map[uint32]string{0: "root"}, Groups: map[uint32]string{0: "root"},
				Commands: []trace.Command{{Line: "ExecStart", Argv: []string{"/usr/sbin/daemon"}, Runs: 1}, {Line: "ExecReload", Argv: []string{"/bin/kill", "-HUP", "$MAINPID"}}}},
			Host: trace.Host{Systemd: "252.39-1~deb12u2", Kernel: "6.1.0", Arch: "x86_64"},
		},
		Observations: []trace.Observation{
			ok(trace.Observation{Kind: trace.KindSyscall, Syscall: &trace.Syscall{ABI: "x86_64", Name: "mmap", Args: []trace.Arg{{Name: "prot", Index: 2, Value: 7}}}}),
			ok(trace.Observation{Kind: trace.KindSyscall, Syscall: &trace.Syscall{ABI: "x86_64", Name: "socket", Args: []trace.Arg{{Name: "family", Index: 0, Value: 10}}}}),
			ok(trace.Observation{Kind: trace.KindCapability, Capability: &trace.Capability{Name: "CAP_NET_BIND_SERVICE", Syscall: "bind", Result: trace.OutcomeOK}}),
			ok(trace.Observation{Kind: trace.KindFile, File: &trace.File{Op: trace.OpCreate, Path: "/var/lib/daemon/state", Type: trace.TypeRegular,
				Parent: &trace.Owner{Mode: 0o750}}}),
			ok(trace.Observation{Kind: trace.KindFile, File: &trace.File{Op: trace.OpRead, Path: "/root/.daemonrc", Type: trace.TypeRegular}}),
		},
	}
}

func TestDropIn(t *testing.T) {
	golden(t, "small.conf", func(w io.Writer) error { return DropIn(w, suggestion(t, small()), DropInOptions{}) })
}

// What was left out of the setting that is there says so, and what does not go with
// another names that one.
func TestLeftOut(t *testing.T) {
	setting := trace.Setting{Name: "IPAddressDeny", Value: "any"}
	accepted := &trace.Observation{Kind: trace.KindAddress, Actor: trace.Actor{Exe: "/usr/sbin/daemon"},
		Address: &trace.Address{Op: trace.AddressAccept, IP: "127.0.0.1"}, Outcome: trace.OutcomeOK}
	violation := func(value string) directive.Violation {
		return directive.Violation{Source: directive.Source{Directive: setting.Name, Value: value}, Observation: accepted, Outcome: directive.Unreachable}
	}
	for _, c := range []struct {
		taken string
		by    string
		want  string
	}{
		{"any", "any", "# Left out IPAddressDeny=any by itself: daemon accepted a connection from 127.0.0.1 (would be unreachable)."},
		{"10.0.0.0/8", "any", "# Left out IPAddressDeny=any: daemon accepted a connection from 127.0.0.1 (would be unreachable)."},
		{"10.0.0.0/8", "beside PrivateUsers=", "# Left out IPAddressDeny=any: daemon accepted a connection from 127.0.0.1 (would be unreachable beside PrivateUsers=)."},
	} {
		p := &suggest.Profile{Target: systemd.Target{Systemd: systemd.Version{Major: 257}},
			Lines:    []suggest.Line{{Setting: trace.Setting{Name: setting.Name, Value: c.taken}}},
			Withheld: []suggest.Withheld{{Setting: setting, Violations: []directive.Violation{violation(c.by)}}}}
		var b strings.Builder
		if err := DropIn(&b, p, DropInOptions{}); err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(b.String(), "\n#  ", ""); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.taken, got, c.want)
		}
	}
}

func TestJSON(t *testing.T) {
	golden(t, "small.json", func(w io.Writer) error { return JSON(w, suggestion(t, small())) })
}

func TestProperties(t *testing.T) {
	golden(t, "small.properties", func(w io.Writer) error { return Properties(w, suggestion(t, small())) })
}

// An incomplete trace says so in the first line.
func TestIncompleteFirst(t *testing.T) {
	var b strings.Builder
	if err := DropIn(&b, suggestion(t, small()), DropInOptions{}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "# INCOMPLETE: ") {
		t.Errorf("first line: %.80q", b.String())
	}
	complete := small()
	complete.Header.Starts = 1
	b.Reset()
	if err := DropIn(&b, suggestion(t, complete), DropInOptions{}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "INCOMPLETE") {
		t.Errorf("a complete trace: %.200q", b.String())
	}
}

// What a trace contains never becomes a setting, and never reaches a terminal.
func TestHostileNames(t *testing.T) {
	var b bytes.Buffer
	p := suggestion(t, hostile())
	if err := DropIn(&b, p, DropInOptions{All: true}); err != nil {
		t.Fatal(err)
	}
	if i := bytes.IndexFunc(b.Bytes(), func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }); i >= 0 {
		t.Errorf("a control character: %.60q", b.Bytes()[i:])
	}
	file, err := systemd.Parse(bytes.NewReader(b.Bytes()), p.Target.Systemd)
	if err != nil {
		t.Fatal(err)
	}
	suggested := map[string]bool{}
	for _, l := range p.Lines {
		suggested[l.Name] = true
	}
	for _, s := range file.Settings {
		if !suggested[s.Name] || s.Section != "Service" {
			t.Errorf("[%s] %s=%s came out of a name", s.Section, s.Name, s.Value)
		}
	}
}

// Every word of an observation that a trace can hold is safe to print.
func TestHostileWords(t *testing.T) {
	const evil = "x\x1b[2J\n"
	for _, o := range []trace.Observation{
		{Outcome: evil, Actor: trace.Actor{Exe: evil, Line: evil}},
		{Outcome: evil, Syscall: &trace.Syscall{ABI: evil, Name: evil, Args: []trace.Arg{{Name: evil}}}},
		{Outcome: evil, Capability: &trace.Capability{Name: evil, Syscall: evil, Result: evil}},
		{Outcome: evil, File: &trace.File{Op: evil, Path: evil, Given: evil + "y"}},
		{Outcome: evil, Address: &trace.Address{Op: evil, Family: evil}},
		{Outcome: evil, Address: &trace.Address{Op: evil, IP: evil}},
		{Outcome: evil, Address: &trace.Address{Op: evil, Abstract: evil}},
		{Outcome: evil, Signal: &trace.Signal{Exe: evil}},
		{Outcome: evil, IOUring: &trace.IOUring{Op: evil}},
		{Outcome: evil, Move: &trace.Move{Cgroup: evil}},
	} {
		if text := Words(&o); strings.ContainsAny(text, "\x1b\n") {
			t.Errorf("%q", text)
		}
	}
}

// A systemd that is newer than the tables is not passed over in silence.
func TestUnlistedVersionIsSaid(t *testing.T) {
	for host, want := range map[string]bool{"262": false, "263": true} {
		tr := small()
		tr.Header.Host.Systemd = host
		var b strings.Builder
		if err := DropIn(&b, suggestion(t, tr), DropInOptions{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "# That systemd is newer") != want {
			t.Errorf("for %s:\n%.600s", host, b.String())
		}
	}
}

// TestEncodeEscapes: JSON that is looked at on a terminal does nothing to it, and is
// still what it was.
func TestEncodeEscapes(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[31m":  `"a\u001b[31m"`,
		"a\u009b31m": `"a\u009b31m"`, // CSI in one character
		"a\u202eb":   `"a\u202eb"`,   // right to left
		"a\x7f":      `"a\u007f"`,
		"\U000e0041": `"\udb40\udc41"`, // a tag
		"é<&> 漢":     `"é<&> 漢"`,
	} {
		var b bytes.Buffer
		if err := Encode(&b, text); err != nil {
			t.Fatal(err)
		}
		var back string
		if got := strings.TrimSpace(b.String()); got != want || json.Unmarshal(b.Bytes(), &back) != nil || back != text {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// A service that runs as many users does not fill the header.
func TestUsers(t *testing.T) {
	var ids []suggest.Identity
	for i := range uint32(mostUsers) {
		ids = append(ids, suggest.Identity{UID: i, GID: i})
	}
	if got := users(ids); strings.Contains(got, "more") || !strings.HasSuffix(got, "then 7:7") {
		t.Error(got)
	}
	if got := users(append(ids, ids...)); !strings.HasSuffix(got, "then 7:7, and 8 more") {
		t.Error(got)
	}
}
