// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// evidenceFor is what a trace of a unit with those settings tells.
func evidenceFor(t *testing.T, version, unit string, observations ...trace.Observation) *Evidence {
	t.Helper()
	tr := &trace.Trace{Observations: observations}
	tr.Header.Unit.Settings = settings(unit)
	tr.Header.Unit.Commands = []trace.Command{{Line: "ExecStart", Argv: []string{"/usr/sbin/daemon"}}, {Line: "ExecStop", Argv: []string{"/opt/tool/stop"}, Prefix: "+"}}
	e := NewEvidence(tr, target(t, version), Standard, NewModel())
	e.AllowList = true
	return e
}

// shared are observations in n places of one directory.
func shared(n int) []trace.Observation {
	var list []trace.Observation
	for i := range n {
		list = append(list, file(trace.OpRead, fmt.Sprintf("/var/lib/%d/x", i)))
	}
	return list
}

func dirs(op trace.FileOp, path string) trace.Observation {
	o := file(op, path)
	o.File.Type = trace.TypeDirectory
	return o
}

// TestAllowList has for every rule the words that a line has, and those that it has
// not.
func TestAllowList(t *testing.T) {
	absent := failed(file(trace.OpRead, "/srv/a/b"), enoent)
	absent.Actor.UID = 33 // root gets into what is out of reach, and finds nothing there
	moved := file(trace.OpRenameTo, "/srv/a/new")
	moved.File.Peer = "/srv/b/old"
	for _, test := range []struct {
		name, unit string
		o          []trace.Observation
		has, not   []string
	}{
		{"nothing used", "", nil,
			[]string{"InaccessiblePaths=-/var/lib", "InaccessiblePaths=-/etc/ssh", "NoExecPaths=/", "ExecPaths=-/usr/sbin", "ExecPaths=-/usr/lib"},
			[]string{"TemporaryFileSystem=", "BindPaths=", "ExecPaths=-/usr/bin", "ExecPaths=-/opt/tool"}},
		{"read", "", []trace.Observation{file(trace.OpRead, "/var/lib/a/b/c")},
			[]string{"TemporaryFileSystem=/var/lib:ro", "BindReadOnlyPaths=-/var/lib/a/b"}, []string{"BindPaths=", "InaccessiblePaths=-/var/lib", "BindReadOnlyPaths=-/var/lib/a"}},
		{"written", "", []trace.Observation{file(trace.OpWrite, "/srv/a/b")}, []string{"TemporaryFileSystem=/srv:ro", "BindPaths=-/srv/a"}, []string{"BindReadOnlyPaths=", "ReadWritePaths="}},
		{"read and written", "", []trace.Observation{file(trace.OpRead, "/srv/a/x"), file(trace.OpCreate, "/srv/a/b")}, []string{"BindPaths=-/srv/a"}, []string{"BindReadOnlyPaths="}},
		{"written elsewhere", "", []trace.Observation{file(trace.OpWrite, "/data/a/b")}, []string{"ReadWritePaths=-/data/a", "InaccessiblePaths=-/srv"}, []string{"BindPaths="}},
		{"not found is no use", "", []trace.Observation{absent}, []string{"TemporaryFileSystem=/srv:ro"}, []string{"BindReadOnlyPaths="}},
		{"a file in the directory itself", "", []trace.Observation{file(trace.OpWrite, "/var/log/a.log")}, []string{"ReadWritePaths=/var/log"}, []string{"InaccessiblePaths=-/var/log", "TemporaryFileSystem=/var/log:ro"}},
		{"its directory is there", "", []trace.Observation{failed(dirs(trace.OpMkdir, "/srv"), "EEXIST")}, []string{"InaccessiblePaths=-/srv"}, []string{"ReadWritePaths="}},
		{"a directory that a first start makes", "", []trace.Observation{failed(dirs(trace.OpMkdir, "/srv/a"), "EEXIST"), file(trace.OpCreate, "/srv/a/b")}, []string{"ReadWritePaths=-/srv", "InaccessiblePaths=-/opt"}, []string{"TemporaryFileSystem=/srv:ro", "BindPaths="}},
		{"the directory is listed", "", []trace.Observation{dirs(trace.OpList, "/srv")}, nil, []string{"InaccessiblePaths=-/srv", "TemporaryFileSystem=/srv:ro"}},
		{"a few places", "", shared(maxPutBack), []string{"TemporaryFileSystem=/var/lib:ro", "BindReadOnlyPaths=-/var/lib/0"}, nil},
		{"too many places", "", shared(maxPutBack + 1), []string{"ProtectSystem=strict"}, []string{"TemporaryFileSystem=/var/lib:ro", "BindReadOnlyPaths=", "InaccessiblePaths=-/var/lib"}},
		{"a name with a version", "", []trace.Observation{file(trace.OpRead, "/opt/app-1.2/x")}, []string{"InaccessiblePaths=-/srv"}, []string{"BindReadOnlyPaths=", "TemporaryFileSystem=/opt:ro", "InaccessiblePaths=-/opt"}},
		{"a name that is made up", "", []trace.Observation{file(trace.OpRead, "/srv/job-kW3x0Q/x")}, []string{"InaccessiblePaths=-/opt"}, []string{"BindReadOnlyPaths=", "TemporaryFileSystem=/srv:ro", "InaccessiblePaths=-/srv"}},
		{"of a name that cannot be written", "", []trace.Observation{file(trace.OpCreate, "/srv/a\nb/c")}, []string{"ReadWritePaths=-/srv"}, []string{"TemporaryFileSystem=/srv:ro"}},
		{"renamed across", "", []trace.Observation{moved}, []string{"ReadWritePaths=-/srv"}, []string{"TemporaryFileSystem=/srv:ro", "InaccessiblePaths=-/srv"}},
		{"a secret that is read", "", []trace.Observation{file(trace.OpRead, "/etc/ssh/key")}, []string{"InaccessiblePaths=-/etc/shadow"}, []string{"InaccessiblePaths=-/etc/ssh"}},
		{"systemd's directory", "StateDirectory=a", []trace.Observation{file(trace.OpRead, "/var/lib/a/x"), file(trace.OpWrite, "/var/lib/a/y")}, []string{"TemporaryFileSystem=/var/lib:ro"}, []string{"BindPaths=", "BindReadOnlyPaths="}},
		{"executed", "", []trace.Observation{file(trace.OpExecute, "/srv/app/bin/x")}, []string{"ExecPaths=-/srv/app/bin", "BindReadOnlyPaths=-/srv/app"}, nil},
		{"of a directory that cannot be written", "", []trace.Observation{by("/data/a\nb/x", file(trace.OpExecute, "/data/a\nb/x"))}, []string{"ExecPaths=-/data"}, nil},
		{"of one in the root", "", []trace.Observation{file(trace.OpExecute, "/a\nb/x")}, nil, []string{"ExecPaths=", "NoExecPaths="}},
		{"nowhere that is written to", "StateDirectory=a", []trace.Observation{file(trace.OpWrite, "/data/a/b")}, []string{"NoExecPaths=-/data/a", "NoExecPaths=-/var/lib/a", "NoExecPaths=-/tmp"}, nil},
		{"nowhere that is private", "StateDirectory=a\nDynamicUser=yes", nil, []string{"NoExecPaths=-/var/lib/private/a"}, []string{"NoExecPaths=-/var/lib/a"}},
		{"written to and executed", "", []trace.Observation{file(trace.OpWrite, "/data/a/b"), file(trace.OpExecute, "/data/a/b")}, []string{"ReadWritePaths=-/data/a", "ExecPaths=-/data/a"}, []string{"NoExecPaths=-/data/a"}},
		{"executed where it was made", "", []trace.Observation{dirs(trace.OpMkdir, "/data/a/b"), file(trace.OpExecute, "/data/a/b/x")},
			[]string{"ExecPaths=-/data/a"}, []string{"ExecPaths=-/data/a/b"}},
		{"a library", "", []trace.Observation{file(trace.OpMapExec, "/usr/local/lib/x.so")}, []string{"ExecPaths=-/usr/local/lib"}, nil},
		{"a hostile name", "", []trace.Observation{file(trace.OpWrite, "/srv/a\nExecStart=/x/y")}, nil, []string{"BindPaths=", "TemporaryFileSystem="}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := evidenceFor(t, "252", test.unit, test.o...)
			chosen := firstThatDeniesNothing(e)
			for _, want := range test.has {
				if !hasWord(chosen, want) {
					t.Errorf("missing %s in %q", want, chosen)
				}
			}
			for _, no := range test.not {
				if hasWord(chosen, no) {
					t.Errorf("there is %s in %q", no, chosen)
				}
			}
		})
	}
}

