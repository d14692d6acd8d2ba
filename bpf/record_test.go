// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/suggest/seccomp"
)

func TestCapabilities(t *testing.T) {
	const sysChroot = 18
	w := record(t)
	w.run("capability")
	w.whole()
	verdicts := map[bool]Check{}
	for _, c := range w.state.Checks {
		if c.Cap == sysChroot && !c.Foreign && !c.Overridden {
			verdicts[c.Granted] = c
		}
	}
	if c := verdicts[true]; c.Errno != 0 || c.Count != 1 || c.ABI == "" || len(c.Stack) == 0 {
		t.Errorf("CAP_SYS_CHROOT granted: %+v", c)
	}
	if c := verdicts[false]; c.Errno != uint16(unix.EPERM) || c.Count != 1 {
		t.Errorf("CAP_SYS_CHROOT denied: %+v", c)
	}
}

// TestChecksOfOthers holds that checks in a namespace that the process owns, and checks
// with credentials that are not its own, are told from those that it needs.
func TestChecksOfOthers(t *testing.T) {
	const dacOverride, dacReadSearch, sysAdmin = 1, 2, 21
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w := record(t)
	w.run("credential", secret)
	w.whole()
	foreign, overridden := false, false
	for _, c := range w.state.Checks {
		name, _ := seccomp.Name(c.ABI, c.Number)
		switch {
		case name == "sethostname" && c.Cap == sysAdmin:
			foreign = foreign || c.Foreign
			if !c.Foreign {
				t.Errorf("a check in its own namespace: %+v", c)
			}
		case strings.HasPrefix(name, "access") || strings.HasPrefix(name, "faccessat"):
			if c.Cap == dacOverride || c.Cap == dacReadSearch {
				overridden = overridden || c.Overridden
				if !c.Overridden || c.Granted {
					t.Errorf("a check with the credentials of the real user: %+v", c)
				}
			}
		}
	}
	if !foreign || !overridden {
		t.Errorf("a check in a foreign namespace was seen: %v, one with other credentials: %v", foreign, overridden)
	}
}

func TestAddresses(t *testing.T) {
	w := record(t)
	w.run("addresses")
	w.whole()
	type address struct {
		op     Op
		family uint16
		typ    uint16
		v6only bool
	}
	want := map[address]int{
		{OpBind, unix.AF_INET, unix.SOCK_STREAM, false}:    1,
		{OpListen, unix.AF_INET, unix.SOCK_STREAM, false}:  1,
		{OpConnect, unix.AF_INET, unix.SOCK_STREAM, false}: 1,
		{OpAccept, unix.AF_INET, unix.SOCK_STREAM, false}:  1,
		{OpBind, unix.AF_INET6, unix.SOCK_DGRAM, true}:     1,
		{OpSend, unix.AF_INET, unix.SOCK_DGRAM, false}:     2,
		{OpBind, unix.AF_UNIX, unix.SOCK_DGRAM, false}:     1,
	}
	got := map[address]int{}
	for _, e := range w.events {
		if e.Kind == EventAddress {
			got[address{e.Op, e.Socket.Family, e.Socket.Type, e.Socket.V6Only}]++
		}
	}
	for a, n := range want {
		if got[a] != n {
			t.Errorf("%+v: %d events, want %d", a, got[a], n)
		}
		delete(got, a)
	}
	if len(got) > 0 {
		t.Errorf("there are other addresses: %+v", got)
	}
}

func TestSignals(t *testing.T) {
	w := record(t)
	_, other := newCgroup(t)
	c := command(t, other, "wait")
	goOn := talk(t, c)
	w.run("signals", strconv.Itoa(c.Process.Pid))
	goOn()
	w.whole()
	got := map[uint32]*Event{}
	for _, e := range w.events {
		if e.Kind == EventSignal {
			got[e.Flags] = e
		}
	}
	if e := got[uint32(unix.SIGURG)]; e == nil || e.Target != uint32(c.Process.Pid) || !strings.HasSuffix(e.Path.Name, filepath.Base(c.Path)) {
		t.Errorf("SIGURG to a process outside: %+v", e)
	}
	if e := got[0]; e == nil || e.Target != uint32(c.Process.Pid) {
		t.Errorf("signal 0 to a process outside: %+v", e)
	}
	if len(got) != 2 {
		t.Errorf("there are other signals: %+v", got)
	}
}

func TestKilledRecorderLeavesNothing(t *testing.T) {
	name, dir := newCgroup(t)
	c := command(t, dir, "recorder", name)
	c.SysProcAttr = &syscall.SysProcAttr{} // beside what it records
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []ebpf.ProgramID
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "ready"; {
		id, err := strconv.Atoi(lines.Text())
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, ebpf.ProgramID(id))
	}
	if len(ids) < 8 {
		t.Fatalf("the recorder has %d programs: %s", len(ids), c.Stderr)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	deadline := time.Now().Add(10 * time.Second)
	for _, id := range ids {
		for {
			p, err := ebpf.NewProgramFromID(id)
			if errors.Is(err, os.ErrNotExist) {
				break
			}
			p.Close()
			if time.Now().After(deadline) {
				t.Fatalf("the program %d is still there", id)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}
