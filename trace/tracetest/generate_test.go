// SPDX-License-Identifier: Apache-2.0

package tracetest

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sbxprof/sbxprof/trace"
)

func encode(tb testing.TB, t *trace.Trace) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := trace.Write(&b, t); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestGenerate(t *testing.T) {
	generated := Generate(5000, 1)
	if !bytes.Equal(encode(t, generated), encode(t, Generate(5000, 1))) {
		t.Error("the same seed gives another trace")
	}
	if bytes.Equal(encode(t, generated), encode(t, Generate(5000, 2))) {
		t.Error("another seed gives the same trace")
	}
	if why := generated.Incomplete(); len(why) > 0 {
		t.Errorf("it is incomplete: %q", why)
	}
	keys := map[string]bool{}
	for i := range generated.Observations {
		keys[generated.Observations[i].Key()] = true
	}
	if len(generated.Observations) != 5000 || len(keys) != 5000 {
		t.Errorf("%d observations, %d different ones", len(generated.Observations), len(keys))
	}
	read, err := trace.Read(bytes.NewReader(encode(t, generated)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(generated, read, cmpopts.IgnoreUnexported(trace.Header{}, trace.Observation{})); diff != "" {
		t.Errorf("(-generated +read):\n%s", diff)
	}
}

func BenchmarkRead(b *testing.B) {
	text := encode(b, Generate(100_000, 1))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := trace.Read(bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/observation")
}

// BenchmarkReader reads without keeping.
func BenchmarkReader(b *testing.B) {
	text := encode(b, Generate(100_000, 1))
	b.ReportAllocs()
	for b.Loop() {
		reader, err := trace.NewReader(bytes.NewReader(text))
		if err != nil {
			b.Fatal(err)
		}
		var o trace.Observation
		for err == nil {
			err = reader.Next(&o)
		}
		reader.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/observation")
}

func BenchmarkWrite(b *testing.B) {
	t := Generate(100_000, 1)
	b.ReportAllocs()
	for b.Loop() {
		encode(b, t)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/observation")
}

func BenchmarkMerge(b *testing.B) {
	t, other := Generate(50_000, 1), Generate(50_000, 2)
	other.Header.Run = "OTHER"
	b.ReportAllocs()
	for b.Loop() {
		trace.Merge(t, other)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/observation")
}
