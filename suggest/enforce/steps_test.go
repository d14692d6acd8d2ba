// SPDX-License-Identifier: Apache-2.0

package enforce

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/trace"
)

const config = "# a daemon\n\tpid-file = \"/run/d.pid\"\nlog = \"/var/log/d.log\"\n"

var movePID = suggest.Step{File: "/d.conf", Line: 2, Old: `pid-file = "/run/d.pid"`, New: `pid-file = "/run/d/d.pid"`,
	Undo: []string{"sed -i 2s,/run/d/d.pid,/run/d.pid,g /d.conf"}}

// system is a folder with the configuration in it.
func system(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(root+"/d.conf", []byte(config), 0o640); err != nil {
		t.Fatal(err)
	}
	return root
}

func answer(yes bool) func(string) (bool, error) {
	return func(string) (bool, error) { return yes, nil }
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestApply(t *testing.T) {
	root := system(t)
	var said strings.Builder
	s := Steps{Out: &said, Ask: answer(true), Root: root}
	log := suggest.Step{File: "/d.conf", Line: 3, Old: `log = "/var/log/d.log"`, New: `log = "/var/log/d/d.log"`}
	byHand := suggest.Step{Text: "chown daemon /srv/d", Why: "it is root's"}
	if err := s.Apply([]suggest.Step{movePID, byHand, log}); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, root+"/d.conf"), "# a daemon\n\tpid-file = \"/run/d/d.pid\"\nlog = \"/var/log/d/d.log\"\n"; got != want {
		t.Errorf("the file is %q, want %q", got, want)
	}
	const want = `--- /d.conf
+++ /d.conf
@@ -1,3 +1,3 @@
 # a daemon
-	pid-file = "/run/d.pid"
+	pid-file = "/run/d/d.pid"
 log = "/var/log/d.log"
--- /d.conf
+++ /d.conf
@@ -1,3 +1,3 @@
 # a daemon
 	pid-file = "/run/d/d.pid"
-log = "/var/log/d.log"
+log = "/var/log/d/d.log"
edited /d.conf
to take it back: sed -i 2s,/run/d/d.pid,/run/d.pid,g /d.conf
left to do by hand: chown daemon /srv/d (otherwise: it is root's)
`
	if said.String() != want {
		t.Errorf("it said:\n%s\nwant:\n%s", said.String(), want)
	}
	said.Reset()
	if err := s.Apply([]suggest.Step{movePID, log}); err != nil || said.String() != "already so: /d.conf:2\nalready so: /d.conf:3\n" {
		t.Errorf("again: %v, %q", err, said.String())
	}
}

func TestApplyOnlyWhatIsAgreedTo(t *testing.T) {
	root := system(t)
	s := Steps{Out: io.Discard, Ask: answer(false), Root: root}
	if err := s.Apply([]suggest.Step{movePID}); err != nil || read(t, root+"/d.conf") != config {
		t.Errorf("refused: %v, and the file is %q", err, read(t, root+"/d.conf"))
	}
	s.Ask = func(string) (bool, error) { return false, io.EOF }
	if err := s.Apply([]suggest.Step{movePID}); !errors.Is(err, io.EOF) || read(t, root+"/d.conf") != config {
		t.Errorf("nobody answers: %v, and the file is %q", err, read(t, root+"/d.conf"))
	}
}