// firstThatDeniesNothing is what a suggestion takes.
func firstThatDeniesNothing(e *Evidence) []trace.Setting {
	for _, c := range proposeFileSystem(e) {
		if len(e.Violations(c.Settings, 1)) == 0 {
			return c.Settings
		}
	}
	return nil
}

// hasWord tells whether a setting has a word among its own; any for "Name=".
func hasWord(list []trace.Setting, line string) bool {
	name, word, _ := strings.Cut(line, "=")
	return slices.ContainsFunc(list, func(s trace.Setting) bool {
		return s.Name == name && (word == "" || slices.Contains(strings.Fields(s.Value), word))
	})
}

// TestAllowListOfTarget: what a target does not know is not suggested to it.
func TestAllowListOfTarget(t *testing.T) {
	read := file(trace.OpRead, "/var/lib/a/b")
	for _, test := range []struct {
		version, unit string
		has, not      string
	}{
		{"237", "", "ProtectSystem=strict", "TemporaryFileSystem="},
		{"238", "", "TemporaryFileSystem=", "NoExecPaths="},
		{"252", "", "NoExecPaths=/", "BindPaths="},
		{"249", "DynamicUser=yes\nStateDirectory=a", "InaccessiblePaths=-/srv", "TemporaryFileSystem="},
		{"250", "DynamicUser=yes\nStateDirectory=a", "TemporaryFileSystem=/var/lib:ro", "BindPaths="},
	} {
		chosen := firstThatDeniesNothing(evidenceFor(t, test.version, test.unit, read))
		if !hasWord(chosen, test.has) || hasWord(chosen, test.not) {
			t.Errorf("systemd %s, %q: %q, want %s and no %s", test.version, test.unit, chosen, test.has, test.not)
		}
	}
}

