// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/zstd"
)

// exact compares traces with all they hold, unknown fields too.
var exact = cmp.Options{cmp.AllowUnexported(Header{}, Observation{})}

func encode(t testing.TB, tr *Trace) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, tr); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func compress(t testing.TB, text []byte) []byte {
	t.Helper()
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return encoder.EncodeAll(text, nil)
}

func TestRoundTrip(t *testing.T) {
	want := sample()
	text := encode(t, want)
	for name, file := range map[string][]byte{"plain": text, "compressed": compress(t, text)} {
		got, err := Read(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got, exact); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRoundTripOfTheZeroTrace(t *testing.T) {
	got, err := Read(bytes.NewReader(encode(t, &Trace{})))
	if err != nil {
		t.Fatal(err)
	}
	want := &Trace{Header: Header{Format: Format, Version: MajorVersion}, Observations: []Observation{}}
	if diff := cmp.Diff(want, got, exact); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCutAnywhere cuts a file after every byte. What can be read is what was
// there before the cut, and the reader says that there was one.
func TestCutAnywhere(t *testing.T) {
	want := sample()
	text := encode(t, want)
	headerEnd := bytes.IndexByte(text, '\n')
	for cut := range text {
		got, err := Read(bytes.NewReader(text[:cut]))
		if cut < headerEnd {
			if !errors.Is(err, ErrNotATrace) {
				t.Fatalf("cut at %d, in the header: error %v", cut, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		// A line that lacks nothing but its end is whole.
		whole := bytes.Count(text[:cut+1], []byte("\n")) - 1
		if diff := cmp.Diff(want.Observations[:whole], got.Observations, exact); diff != "" {
			t.Fatalf("cut at %d (-want +got):\n%s", cut, diff)
		}
		if lost := whole < len(want.Observations); got.Truncated != lost {
			t.Fatalf("cut at %d: Truncated = %v with %d of %d observations", cut, got.Truncated, whole, len(want.Observations))
		}
	}
}

func TestCutCompressed(t *testing.T) {
	tr := sample()
	for i := range 5000 {
		o := tr.Observations[2]
		file := *o.File
		file.Path = Path(fmt.Sprintf("/var/%d", i*i))
		o.File = &file
		tr.Observations = append(tr.Observations, o)
	}
	file := compress(t, encode(t, tr))
	got, err := Read(bytes.NewReader(file[:len(file)-10]))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Truncated || len(got.Observations) >= len(tr.Observations) {
		t.Errorf("Truncated = %v with %d of %d observations", got.Truncated, len(got.Observations), len(tr.Observations))
	}
	file[len(file)/2] ^= 0x55
	if _, err := Read(bytes.NewReader(file)); err == nil {
		t.Error("a damaged file is no error")
	}
}

// TestWrittenAsTruncated holds that a trace that lost its end says so when it is
// written again.
func TestWrittenAsTruncated(t *testing.T) {
	text := encode(t, sample())
	cut, err := Read(bytes.NewReader(text[:len(text)-5]))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Read(bytes.NewReader(encode(t, cut)))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(again.Incomplete(), "\n"), "truncated") {
		t.Errorf("Incomplete() = %q", again.Incomplete())
	}
}

func TestWhatIsNoTrace(t *testing.T) {
	noise := make([]byte, 4096)
	rand.New(rand.NewSource(1)).Read(noise)
	for name, text := range map[string]string{
		"empty": "", "a line": "\n", "text": "hello\nworld\n", "noise": string(noise), "JSON": `{"a":1}` + "\n", "a list": "[1]\n",
		"null": "null\n", "other format": `{"format":"else","version":1}` + "\n", "bad header": `{"format":"sbxprof-trace","version":1,"unit":7}` + "\n",
		"not UTF-8": "{\"format\":\"sbxprof-trace\",\"version\":1,\"recorder\":\"\xff\"}\n", "zstd's magic alone": "\x28\xb5\x2f\xfd",
		"endless line": strings.Repeat("x", maxLine+1), "ELF": "\x7fELF\x02\x01\x01\x00",
	} {
		if _, err := Read(strings.NewReader(text)); !errors.Is(err, ErrNotATrace) {
			t.Errorf("%s: error %v; want %v", name, err, ErrNotATrace)
		}
	}
}

func TestOtherVersions(t *testing.T) {
	for _, version := range []string{"0", "2", "-1", "99"} {
		_, err := Read(strings.NewReader(`{"format":"sbxprof-trace","version":` + version + `,"unit":[]}` + "\n"))
		if !errors.Is(err, ErrVersion) || !strings.Contains(err.Error(), "version "+version) {
			t.Errorf("version %s: error %v; want %v", version, err, ErrVersion)
		}
	}
}

func TestBadLines(t *testing.T) {
	header := `{"format":"sbxprof-trace","version":1}` + "\n"
	good := `{"kind":"io_uring","actor":{"exe":"/x","uid":0,"gid":0,"phase":"service"},"io_uring":{"op":"send","nr":1},"outcome":"ok","count":1,"first":"2026-03-01T12:00:00Z","last":"2026-03-01T12:00:00Z"}` + "\n"
	if _, err := Read(strings.NewReader(header + good + "\n" + good)); err != nil {
		t.Fatalf("good lines, and an empty one: %v", err)
	}
	for name, line := range map[string]string{
		"no JSON":        "nonsense",
		"a list":         "[]",
		"no kind":        "{}",
		"no fact":        strings.Replace(good, `"io_uring":{"op":"send","nr":1},`, "", 1),
		"another fact":   strings.Replace(good, `"outcome"`, `"move":{"cgroup":"/x"},"outcome"`, 1),
		"no count":       strings.Replace(good, `"count":1`, `"count":0`, 1),
		"negative":       strings.Replace(good, `"count":1`, `"count":-1`, 1),
		"a bad path":     strings.Replace(good, `"/x"`, `{"bytes":"%"}`, 1),
		"a bad time":     strings.Replace(good, `2026-03`, `2026-13`, 1),
		"not UTF-8":      strings.Replace(good, `"/x"`, "\"/\xff\"", 1),
		"number too big": strings.Replace(good, `"nr":1`, `"nr":256`, 1),
		"too long":       strings.Repeat(" ", maxLine+1),
		"two values":     strings.TrimSpace(good) + strings.TrimSpace(good),
	} {
		_, err := Read(strings.NewReader(header + good + strings.TrimSuffix(line, "\n") + "\n" + good))
		if err == nil || !strings.Contains(err.Error(), "line 3") || errors.Is(err, ErrNotATrace) {
			t.Errorf("%s: error %v; want one about line 3", name, err)
		}
	}
}

func TestReadFileNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.trace")
	if _, err := ReadFile(path); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); !errors.Is(err, ErrNotATrace) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("another file: %v", err)
	}
}

func TestReaderStreams(t *testing.T) {
	want := sample()
	reader, err := NewReader(bytes.NewReader(encode(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if diff := cmp.Diff(want.Header, reader.Header(), exact, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	var o Observation
	for i := range want.Observations {
		if err := reader.Next(&o); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Observations[i], o, exact); diff != "" {
			t.Errorf("observation %d (-want +got):\n%s", i, diff)
		}
	}
	if err := reader.Next(&o); !errors.Is(err, io.EOF) || reader.Truncated() {
		t.Errorf("at the end: %v, truncated %v", err, reader.Truncated())
	}
}