// Without an answer nothing more is asked, and what was agreed to before is done: the
// next time goes on from there.
func TestApplyEndsWithoutAnAnswer(t *testing.T) {
	root := system(t)
	if err := os.WriteFile(root+"/e.conf", []byte(config), 0o640); err != nil {
		t.Fatal(err)
	}
	second := movePID
	second.File = "/e.conf"
	asked := 0
	s := Steps{Out: io.Discard, Root: root, Ask: func(string) (bool, error) {
		if asked++; asked > 1 {
			return false, io.EOF
		}
		return true, nil
	}}
	if err := s.Apply([]suggest.Step{movePID, second}); !errors.Is(err, io.EOF) || asked != 2 {
		t.Errorf("it asked %d times: %v", asked, err)
	}
	if read(t, root+"/d.conf") == config || read(t, root+"/e.conf") != config {
		t.Error("it did not do the first, and only the first")
	}
	var said strings.Builder
	s = Steps{Out: &said, Root: root, Ask: answer(true)}
	if err := s.Apply([]suggest.Step{movePID, second}); err != nil || !strings.HasPrefix(said.String(), "already so: /d.conf:2\n") || read(t, root+"/e.conf") == config {
		t.Errorf("the next time: %v, %q", err, said.String())
	}
}

func TestApplyOnlyWhatWasRecorded(t *testing.T) {
	s := func(change func(*suggest.Step)) suggest.Step { step := movePID; change(&step); return step }
	for name, step := range map[string]suggest.Step{
		"another text":        s(func(e *suggest.Step) { e.Old = `pid-file = "/run/other.pid"` }),
		"another line":        s(func(e *suggest.Step) { e.Line = 1 }),
		"a line past the end": s(func(e *suggest.Step) { e.Line = 9 }),
		"no line":             s(func(e *suggest.Step) { e.Line = 0 }),
		"two lines":           s(func(e *suggest.Step) { e.New = "a\nb" }),
		"another file":        s(func(e *suggest.Step) { e.File = "/none.conf" }),
		"a link":              s(func(e *suggest.Step) { e.File = "/link.conf" }),
		"a folder":            s(func(e *suggest.Step) { e.File = "/" }),
		"two names":           s(func(e *suggest.Step) { e.File = "/two.conf" }),
	} {
		root := system(t)
		if err := os.Symlink("d.conf", root+"/link.conf"); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.WriteFile(root+"/one.conf", []byte(config), 0o640), os.Link(root+"/one.conf", root+"/two.conf")); err != nil {
			t.Fatal(err)
		}
		steps := Steps{Out: io.Discard, Ask: answer(true), Root: root}
		if err := steps.Apply([]suggest.Step{step}); err == nil || read(t, root+"/d.conf") != config || read(t, root+"/one.conf") != config {
			t.Errorf("%s: %v, and the file is %q", name, err, read(t, root+"/d.conf"))
		}
	}
}

