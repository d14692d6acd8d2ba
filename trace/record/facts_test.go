// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// inet is a struct sockaddr_in.
func inet(port uint16, ip ...byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, unix.AF_INET)
	return append(binary.BigEndian.AppendUint16(b, port), ip...)
}

func TestAddressOf(t *testing.T) {
	inet6 := append(binary.NativeEndian.AppendUint16(nil, unix.AF_INET6), 0, 53, 0, 0, 0, 0)
	inet6 = append(inet6, append(make([]byte, 15), 1)...)
	abstract := append(binary.NativeEndian.AppendUint16(nil, unix.AF_UNIX), "\x00name"...)
	packet := append(binary.NativeEndian.AppendUint16(nil, unix.AF_PACKET), 0, 3, 7, 0, 0, 0)
	for _, tt := range []struct {
		name  string
		event bpf.Event
		want  *trace.Address
	}{
		{"bind", bpf.Event{Op: bpf.OpBind, Given: inet(80, 0, 0, 0, 0), Socket: bpf.Socket{Family: unix.AF_INET, Type: unix.SOCK_STREAM, Protocol: 6, Port: 80}},
			&trace.Address{Op: trace.AddressBind, Family: "AF_INET", Type: "SOCK_STREAM", Protocol: 6, IP: "0.0.0.0", Port: 80}},
		{"any port", bpf.Event{Op: bpf.OpBind, Given: inet(0, 127, 0, 0, 1), Socket: bpf.Socket{Family: unix.AF_INET, Type: unix.SOCK_DGRAM, Port: 40000}},
			&trace.Address{Op: trace.AddressBind, Family: "AF_INET", Type: "SOCK_DGRAM", IP: "127.0.0.1", Asked0: true}},
		{"connect", bpf.Event{Op: bpf.OpConnect, Given: inet6, Socket: bpf.Socket{Family: unix.AF_INET6, Type: unix.SOCK_DGRAM, V6Only: true}},
			&trace.Address{Op: trace.AddressConnect, Family: "AF_INET6", Type: "SOCK_DGRAM", IP: "::1", Port: 53, V6Only: true}},
		{"abstract", bpf.Event{Op: bpf.OpConnect, Given: abstract, Socket: bpf.Socket{Family: unix.AF_UNIX, Type: unix.SOCK_SEQPACKET}},
			&trace.Address{Op: trace.AddressConnect, Family: "AF_UNIX", Type: "SOCK_SEQPACKET", Abstract: "name"}},
		{"packet", bpf.Event{Op: bpf.OpBind, Given: packet, Socket: bpf.Socket{Family: unix.AF_PACKET, Type: unix.SOCK_RAW}},
			&trace.Address{Op: trace.AddressBind, Family: "AF_PACKET", Type: "SOCK_RAW", Interface: 7}},
		{"listen", bpf.Event{Op: bpf.OpListen, Given: inet(0, 0, 0, 0, 0)[:2], Socket: bpf.Socket{Family: unix.AF_INET, Type: unix.SOCK_STREAM, Port: 80}},
			&trace.Address{Op: trace.AddressListen, Family: "AF_INET", Type: "SOCK_STREAM", Port: 80}},
		{"too short", bpf.Event{Op: bpf.OpBind, Given: []byte{1}}, nil},
	} {
		o, ok := addressOf(&tt.event)
		if ok != (tt.want != nil) {
			t.Errorf("%s: it is an address: %v", tt.name, ok)
			continue
		}
		if diff := cmp.Diff(tt.want, o.Address); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestSignalOf(t *testing.T) {
	sent := &bpf.Event{Flags: uint32(unix.SIGTERM), TargetUID: 7, Path: bpf.Path{Name: "/bin/x"}}
	if o, ok := signalOf(sent, "/none"); !ok || *o.Signal != (trace.Signal{Number: 15, UID: 7, Exe: "/bin/x"}) {
		t.Errorf("a signal that was sent is %+v, %v", o.Signal, ok)
	}
	c := exec.Command("sleep", "60")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = c.Process.Kill(), c.Wait() }()
	exe, err := filepath.EvalSymlinks(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	denied := &bpf.Event{Flags: uint32(unix.SIGTERM), Errno: uint16(unix.EPERM), Target: uint32(c.Process.Pid), Path: bpf.Path{Name: "/"}}
	for !strings.HasSuffix(exeOf(c.Process.Pid), exe) { // until it has executed
		time.Sleep(time.Millisecond)
	}
	o, ok := signalOf(denied, "/none")
	if !ok || o.Signal.Exe != trace.Path(exe) || o.Signal.UID != uint32(os.Geteuid()) || o.Outcome != "EPERM" {
		t.Errorf("a signal that was denied is %+v, %v", o.Signal, ok)
	}
	if _, ok := signalOf(denied, ownPath()); ok {
		t.Error("a signal within the cgroup counts")
	}
	for name, e := range map[string]*bpf.Event{
		"no such process": {Errno: uint16(unix.ESRCH), Target: uint32(c.Process.Pid)},
		"a group":         {Errno: uint16(unix.EPERM), Target: ^uint32(0)},
		"a process gone":  {Target: 1 << 30},
	} {
		if o, ok := signalOf(e, "/none"); ok {
			t.Errorf("%s: %+v", name, o.Signal)
		}
	}
}

func exeOf(pid int) string {
	name, _ := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "exe"))
	return name
}

