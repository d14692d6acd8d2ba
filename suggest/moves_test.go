// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// A line that only others read makes the service use nothing.
func TestMovesThatNobodyBringsAbout(t *testing.T) {
	pid := owned(trace.OpCreate, "/run/web.pid", roots644, roots755)
	byOthers := trace.Mention{Path: "/run/web.pid", File: "/etc/init.d/web", Line: 9, Text: "PID=/run/web.pid"}
	byItself := trace.Mention{Path: "/run/web.pid", File: "/etc/web.conf", Line: 1, Text: "pid /run/web.pid"}
	script := owned(trace.OpRead, "/etc/init.d/web", roots644, roots755)
	const step = "step: configure the service, and what else names it, to use /run/web/web.pid"
	for name, test := range map[string]struct {
		mentions []trace.Mention
		o        []trace.Observation
		has, not []string
	}{
		"others name it":        {[]trace.Mention{byOthers}, nil, []string{step, "step: in /etc/init.d/web:9"}, nil},
		"it names it":           {[]trace.Mention{byOthers, byItself}, nil, []string{"step: in /etc/web.conf:1"}, []string{step}},
		"its start script does": {[]trace.Mention{byOthers}, []trace.Observation{script}, []string{"step: in /etc/init.d/web:9"}, []string{step}},
	} {
		t.Run(name, func(t *testing.T) {
			tr := daemon(append([]trace.Observation{drops(), pid}, test.o...)...)
			tr.Header.Mentions = test.mentions
			checkIdentity(t, tr, Options{Drop: true, Level: directive.Standard}, test.has, test.not)
		})
	}
}

func TestEdits(t *testing.T) {
	h := daemon().Header
	h.Mentions = []trace.Mention{
		{Path: "/run/web.pid", File: "/etc/web.conf", Line: 3, Text: "pid /run/web.pid /run/web.pid.old /run/web.log"},
		{Path: "/run/web.log", File: "/etc/web.conf", Line: 3, Text: "pid /run/web.pid /run/web.pid.old /run/web.log"},
		{Path: "/run/web.pid", File: "/etc/web.conf", Line: 4, Text: "# /run/web.pid"},
		{Path: "/run/web.pid", As: "/run/$NAME.pid", File: "/etc/init.d/web", Line: 9, Text: `PID="/run/$NAME.pid"`},
		{Path: "/run/web.pid", File: "/usr/lib/systemd/system/web.service", Line: 2, Text: "PIDFile=/run/web.pid"},
		{Path: "/run/other", File: "/etc/web.conf", Line: 5, Text: "x /run/other"},
	}
	m := moves{"/run/web.pid": "/run/web/web.pid", "/run/web.log": "/run/web/web.log"}
	want := []Step{
		{Text: "in /etc/web.conf:3, name /run/web/web.pid instead of /run/web.pid", Why: "/run is not the service's to write", File: "/etc/web.conf", Line: 3,
			Old: "pid /run/web.pid /run/web.pid.old /run/web.log", New: "pid /run/web/web.pid /run/web.pid.old /run/web/web.log",
			Undo: []string{`sed -i '3s,/run/web/web\.pid,/run/web.pid,g' /etc/web.conf`, `sed -i '3s,/run/web/web\.log,/run/web.log,g' /etc/web.conf`}},
		{Text: "in /etc/init.d/web:9, name /run/web/web.pid instead of /run/$NAME.pid", Why: "it looks for /run/web.pid, which is there no longer", File: "/etc/init.d/web", Line: 9,
			Old: `PID="/run/$NAME.pid"`, New: `PID="/run/web/web.pid"`, Undo: []string{`sed -i '9s,/run/web/web\.pid,/run/$NAME.pid,g' /etc/init.d/web`}},
	}
	steps := m.edits(&h)
	if d := cmp.Diff(want, steps); d != "" {
		t.Error(d)
	}
	undoes(t, steps)
}

// undoes fails unless the commands of edits put their lines back.
func undoes(t *testing.T, steps []Step) {
	t.Helper()
	for _, s := range steps {
		file := filepath.Join(t.TempDir(), "file")
		text := strings.Repeat("\n", s.Line-1) + "\t" + s.New + " "
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, command := range s.Undo {
			if out, err := exec.Command("sh", "-c", strings.Replace(command, string(s.File), file, 1)).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v, %s", command, err, out)
			}
		}
		got, err := os.ReadFile(file)
		if want := strings.Replace(text, s.New, s.Old, 1); err != nil || string(got) != want {
			t.Errorf("undone it is %q (%v), want %q", got, err, want)
		}
	}
}