// Without being asked for, or the level strict, there is none.
func TestAllowListOnlyWhenAskedFor(t *testing.T) {
	e := evidenceFor(t, "252", "")
	for _, test := range []struct {
		asked bool
		level Level
		want  bool
	}{{true, Standard, true}, {false, Strict, true}, {false, Standard, false}} {
		e.AllowList, e.Level = test.asked, test.level
		if got := hasWord(firstThatDeniesNothing(e), "NoExecPaths=/"); got != test.want {
			t.Errorf("asked for: %v, level %d: %v, want %v", test.asked, test.level, got, test.want)
		}
	}
}

// TestAllowListSaysHowMuchIsLeft counts what is visible of the directories of others.
func TestAllowListSaysHowMuchIsLeft(t *testing.T) {
	two := []trace.NameCount{{Directory: "/var/lib", Names: 57}, {Directory: "/srv", Names: 3}}
	read := func(name string) trace.Observation { return file(trace.OpRead, name) }
	for _, test := range []struct {
		unit  string
		names []trace.NameCount
		o     []trace.Observation
		want  string
	}{
		{"", nil, nil, ""},
		{"", []trace.NameCount{{Directory: "/var/lib", Names: 57}, {Directory: "/usr", Names: 9}}, nil, "Visible are 0 of the 57 names"},
		{"", two, []trace.Observation{read("/var/lib/a/b")}, "Visible are 1 of the 60 names"},
		{"", two, []trace.Observation{read("/var/lib/a/b/f"), read("/var/lib/a/c/f")}, "Visible are 1 of the 60 names"},
		{"", two, []trace.Observation{dirs(trace.OpList, "/srv")}, "Visible are 3 of the 60 names"},
		{"StateDirectory=d e/f", two, []trace.Observation{read("/var/lib/a/b")}, "Visible are 3 of the 60 names"},
		{"StateDirectory=d\nDynamicUser=yes", two, []trace.Observation{read("/var/lib/private/d/f")}, "Visible are 1 of the 60 names"},
		{"StateDirectory=a", two, []trace.Observation{read("/var/lib/a/b")}, "Visible are 1 of the 60 names"},
		{"RuntimeDirectory=a\nStateDirectory=d", two, []trace.Observation{dirs(trace.OpList, "/var/lib")}, "Visible are 57 of the 60 names"},
	} {
		e := evidenceFor(t, "252", test.unit, test.o...)
		e.Trace.Header.Names = test.names
		c, ok := e.allowList()
		if !ok || len(c.Notes) != 1 || !strings.Contains(c.Notes[0], test.want) || strings.Contains(c.Notes[0], "Visible") != (len(test.names) > 0) {
			t.Errorf("%q, %v: %q, want %s", test.unit, test.names, c.Notes, test.want)
		}
	}
}