func TestReplaceKeepsWhatBelongsToIt(t *testing.T) {
	root := system(t)
	path := root + "/d.conf"
	if os.Geteuid() == 0 {
		if err := os.Chown(path, 33, 34); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(path, 0o751|os.ModeSetgid); err != nil {
		t.Fatal(err)
	}
	labelled := unix.Setxattr(path, "user.label", []byte("x"), 0) == nil
	var before, after unix.Stat_t
	if err := unix.Stat(path, &before); err != nil {
		t.Fatal(err)
	}
	s := Steps{Out: io.Discard, Ask: answer(true), Root: root}
	if err := s.Apply([]suggest.Step{movePID}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Stat(path, &after); err != nil {
		t.Fatal(err)
	}
	if before.Mode != after.Mode || before.Uid != after.Uid || before.Gid != after.Gid {
		t.Errorf("mode and owner were %o %d:%d and are %o %d:%d", before.Mode, before.Uid, before.Gid, after.Mode, after.Uid, after.Gid)
	}
	if value := make([]byte, 8); labelled {
		if n, err := unix.Getxattr(path, "user.label", value); err != nil || string(value[:n]) != "x" {
			t.Errorf("the extended attribute is %q, %v", value[:n], err)
		}
	}
	if left, err := filepath.Glob(root + "/.*"); err != nil || len(left) > 0 {
		t.Errorf("%v was left behind, %v", left, err)
	}
}

// Only the line is another one: its ends, and those of the file, stay.
func TestApplyKeepsTheEnds(t *testing.T) {
	for _, ends := range []string{"a\r\n\t%s\r\nb\r\n", "a\n%s", "a\n  %s \t\n\n\n", "\xff\n%s\n\xfe"} {
		root := system(t)
		for _, mode := range []os.FileMode{0o600, 0o444} {
			err := errors.Join(os.WriteFile(root+"/d.conf", fmt.Appendf(nil, ends, movePID.Old), 0o600), os.Chmod(root+"/d.conf", mode))
			if err != nil {
				t.Fatal(err)
			}
			s := Steps{Out: io.Discard, Ask: answer(true), Root: root}
			if err := s.Apply([]suggest.Step{movePID}); err != nil {
				t.Fatal(err)
			}
			if got, want := read(t, root+"/d.conf"), fmt.Sprintf(ends, movePID.New); got != want || owned(t, root+"/d.conf").Mode != uint32(mode) {
				t.Errorf("it is %q with mode %o, want %q with %o", got, owned(t, root+"/d.conf").Mode, want, mode)
			}
		}
	}
}

// A file keeps its access control list, and gets none from its directory.
func TestReplaceKeepsItsList(t *testing.T) {
	const (
		list        = "\x02\x00\x00\x00" + ownerRW + "\x02\x00\x04\x00\x01\x00\x00\x00" + groupR + "\x10\x00\x04\x00\xff\xff\xff\xff" + otherNone
		ofDirectory = "\x02\x00\x00\x00" + ownerRW + "\x02\x00\x07\x00\x02\x00\x00\x00" + groupR + "\x10\x00\x07\x00\xff\xff\xff\xff" + otherNone
	)
	for _, want := range []string{"", list} {
		root := system(t)
		if err := unix.Setxattr(root, "system.posix_acl_default", []byte(ofDirectory), 0); err != nil {
			t.Skipf("SKIPPED: there are no access control lists in %s: %v", root, err)
		}
		if want != "" {
			if err := unix.Setxattr(root+"/d.conf", accessList, []byte(want), 0); err != nil {
				t.Fatal(err)
			}
		}
		before := owned(t, root+"/d.conf")
		s := Steps{Out: io.Discard, Ask: answer(true), Root: root}
		if err := s.Apply([]suggest.Step{movePID}); err != nil {
			t.Fatal(err)
		}
		value := make([]byte, 256)
		n, err := unix.Getxattr(root+"/d.conf", accessList, value)
		if got := string(value[:max(n, 0)]); got != want || want == "" && !errors.Is(err, unix.ENODATA) || owned(t, root+"/d.conf") != before {
			t.Errorf("its list is %q (%v), want %q", got, err, want)
		}
	}
}

// Entries of an access control list as the kernel has them (linux/posix_acl_xattr.h).
const (
	ownerRW   = "\x01\x00\x06\x00\xff\xff\xff\xff"
	groupR    = "\x04\x00\x04\x00\xff\xff\xff\xff"
	otherNone = "\x20\x00\x00\x00\xff\xff\xff\xff"
)

func TestReplaceNoticesOthers(t *testing.T) {
	root := system(t)
	s := Steps{Out: io.Discard, Root: root, Ask: func(string) (bool, error) {
		return true, os.WriteFile(root+"/d.conf", []byte("mine\n"), 0o640)
	}}
	if err := s.Apply([]suggest.Step{movePID}); err == nil || read(t, root+"/d.conf") != "mine\n" {
		t.Errorf("changed while asking: %v, and the file is %q", err, read(t, root+"/d.conf"))
	}
}

func TestApplyPrintsNoEscapes(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(root+"/d.conf", []byte("a\x1b[2J\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	s := Steps{Out: &said, Ask: answer(true), Root: root}
	err := s.Apply([]suggest.Step{{File: "/d.conf", Line: 1, Old: "a\x1b[2J", New: "b"}, {Text: "x\x1b[2J", File: trace.Path("")}})
	if err != nil || strings.Contains(said.String(), "\x1b") {
		t.Errorf("%v, %q", err, said.String())
	}
}
