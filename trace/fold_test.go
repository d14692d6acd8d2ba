// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bigTrace has more observations than are told apart: files that were made in two
// directories, and others read in /proc.
func bigTrace(t *testing.T, files int) (*Trace, []byte) {
	t.Helper()
	tr := &Trace{Header: sample().Header}
	for i := range files {
		o := Observation{Kind: KindFile, Actor: Actor{Exe: "/usr/sbin/d", Phase: PhaseService}, Outcome: OutcomeOK, Count: 2}
		o.File = &File{Op: OpCreate, Type: TypeRegular, Path: Path(fmt.Sprintf("/opt/%d/%d", i%2, i)), Owner: &Owner{Mode: 0o600}}
		if i%5 == 0 {
			o.File = &File{Op: OpRead, Type: TypeRegular, Path: Path(fmt.Sprintf("/proc/sys/%d", i))}
		}
		tr.Observations = append(tr.Observations, o)
	}
	var text bytes.Buffer
	if err := Write(&text, tr); err != nil {
		t.Fatal(err)
	}
	return tr, text.Bytes()
}

func TestReadFolded(t *testing.T) {
	const files = 2 * manyObservations
	whole, text := bigTrace(t, files)
	folded, err := ReadFolded(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	names, counts := map[string]int{}, uint64(0)
	for _, o := range folded.Observations {
		counts += o.Count
		if o.File.Folded {
			names[string(o.File.Path)]++
		}
	}
	if diff := cmp.Diff(map[string]int{"/opt/1/*": 1}, names); diff != "" {
		t.Error(diff)
	}
	if want := uint64(2 * len(whole.Observations)); counts != want {
		t.Errorf("counts add up to %d, want %d", counts, want)
	}
	// The first are all there, and those in /proc, which come last.
	if got, want := len(folded.Observations), manyObservations+namesKept+1+files/5; got != want {
		t.Errorf("%d observations are left, want %d", got, want)
	}
}

func TestReadFoldedOfFew(t *testing.T) {
	_, text := bigTrace(t, 500)
	whole, err := Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	folded, err := ReadFolded(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, folded, cmp.AllowUnexported(Observation{}, Header{}, Unit{})); diff != "" {
		t.Error(diff)
	}
}
