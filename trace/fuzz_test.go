// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRead reads anything. What is read can be written, and read again as the
// same.
func FuzzRead(f *testing.F) {
	text := encode(f, sample())
	f.Add(text)
	f.Add(compress(f, text))
	f.Add(text[:len(text)-20])
	f.Add(encode(f, Merge(sample(), &Trace{})))
	f.Add([]byte(`{"format":"sbxprof-trace","version":2}`))
	f.Add([]byte(`{"format":"sbxprof-trace","version":1,"x":{"y":[1]},"peaks":{"z":null}}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		first.Incomplete()
		first.Coverage()
		written := encode(t, first)
		second, err := Read(bytes.NewReader(written))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, written)
		}
		if again := encode(t, second); !bytes.Equal(written, again) {
			t.Fatalf("another trace after a round:\n%s\n%s", written, again)
		}
		if d := Compare(first, second); len(d.OnlyA)+len(d.OnlyB) > 0 {
			t.Fatalf("other observations after a round: %v", d)
		}
	})
}

// FuzzObservation compares the two ways to decode a line.
func FuzzObservation(f *testing.F) {
	for i := range sampleObservations() {
		line, err := encodeObservation(&sampleObservations()[i])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	plain := sampleObservations()[2]
	plain.File = &File{Path: "/var/lib/ä/b", Op: OpRead, Owner: &Owner{UID: 1, GID: 2, Mode: 3}}
	line, err := encodeObservation(&plain)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line)
	f.Add(bytes.Replace(line, []byte(`"path"`), []byte(`"x":1,"path"`), 1))
	f.Add(bytes.Replace(line, []byte(`"outcome"`), []byte(`"file":{"path":"/twice"},"outcome"`), 1))
	f.Add(bytes.Replace(line, []byte(`"count":3`), []byte(`"count":03`), 1))
	f.Fuzz(func(t *testing.T, line []byte) {
		var want, got Observation
		wantErr := decodeObservation(line, &want)
		// The second time there is a template, if there can be one.
		var d decoder
		for range 2 {
			if err := d.observation(line, &got); (err == nil) != (wantErr == nil) {
				t.Fatalf("error %v; want %v", err, wantErr)
			}
			if wantErr != nil {
				continue
			}
			if diff := cmp.Diff(want, got, exact); diff != "" {
				t.Fatalf("(-full +template):\n%s", diff)
			}
		}
	})
}

// FuzzPath holds that any bytes survive as a path, and that any JSON that is read
// as one is one.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"", "/", "/ä\n\x00\xff", `{"bytes":"L/8="}`, `"\ud800"`, "null", `{"bytes":null}`, `<&>`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		roundTripPath(t, Path(b))
		var p Path
		if err := json.Unmarshal(b, &p); err == nil {
			roundTripPath(t, p)
		}
	})
}

func roundTripPath(t *testing.T, want Path) {
	t.Helper()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got := Path("before")
	if err := json.Unmarshal(text, &got); err != nil || got != want {
		t.Fatalf("%q became %q (%s): %v", want, got, text, err)
	}
}

// TestTemplatesAreUsed holds that what Write writes is read the short way, since
// both ways give the same otherwise.
func TestTemplatesAreUsed(t *testing.T) {
	var d decoder
	for _, o := range sampleObservations() {
		if o.File != nil {
			o.File.Path = "/var/lib/ä/b"
		}
		line, err := encodeObservation(&o)
		if err != nil {
			t.Fatal(err)
		}
		var got Observation
		if !d.fromTemplate(line, &got) {
			t.Errorf("not for %s", line)
		}
	}
	if len(d.templates) != len(Kinds()) {
		t.Errorf("%d templates for %d kinds", len(d.templates), len(Kinds()))
	}
}

func TestTemplatesAreBounded(t *testing.T) {
	d := decoder{templates: map[string]*Observation{}}
	for i := range maxTemplates {
		d.templates[string(rune(i))] = nil
	}
	line, err := encodeObservation(&sampleObservations()[0])
	if err != nil {
		t.Fatal(err)
	}
	var o Observation
	if err := d.observation(line, &o); err != nil || len(d.templates) != maxTemplates {
		t.Errorf("%v, %d templates", err, len(d.templates))
	}
	if diff := cmp.Diff(sampleObservations()[0], o, exact); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// endless is a reader of the same byte without end.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestEndlessLines(t *testing.T) {
	if _, err := Read(endless('{')); !errors.Is(err, ErrNotATrace) {
		t.Errorf("an endless header: %v", err)
	}
	header := `{"format":"sbxprof-trace","version":1}` + "\n"
	if _, err := Read(io.MultiReader(bytes.NewReader([]byte(header)), endless(' '))); !errors.Is(err, errLongLine) {
		t.Errorf("an endless line: %v", err)
	}
}
