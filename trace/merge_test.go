// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// runsOf draws training runs with few distinct observations, so that they have
// many in common.
func runsOf(t *rapid.T, n int) []*Trace {
	var runs []*Trace
	for i := range n {
		tr := &Trace{Header: sampleHeader()}
		tr.Header.Run = fmt.Sprintf("RUN%d", i)
		tr.Header.Begin = noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "begin")) * time.Hour)
		tr.Header.End = tr.Header.Begin.Add(time.Hour)
		tr.Header.Starts = rapid.IntRange(0, 2).Draw(t, "starts")
		tr.Header.Checkpoint = rapid.Bool().Draw(t, "checkpoint")
		tr.Header.Losses[0].Count = rapid.Uint64Range(0, 5).Draw(t, "lost")
		tr.Header.Unit.Commands[1].Runs = rapid.IntRange(0, 2).Draw(t, "reloads")
		tr.Header.Unit.Settings[0].Value = fmt.Sprint("user", i)
		if rapid.Bool().Draw(t, "blind") {
			tr.Header.Sources[0].Missing = "no"
		}
		for range rapid.IntRange(0, 6).Draw(t, "observations") {
			tr.Observations = append(tr.Observations, anObservation(t))
		}
		// A recorder writes each observation once.
		tr.Observations = Merge(tr, &Trace{}).Observations
		runs = append(runs, tr)
	}
	return runs
}

func anObservation(t *rapid.T) Observation {
	o := sampleObservations()[rapid.IntRange(1, 2).Draw(t, "kind")]
	o.Outcome = Outcome(rapid.SampledFrom([]string{"ok", "EPERM"}).Draw(t, "outcome"))
	o.Count = rapid.Uint64Range(1, 9).Draw(t, "count")
	o.First = noon.Add(time.Duration(rapid.IntRange(-9, 0).Draw(t, "first")) * time.Second)
	o.Last = noon.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "last")) * time.Second)
	if o.Example = nil; rapid.Bool().Draw(t, "example") {
		o.Example = &Example{PID: rapid.Uint32Range(1, 9).Draw(t, "pid")}
	}
	if o.Capability != nil {
		o.Capability.Stack = rapid.SampledFrom([][]string{nil, {"a"}, {"b", "c"}}).Draw(t, "stack")
	}
	return o
}

func mustEqual(t *rapid.T, what string, a, b *Trace) {
	if diff := cmp.Diff(a, b, exact); diff != "" {
		t.Fatalf("%s:\n%s", what, diff)
	}
}

func TestMergeIsASetUnion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runs := runsOf(t, 3)
		a, b, c := runs[0], runs[1], runs[2]
		all := Merge(a, b, c)
		mustEqual(t, "not associative", all, Merge(Merge(a, b), c))
		mustEqual(t, "not associative", all, Merge(a, Merge(b, c)))
		mustEqual(t, "not commutative", all, Merge(c, a, b))
		mustEqual(t, "not commutative", Merge(a, b), Merge(b, a))
		mustEqual(t, "not idempotent", a, Merge(a, a))
		mustEqual(t, "not idempotent", all, Merge(all, all))
		mustEqual(t, "a run counted twice", all, Merge(all, b))
		mustEqual(t, "a run counted twice", all, Merge(a, b, a, c, c))
		for _, run := range runs {
			if d := Compare(run, all); len(d.OnlyA) > 0 {
				t.Fatalf("the union lacks %v", d.OnlyA)
			}
		}
		if d := Compare(Merge(Merge(a, b), Merge(b, c)), all); len(d.OnlyA)+len(d.OnlyB) > 0 {
			t.Fatalf("merged in part twice: %v", d)
		}
	})
}

// TestMergeSurvivesTheFile holds that a merged trace is the same after it was
// written and read.
func TestMergeSurvivesTheFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runs := runsOf(t, 3)
		merged := Merge(runs[0], runs[1])
		var b strings.Builder
		if err := Write(&b, merged); err != nil {
			t.Fatal(err)
		}
		again, err := Read(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		mustEqual(t, "not the same", Merge(runs...), Merge(again, runs[2]))
	})
}

