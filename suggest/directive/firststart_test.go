// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

// mkdirAgain is making a directory that is there already.
func mkdirAgain(path string, uid uint32, owner, parent *trace.Owner) trace.Observation {
	o := failed(file(trace.OpMkdir, path), "EEXIST")
	o.Actor.UID = uid
	o.File.Type, o.File.Owner, o.File.Parent = trace.TypeDirectory, owner, parent
	return o
}

func makesFile(path string, uid uint32, parent *trace.Owner) trace.Observation {
	o := ok(file(trace.OpCreate, path))
	o.Actor.UID, o.File.Parent = uid, parent
	return o
}

func TestFirstStart(t *testing.T) {
	root, www := &trace.Owner{Mode: 0o755}, &trace.Owner{UID: 33, GID: 33, Mode: 0o755}
	shared := &trace.Owner{GID: 33, Mode: 0o775}
	chroot := mkdirAgain("/var/lib/d", 0, root, root)
	chroot.File.Chroot = true
	setup := mkdirAgain("/var/lib/d", 0, root, root)
	setup.Actor.Phase = trace.PhaseSetup
	byGroup := mkdirAgain("/srv/d/cache", 33, www, shared)
	byGroup.Actor.GID = 33
	for _, c := range []struct {
		name string
		o    trace.Observation
		want []string
	}{
		{"its own", mkdirAgain("/var/lib/d", 0, root, root), []string{"mkdir"}},
		{"given away", mkdirAgain("/var/lib/d", 0, www, root), []string{"mkdir", "chown", "CAP_CHOWN", "chown()", "fchown()"}},
		{"made by the user itself", mkdirAgain("/var/lib/d/e", 33, www, www), []string{"mkdir"}},
		{"made by the group", byGroup, []string{"mkdir"}},
		{"nothing that the user can have made", mkdirAgain("/var/lib/d", 33, www, root), nil},
		{"in the common directory", mkdirAgain("/tmp/d", 33, www, &trace.Owner{Mode: 0o1777}), []string{"mkdir"}},
		{"the system's", mkdirAgain("/var/lib", 0, root, root), nil},
		{"the system's, too", mkdirAgain("/run/lock", 0, root, root), nil},
		{"elsewhere", mkdirAgain("/etc/d", 0, root, root), nil},
		{"made now", ok(file(trace.OpMkdir, "/var/lib/d")), nil},
		{"failed in another way", failed(mkdirAgain("/var/lib/d", 0, root, root), eacces), nil},
		{"in a chroot", chroot, nil},
		{"by systemd", setup, nil},
		{"a file in its directory", makesFile("/var/spool/d/state", 33, www), []string{"mkdir()", "rename()", "unlink()", "ftruncate()", "fallocate()", "fsync()"}},
		{"a file in another's", makesFile("/var/spool/d/state", 33, root), nil},
		{"a file in the system's", makesFile("/etc/state", 33, www), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, o := range firstStart([]trace.Observation{c.o}, "x86_64") {
				if o.Outcome != trace.OutcomeOK || o.Actor != c.o.Actor || o.Count == 0 {
					t.Errorf("%+v is not what the actor would have done", o)
				}
				got = append(got, said(&o))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFirstStartSetsModes has root give files to somebody, set modes, and look at a
// directory that it finds made.
func TestFirstStartSetsModes(t *testing.T) {
	www := &trace.Owner{UID: 33, GID: 33, Mode: 0o511}
	did := func(op trace.FileOp, path string, kind trace.FileType, owner *trace.Owner) trace.Observation {
		o := ok(file(op, path))
		o.File.Type, o.File.Owner = kind, owner
		return o
	}
	gives := did(trace.OpChown, "/run/d/certs/1", trace.TypeRegular, www)
	sets := did(trace.OpChmod, "/run/d/certs/1", trace.TypeRegular, &trace.Owner{})
	looks := did(trace.OpStat, "/run/d/certs", trace.TypeDirectory, www)
	for _, c := range []struct {
		name string
		list []trace.Observation
		want bool
	}{
		{"gives it away first", []trace.Observation{gives, sets, looks, looks}, true},
		{"sets no mode", []trace.Observation{gives, looks}, false},
		{"gives nothing away", []trace.Observation{sets, looks}, false},
		{"gives away to another", []trace.Observation{did(trace.OpChown, "/run/d/x", trace.TypeRegular, &trace.Owner{UID: 7}), sets, looks}, false},
		{"looks at root's", []trace.Observation{gives, sets, did(trace.OpStat, "/run/d", trace.TypeDirectory, &trace.Owner{})}, false},
		{"looks at a file", []trace.Observation{gives, sets, did(trace.OpStat, "/run/d/1", trace.TypeRegular, www)}, false},
		{"looks elsewhere", []trace.Observation{gives, sets, did(trace.OpStat, "/etc/d", trace.TypeDirectory, www)}, false},
	} {
		list := firstStart(c.list, "x86_64")
		got := len(list) == 1 && said(&list[0]) == "CAP_FOWNER" && list[0].Actor == looks.Actor
		if got != c.want || !c.want && len(list) > 0 {
			t.Errorf("%s: %d observations, sets a mode %v, want %v", c.name, len(list), got, c.want)
		}
	}
}

// TestWhoKeepsFiles has a service make a file in a directory of its own, and elsewhere.
func TestWhoKeepsFiles(t *testing.T) {
	makes := func(name string, parent *trace.Owner) trace.Observation {
		o := ok(file(trace.OpCreate, name))
		o.File.Parent = parent
		return o
	}
	for _, c := range []struct {
		name string
		list []trace.Observation
		want string
	}{
		{"its own", []trace.Observation{makes("/var/lib/d/1", &trace.Owner{}), makes("/var/lib/d/2", &trace.Owner{})},
			"mkdir() rename() unlink() ftruncate() fallocate() fsync()"},
		{"another's", []trace.Observation{makes("/var/lib/d/1", &trace.Owner{UID: 33})}, ""},
		{"the system's", []trace.Observation{makes("/run/lock/d", &trace.Owner{})}, ""},
		{"of nobody in particular", []trace.Observation{makes("/etc/d/1", &trace.Owner{})}, ""},
	} {
		var got []string
		for _, o := range firstStart(c.list, "x86_64") {
			got = append(got, said(&o))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestFirstStartOfScripts has a script look for a directory, and a program keep something
// in it.
func TestFirstStartOfScripts(t *testing.T) {
	looks := func(exe, name string, uid uint32) trace.Observation {
		o := ok(file(trace.OpStat, name))
		o.Actor.Exe = trace.Path(exe)
		o.File.Type, o.File.Owner, o.File.Parent = trace.TypeDirectory, &trace.Owner{UID: uid, Mode: 0o755}, &trace.Owner{Mode: 0o755}
		return o
	}
	keeps := ok(file(trace.OpBind, "/run/d/socket"))
	made := "mkdir() mkdir"
	for _, c := range []struct {
		name string
		list []trace.Observation
		want string
	}{
		{"root's", []trace.Observation{looks("/usr/bin/dash", "/run/d", 0), keeps}, made},
		{"another's", []trace.Observation{looks("/usr/bin/dash", "/run/d", 33), keeps}, made + " chown CAP_CHOWN chown() fchown()"},
		{"no script", []trace.Observation{looks("/usr/sbin/d", "/run/d", 33), keeps}, ""},
		{"nothing of its own", []trace.Observation{looks("/usr/bin/dash", "/run/d", 33)}, ""},
		{"the system's", []trace.Observation{looks("/usr/bin/dash", "/run/lock", 0), ok(file(trace.OpCreate, "/run/lock/d"))}, ""},
		{"what a boot leaves", []trace.Observation{looks("/usr/bin/dash", "/var/lib/d", 0), ok(file(trace.OpBind, "/var/lib/d/socket"))}, ""},
	} {
		var got []string
		for _, o := range firstStart(c.list, "x86_64") {
			got = append(got, said(&o))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func said(o *trace.Observation) string {
	switch o.Kind {
	case trace.KindFile:
		return string(o.File.Op)
	case trace.KindCapability:
		return o.Capability.Name
	case trace.KindSyscall:
		return o.Syscall.Name + "()"
	}
	return fmt.Sprint(o.Kind)
}

// TestFirstStartIsKept has a service that finds its directory made, and nothing else
// in the trace that would open what is needed to make it.
func TestFirstStartIsKept(t *testing.T) {
	www, root := &trace.Owner{UID: 33, GID: 33, Mode: 0o700}, &trace.Owner{Mode: 0o755}
	tr := &trace.Trace{Observations: []trace.Observation{mkdirAgain("/var/cache/d", 0, www, root)}}
	e := NewEvidence(tr, target(t, "252"), Standard, NewModel())
	c, done := e.writable(trace.Setting{Name: "ProtectSystem", Value: "strict"})
	want := settings("ProtectSystem=strict\nReadWritePaths=/var/cache")
	if diff := cmp.Diff(want, c.Settings); !done || diff != "" {
		t.Errorf("file system: %v %s", done, diff)
	}
	if needed, _ := e.capabilitiesNeeded(); !needed["CAP_CHOWN"] {
		t.Errorf("capabilities: %v, want CAP_CHOWN", needed)
	}
	if needed, _ := e.callsNeeded(); !needed["lchown"] || !needed["fchown"] {
		t.Error("system calls: want chown and those that stand in for it")
	}
}
