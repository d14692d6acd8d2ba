// SPDX-License-Identifier: Apache-2.0

package record

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

// TestCheckpointsAreDue holds what the documentation says: a crash costs half a minute.
func TestCheckpointsAreDue(t *testing.T) {
	if defaultCheckpoint > 30*time.Second {
		t.Errorf("a checkpoint is written every %s", defaultCheckpoint)
	}
}

func TestCheckpointHasNames(t *testing.T) {
	var got []*trace.Trace
	full := errors.New("the disk is full")
	r := &run{options: Options{Checkpoint: func(c *trace.Trace) error {
		got = append(got, c)
		return full
	}}}
	one := &trace.Trace{Observations: []trace.Observation{{Kind: trace.KindMove}}} // by root
	if err := r.handOver([]*trace.Trace{one, {}}); !errors.Is(err, full) {
		t.Errorf("the error is %v, want that of the caller", err)
	}
	if len(got) != 2 {
		t.Fatalf("%d checkpoints, want 2", len(got))
	}
	if h := got[0].Header; !h.Checkpoint || h.Unit.Users[0] != "root" || h.Unit.Groups[0] != "root" {
		t.Errorf("the header %+v is no checkpoint's, or names nobody", h)
	}
	if h := got[1].Header; !h.Checkpoint || len(h.Unit.Users) != 0 {
		t.Errorf("the header %+v of an empty trace", h)
	}
}

// TestCheckpointHasMentions has a unit that changes what a line of /etc/passwd names.
func TestCheckpointHasMentions(t *testing.T) {
	file := func(op trace.FileOp, path trace.Path) trace.Observation {
		return trace.Observation{Kind: trace.KindFile, Actor: trace.Actor{Phase: trace.PhaseService},
			File: &trace.File{Op: op, Path: path, Type: trace.TypeRegular}}
	}
	var got trace.Header
	r := &run{options: Options{Checkpoint: func(c *trace.Trace) error {
		got = c.Header
		return nil
	}}}
	tr := &trace.Trace{Observations: []trace.Observation{file(trace.OpRead, "/etc/passwd"), file(trace.OpTruncate, "/usr/sbin/nologin")}}
	if err := r.handOver([]*trace.Trace{tr}); err != nil {
		t.Fatal(err)
	}
	if len(got.Mentions) == 0 || got.Mentions[0].Path != "/usr/sbin/nologin" || got.Mentions[0].File != "/etc/passwd" {
		t.Errorf("a checkpoint has the mentions %+v", got.Mentions)
	}
}

// TestNamesAreAskedForOnce has names that nobody would answer with.
func TestNamesAreAskedForOnce(t *testing.T) {
	n := names{users: map[uint32]string{0: "somebody", 1: ""}, groups: map[uint32]string{0: "some", 7: "more", 1: ""},
		members: map[uint32][]uint32{0: {7}}}
	tr := &trace.Trace{Observations: []trace.Observation{{Kind: trace.KindMove}, {Kind: trace.KindMove, Actor: trace.Actor{UID: 1, GID: 1}}}}
	n.add(tr)
	want := trace.Unit{Users: map[uint32]string{0: "somebody"}, Groups: map[uint32]string{0: "some", 7: "more"}, Members: map[uint32][]uint32{0: {7}}}
	if diff := cmp.Diff(want, tr.Header.Unit); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var asked names
	asked.add(tr)
	if u := tr.Header.Unit; u.Users[0] != "root" || asked.users[0] != "root" || asked.groups[0] != "root" {
		t.Errorf("nobody was asked: %+v", u)
	}
}

// TestFilesAreReadAgainWhenTheyChange has a file that says something else at the same
// time and with the same size, which is how to see that nobody looked again.
func TestFilesAreReadAgainWhenTheyChange(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "conf")
	begin := time.Now()
	says := func(text string, when time.Time) {
		t.Helper()
		if err := errors.Join(os.WriteFile(conf, []byte(text), 0o600), os.Chtimes(conf, when, when)); err != nil {
			t.Fatal(err)
		}
	}
	m := mentions{spellings: map[string]trace.Path{"/run/a.pid": "/run/a.pid"}, files: map[string]mentioning{}}
	says("/run/a.pid", begin)
	if got := m.in(conf); len(got) != 1 {
		t.Errorf("%+v, want one mention", got)
	}
	says("/run/b.pid", begin)
	if got := m.in(conf); len(got) != 1 {
		t.Error("it was looked at again though nothing seems to have changed")
	}
	says("/run/b.pid", begin.Add(time.Second))
	if got := m.in(conf); len(got) != 0 {
		t.Errorf("%+v, and the file has changed", got)
	}
}