var noon = clock{time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}

func TestCalls(t *testing.T) {
	seen := bpf.Seen{Count: 3, First: 1e9, Last: 2e9, PID: 5}
	s := newSet()
	s.addCalls([]bpf.Call{
		{Actor: 1, ABI: "x86_64", Number: 41, Args: []uint64{2, 1, 6, 0}, Seen: seen},
		{Actor: 1, ABI: "x86_64", Number: 232, Seen: seen},                   // epoll_wait
		{Actor: 1, ABI: "x86_64", Number: 232, Unfinished: true, Seen: seen}, // once more, under way
		{Actor: 1, ABI: "x86_64", Number: 231, Unfinished: true, Seen: seen}, // exit_group
		{Actor: 1, ABI: "i386", Number: 20, Killed: true, Filtered: true, Seen: seen},
	}, noon)
	want := []trace.Observation{
		{Syscall: &trace.Syscall{ABI: "i386", Number: 20, Name: "getpid", Filtered: true}, Outcome: trace.OutcomeKilled},
		{Syscall: &trace.Syscall{ABI: "x86_64", Number: 41, Name: "socket", Args: []trace.Arg{
			{Name: "family", Index: 0, Value: 2}, {Name: "type", Index: 1, Value: 1}, {Name: "protocol", Index: 2, Value: 6}}}, Outcome: trace.OutcomeOK},
		{Syscall: &trace.Syscall{ABI: "x86_64", Number: 231, Name: "exit_group"}, Outcome: trace.OutcomeUnfinished},
		{Syscall: &trace.Syscall{ABI: "x86_64", Number: 232, Name: "epoll_wait"}, Outcome: trace.OutcomeOK},
	}
	for i := range want {
		want[i].Kind, want[i].Count = trace.KindSyscall, 3
		want[i].First, want[i].Last = noon.boot.Add(time.Second), noon.boot.Add(2*time.Second)
		want[i].Example = &trace.Example{PID: 5}
	}
	compare(t, s, want)
}

// compare compares a set with observations, in the order of ABI and number or name.
func compare(t *testing.T, s *set, want []trace.Observation) {
	t.Helper()
	var got []trace.Observation
	for _, o := range s.entries {
		got = append(got, *o)
	}
	order := func(o trace.Observation) string {
		if o.Syscall != nil {
			return o.Syscall.ABI + o.Syscall.Name
		}
		return o.Capability.Name
	}
	slices.SortFunc(got, func(a, b trace.Observation) int { return strings.Compare(order(a), order(b)) })
	slices.SortFunc(want, func(a, b trace.Observation) int { return strings.Compare(order(a), order(b)) })
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(trace.Observation{})); diff != "" {
		t.Error(diff)
	}
}