func TestMergeAddsUp(t *testing.T) {
	a, b := sample(), sample()
	b.Header.Run = "RUN2"
	b.Header.Begin, b.Header.End = noon.Add(time.Hour), noon.Add(3*time.Hour)
	b.Header.Unit.Settings = []Setting{{Name: "User", Value: "new"}}
	b.Header.Unit.Users = map[uint32]string{33: "renamed", 34: "other"}
	b.Header.Unit.Commands = append(b.Header.Unit.Commands[:1:1], Command{Line: "ExecStop", Argv: []string{"/bin/x"}})
	b.Header.Unit.Commands[0].Program = "" // it did not run
	b.Header.Peaks = &Peaks{Tasks: 3, Memory: 5 << 20}
	b.Header.OpenAtBegin = []Path{"/var/a", "/var/log/web.log"}
	b.Header.Losses[0].Count = 2
	b.Observations[0].First = noon.Add(-time.Hour)
	h := Merge(b, a).Header
	want := Header{
		Format: Format, Version: MajorVersion, Recorder: "sbxprof 0.1.0", Host: a.Header.Host,
		Begin: noon, End: noon.Add(3 * time.Hour), Starts: 2, Uncounted: 8, Merged: 2,
		Losses:      []Loss{{Reason: "ring_full", Count: 2, Hides: "names of files"}},
		Sources:     []Source{a.Header.Sources[1], a.Header.Sources[0]},
		Peaks:       &Peaks{Tasks: 7, Memory: 5 << 20, OpenFiles: 30},
		OpenAtBegin: []Path{"/var/a", "/var/log/web.log", "/var/\xff\n"},
		Mentions:    a.Header.Mentions,
		Names:       b.Header.Names,
		Runs:        []Header{a.Header, b.Header},
		Unit:        b.Header.Unit,
	}
	want.Unit.Users = map[uint32]string{33: "renamed", 34: "other"}
	want.Unit.Commands = []Command{{Line: "ExecStart", Argv: []string{"/usr/sbin/web", "-D"}, Program: "/usr/sbin/web2", Runs: 2}, b.Header.Unit.Commands[1]}
	if diff := cmp.Diff(want, h, exact); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	o := Merge(a, b).Observations[0]
	if o.Count != 6 || !o.First.Equal(noon.Add(-time.Hour)) || !o.Last.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", o)
	}
}

// TestMergeTakesTheWholeTrace holds that of two files of one run the better one
// counts.
func TestMergeTakesTheWholeTrace(t *testing.T) {
	whole, checkpoint, cut := sample(), sample(), sample()
	checkpoint.Header.Checkpoint = true
	checkpoint.Header.End = noon.Add(time.Minute)
	checkpoint.Observations[0].Count = 1
	cut.Truncated = true
	cut.Observations = cut.Observations[:2]
	for _, traces := range [][]*Trace{{whole, checkpoint}, {checkpoint, whole}, {cut, whole}, {whole, cut, checkpoint}} {
		if diff := cmp.Diff(whole, Merge(traces...), exact); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if why := Merge(cut, checkpoint).Incomplete(); len(why) != 1 || !strings.Contains(why[0], "truncated") {
		t.Errorf("Incomplete() = %q", why)
	}
}

func TestMergeWithoutRunIDs(t *testing.T) {
	a, b := sample(), sample()
	a.Header.Run, b.Header.Run = "", ""
	if got := Merge(a, b); got.Observations[0].Count != 3 || got.Header.Merged != 0 {
		t.Errorf("two copies of a trace: %d × in %d runs", got.Observations[0].Count, got.Header.Merged)
	}
	b.Header.Begin = b.Header.Begin.Add(time.Second)
	if got := Merge(a, b); got.Observations[0].Count != 6 || got.Header.Merged != 2 {
		t.Errorf("two traces: %d × in %d runs", got.Observations[0].Count, got.Header.Merged)
	}
}

func TestMergeKeepsSettingsOverAnImport(t *testing.T) {
	recorded, imported := sample(), &Trace{Header: Header{Run: "IMPORT", Begin: noon.Add(time.Hour), End: noon.Add(2 * time.Hour)}}
	h := Merge(recorded, imported).Header
	if diff := cmp.Diff(recorded.Header.Unit, h.Unit); diff != "" {
		t.Errorf("unit (-want +got):\n%s", diff)
	}
	if h.Host != recorded.Header.Host {
		t.Errorf("host %+v", h.Host)
	}
}

func TestMergeOfNothing(t *testing.T) {
	if got := Merge(); got.Header.Format != Format || len(got.Observations) != 0 {
		t.Errorf("%+v", got)
	}
	if one := sample(); Merge(one) != one {
		t.Error("one trace is not returned as it is")
	}
}

func TestCountsDoNotStartOver(t *testing.T) {
	a, b := sample(), sample()
	b.Header.Run = "RUN2"
	a.Observations[0].Count = ^uint64(0) - 1
	if got := Merge(a, b).Observations[0].Count; got != ^uint64(0) {
		t.Errorf("%d", got)
	}
}

// TestAddKeepsTheDescription adds observations of the same fact, of which some know
// what the file is: in whatever order, one description is kept.
func TestAddKeepsTheDescription(t *testing.T) {
	file := func(typ FileType, uid uint32) Observation {
		f := &File{Path: "/a", Op: OpChmod, Type: typ}
		if typ != "" {
			f.Owner = &Owner{UID: uid}
		}
		return Observation{Kind: KindFile, File: f, Count: 1}
	}
	gone, roots, other := file("", 0), file(TypeRegular, 0), file(TypeRegular, 33)
	for _, order := range [][]Observation{{gone, roots, other}, {other, gone, roots}, {roots, other, gone}} {
		sum := order[0]
		sum.Add(&order[1])
		sum.Add(&order[2])
		if sum.Count != 3 || sum.File.Owner == nil || sum.File.Owner.UID != 33 {
			t.Errorf("the sum is %d times %+v", sum.Count, sum.File)
		}
	}
}
