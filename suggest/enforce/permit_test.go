// SPDX-License-Identifier: Apache-2.0

package enforce

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/trace"
)

// owned is whose a file is.
func owned(t *testing.T, path string) trace.Owner {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		t.Fatal(err)
	}
	return trace.Owner{UID: st.Uid, GID: st.Gid, Mode: st.Mode & 0o7777}
}

// letGroupRead is the step that gives /d.conf to the first group of whoever runs the
// test, with more of a mode.
func letGroupRead(t *testing.T, root string, add uint32) suggest.Step {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	g, err := user.LookupGroupId(me.Gid)
	if err != nil {
		t.Skipf("SKIPPED: the group %s has no name: %v", me.Gid, err)
	}
	return suggest.Step{Text: "let d read /d.conf", Commands: []string{"chgrp d /d.conf", "chmod g+w /d.conf"}, Undo: []string{"chgrp root /d.conf", "chmod 0640 /d.conf"},
		Permissions: &suggest.Permissions{Path: "/d.conf", Before: owned(t, root+"/d.conf"), Group: g.Name, Add: add}}
}

func TestPermit(t *testing.T) {
	root := system(t)
	step := letGroupRead(t, root, 0o020)
	var said strings.Builder
	s := Steps{Out: &said, Ask: answer(true), Root: root}
	if err := s.Apply([]suggest.Step{step}); err != nil {
		t.Fatal(err)
	}
	if got := owned(t, root+"/d.conf").Mode; got != 0o660 {
		t.Errorf("its mode is %o", got)
	}
	const want = "+ chgrp d /d.conf\n+ chmod g+w /d.conf\ndone; to take it back: chgrp root /d.conf && chmod 0640 /d.conf\n"
	if said.String() != want {
		t.Errorf("it said %q, want %q", said.String(), want)
	}
	said.Reset()
	if err := s.Apply([]suggest.Step{step}); err != nil || said.String() != "already so: /d.conf\n" {
		t.Errorf("again: %v, %q", err, said.String())
	}
}

func TestPermitOnlyWhatIsAgreedTo(t *testing.T) {
	root := system(t)
	step := letGroupRead(t, root, 0o020)
	var said strings.Builder
	s := Steps{Out: &said, Ask: answer(false), Root: root}
	if err := s.Apply([]suggest.Step{step}); err != nil || owned(t, root+"/d.conf").Mode != 0o640 {
		t.Errorf("refused: %v, mode %o", err, owned(t, root+"/d.conf").Mode)
	}
	if !strings.HasSuffix(said.String(), "left as it is: let d read /d.conf\n") {
		t.Errorf("it said %q", said.String())
	}
}

func TestPermitOnlyWhatWasRecorded(t *testing.T) {
	for name, change := range map[string]func(root string, p *suggest.Permissions) error{
		"another mode": func(root string, _ *suggest.Permissions) error { return os.Chmod(root+"/d.conf", 0o600) },
		"a link": func(root string, p *suggest.Permissions) error {
			p.Path = "/link"
			return os.Symlink("d.conf", root+"/link")
		},
		"a link on the way": func(root string, p *suggest.Permissions) error {
			p.Path = "/link/d.conf"
			return os.Symlink(".", root+"/link")
		},
		"a list, of another owner": func(_ string, p *suggest.Permissions) error {
			p.Before.UID, p.Entry = p.Before.UID+1, "u:1:r"
			return nil
		},
		"nothing":             func(root string, _ *suggest.Permissions) error { return os.Remove(root + "/d.conf") },
		"a group of no name":  func(_ string, p *suggest.Permissions) error { p.Group = "no such group"; return nil },
		"an owner of no name": func(_ string, p *suggest.Permissions) error { p.Owner = "no such user"; return nil },
	} {
		root := system(t)
		step := letGroupRead(t, root, 0o020)
		if err := change(root, step.Permissions); err != nil {
			t.Fatal(err)
		}
		s := Steps{Out: new(strings.Builder), Ask: answer(true), Root: root}
		err := s.Apply([]suggest.Step{step})
		if err == nil || name == "another mode" && !errors.Is(err, ErrOtherOwner) {
			t.Errorf("%s: %v", name, err)
		}
		if name != "nothing" && owned(t, root+"/d.conf").Mode&0o020 != 0 {
			t.Errorf("%s: it was changed all the same", name)
		}
	}
}

func TestPermitByList(t *testing.T) {
	if _, err := exec.LookPath("setfacl"); err != nil {
		t.Skip("SKIPPED: there is no setfacl here")
	}
	root := system(t)
	step := suggest.Step{Permissions: &suggest.Permissions{Path: "/d.conf", Before: owned(t, root+"/d.conf"), Entry: "u:1:r"}, Undo: []string{"setfacl"}}
	for _, want := range []string{"done; to take it back: setfacl\n", "already so: /d.conf\n"} { // the second time changes nothing
		var said strings.Builder
		s := Steps{Out: &said, Ask: answer(true), Root: root}
		if err := s.Apply([]suggest.Step{step}); err != nil || said.String() != want {
			t.Fatalf("%v, %q, want %q", err, said.String(), want)
		}
		var value [256]byte
		if n, err := unix.Getxattr(root+"/d.conf", "system.posix_acl_access", value[:]); err != nil || n != 4+5*8 {
			t.Errorf("its list has %d bytes, %v", n, err)
		}
	}
}

// A user that is there is not made again, and nothing is without an answer.
func TestMakeUser(t *testing.T) {
	var said strings.Builder
	s := Steps{Out: &said, Ask: answer(false)}
	steps := []suggest.Step{{User: "root"}, {Text: "make it", User: "no-such-user-of-ours", Commands: []string{"useradd no-such-user-of-ours"}}}
	const want = "already so: there is a user root\n+ useradd no-such-user-of-ours\nleft as it is: make it\n"
	if err := s.Apply(steps); err != nil || said.String() != want {
		t.Errorf("%v, %q, want %q", err, said.String(), want)
	}
	if _, err := user.Lookup("no-such-user-of-ours"); err == nil {
		t.Error("it was made")
	}
}