func TestChecks(t *testing.T) {
	seen := bpf.Seen{Count: 1, First: 1e9, Last: 1e9}
	names := parseSymbols(strings.NewReader("00000010 T inner\n00000020 t cap_capable\n00000030 T caller\n00000040 D data\n00000050 T outer [mod]\n"))
	checks := []bpf.Check{
		{Actor: 1, Cap: 21, Granted: true, ABI: "x86_64", Number: 165, Stack: []uint64{0x11, 0x25, 0x38, 0x51}, Seen: seen},
		{Actor: 1, Cap: 1, ABI: "x86_64", Number: 2, Errno: uint16(unix.EACCES), Overridden: true, Quiet: true, Seen: seen},
		{Actor: 1, Cap: 5, Number: -1, Foreign: true, Seen: seen},
	}
	for _, audited := range []bool{true, false} {
		s := newSet()
		s.addChecks(checks, audited, names, noon)
		want := []trace.Observation{
			{Capability: &trace.Capability{Name: "CAP_SYS_ADMIN", ABI: "x86_64", Syscall: "mount", Result: trace.OutcomeOK, Audited: known(audited, true), Stack: []string{"caller", "outer"}}, Outcome: trace.OutcomeOK},
			{Capability: &trace.Capability{Name: "CAP_DAC_OVERRIDE", ABI: "x86_64", Syscall: "open", Result: "EACCES", Overridden: true, Audited: known(audited, false)}, Outcome: "EPERM"},
			{Capability: &trace.Capability{Name: "CAP_KILL", ForeignNS: true, Audited: known(audited, true)}, Outcome: "EPERM"},
		}
		for i := range want {
			want[i].Kind, want[i].Count = trace.KindCapability, 1
			want[i].First, want[i].Last = noon.boot.Add(time.Second), noon.boot.Add(time.Second)
		}
		compare(t, s, want)
	}
}

func known(audited, value bool) *bool {
	if !audited {
		return nil
	}
	return &value
}

func TestInlinedChecks(t *testing.T) {
	const prctl = 157
	set := bpf.Call{Actor: 1, ABI: "x86_64", Number: prctl, Args: []uint64{unix.PR_SET_SECUREBITS}, Seen: bpf.Seen{Count: 2}}
	refused, other, elsewhere := set, set, set
	refused.Errno = uint16(unix.EPERM)
	other.Args = []uint64{unix.PR_SET_NAME}
	elsewhere.Number = 156
	want := bpf.Check{Actor: 1, Cap: 8, Granted: true, ABI: "x86_64", Number: prctl, Seen: bpf.Seen{Count: 2}}
	for _, c := range []struct {
		name  string
		state bpf.State
		want  []bpf.Check
	}{
		{"not seen", bpf.State{Calls: []bpf.Call{refused, other, elsewhere, set}}, []bpf.Check{want}},
		{"seen", bpf.State{Calls: []bpf.Call{set}, Checks: []bpf.Check{want}}, nil},
		{"another's was seen", bpf.State{Calls: []bpf.Call{set}, Checks: []bpf.Check{{Actor: 2, Cap: 8, Granted: true, ABI: "x86_64", Number: prctl}}}, []bpf.Check{want}},
		{"it did nothing", bpf.State{Calls: []bpf.Call{refused, other, elsewhere}}, nil},
	} {
		if diff := cmp.Diff(c.want, inlinedChecks(&c.state)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestAskedCapabilities(t *testing.T) {
	s := newSet()
	s.addAsked([]bpf.Call{
		{ABI: "x86_64", Number: 126, Args: []uint64{1 << 10, 1<<10 | 1<<7, 0, 1 << 8}, Seen: bpf.Seen{Count: 1}},
		{ABI: "x86_64", Number: 125, Args: []uint64{1, 1, 1, 1}, Seen: bpf.Seen{Count: 1}}, // capget
	}, noon)
	var got []string
	for _, o := range s.entries {
		if !o.Capability.Asked || o.Capability.Syscall != "capset" {
			t.Errorf("%+v", o.Capability)
		}
		got = append(got, o.Capability.Name)
	}
	slices.Sort(got)
	if want := []string{"CAP_CHECKPOINT_RESTORE", "CAP_NET_BIND_SERVICE", "CAP_SETUID"}; !slices.Equal(got, want) {
		t.Errorf("asked for %v, want %v", got, want)
	}
}

func TestSymbols(t *testing.T) {
	s := parseSymbols(strings.NewReader("ffff02 T b\nffff01 t a\n000000 T hidden\nnonsense\n"))
	for address, want := range map[uint64]string{0xffff01: "a", 0xffff02: "b", 0xffff99: "b", 0x10: "0x10"} {
		if got := s.name(address); got != want {
			t.Errorf("%#x is %s, want %s", address, got, want)
		}
	}
}

func TestMentions(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "conf")
	if err := os.WriteFile(conf, []byte("# nothing\nlog = \"/var/log/d/log\";\nother=/var/log/d/log2\n  pid /run/d.pid\n/var/log/d/log\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := mentionsIn(conf, map[string]trace.Path{"/run/d.pid": "/run/d.pid", "/var/log/d/log": "/var/log/d/log"})
	want := []trace.Mention{
		{Path: "/var/log/d/log", File: trace.Path(conf), Line: 2, Text: `log = "/var/log/d/log";`},
		{Path: "/run/d.pid", File: trace.Path(conf), Line: 4, Text: "pid /run/d.pid"},
		{Path: "/var/log/d/log", File: trace.Path(conf), Line: 5, Text: "/var/log/d/log"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// One that is no single word, one that goes on, and one that is there twice.
	spellings := map[string]trace.Path{"/srv/a b/$NAME": "/srv/a b/x", "/srv/a": "/srv/a", "/run/d.pid": "/run/d.pid"}
	var held [][]string
	for _, line := range []string{`x "/srv/a b/$NAME" /srv/ab`, "/srv/a b/$NAME2 /srv/a/b", "/run/d.pid:/run/d.pid"} {
		held = append(held, heldBy(line, spellings, []string{"/srv/a b/$NAME"}))
	}
	if diff := cmp.Diff([][]string{{"/srv/a", "/srv/a b/$NAME"}, {"/srv/a"}, {"/run/d.pid"}}, held); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, content := range map[string]string{"binary": "\x00/run/d.pid", "latin1": "\xff/run/d.pid"} {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := mentionsIn(name, map[string]trace.Path{"/run/d.pid": "/run/d.pid"}); got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	// What was a file when it was read can be anything by the end: this must not wait.
	fifo := filepath.Join(dir, "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := mentionsIn(fifo, map[string]trace.Path{"/run/d.pid": "/run/d.pid"}); got != nil {
		t.Errorf("of a FIFO: %+v", got)
	}
}

func TestMentionsOfATrace(t *testing.T) {
	file := func(op trace.FileOp, path trace.Path) trace.Observation {
		return trace.Observation{Actor: trace.Actor{Phase: trace.PhaseService}, File: &trace.File{Op: op, Path: path, Type: trace.TypeRegular}}
	}
	tr := &trace.Trace{Observations: []trace.Observation{
		file(trace.OpRead, "/etc/hostname"), file(trace.OpWrite, "/no/such/path"), file(trace.OpRead, "/home/x"),
	}}
	new(mentions).add(tr)
	if len(tr.Header.Mentions) != 0 {
		t.Errorf("%+v", tr.Header.Mentions)
	}
	for name, want := range map[string]bool{"/etc/d.conf": true, "/home/x": false, "/usr/lib/libc.so.6": false, "/usr/lib/x.so": false, "/opt/d/conf": true} {
		if got := isConfig(name); got != want {
			t.Errorf("isConfig(%s) = %v", name, got)
		}
	}
}

func TestNames(t *testing.T) {
	for n, want := range map[uint16]string{unix.AF_UNIX: "AF_UNIX", unix.AF_NETLINK: "AF_NETLINK", unix.AF_VSOCK: "AF_VSOCK", unix.AF_MCTP: "AF_MCTP", 99: "99"} {
		if got := familyName(n); got != want {
			t.Errorf("the family %d is %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int]string{0: "CAP_CHOWN", 21: "CAP_SYS_ADMIN", 40: "CAP_CHECKPOINT_RESTORE", 63: "CAP_63"} {
		if got := capabilityName(n); got != want {
			t.Errorf("the capability %d is %s, want %s", n, got, want)
		}
	}
	for errno, want := range map[uint16]trace.Outcome{0: trace.OutcomeOK, 13: "EACCES", 512: "errno 512"} {
		if got := outcomeOf(errno, false, false); got != want {
			t.Errorf("the errno %d is %s, want %s", errno, got, want)
		}
	}
	if uringOps[unix.SYS_READ] != "nop" || uringOps[62] != "pipe" || uringOps[36] != "unlinkat" {
		t.Errorf("io_uring's operations are out of order: %v", uringOps)
	}
}
