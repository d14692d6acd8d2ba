// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// synthetic is a trace of n observations, most of them files.
func synthetic(n int) *trace.Trace {
	t := &trace.Trace{Header: trace.Header{Starts: 1, Unit: trace.Unit{Name: "daemon.service"},
		Host: trace.Host{Systemd: "252", Kernel: "6.1.0", Arch: "x86_64"}}}
	actor := trace.Actor{Exe: "/usr/sbin/daemon", Line: "ExecStart", Phase: trace.PhaseService}
	for i := range n {
		o := trace.Observation{Kind: trace.KindFile, Actor: actor, Outcome: trace.OutcomeOK, Count: 1}
		o.File = &trace.File{Op: trace.OpCreate, Type: trace.TypeRegular, Path: trace.Path(fmt.Sprintf("/var/lib/daemon/%d/%d", i%1000, i))}
		if i%2 == 0 {
			o.File = &trace.File{Op: trace.OpRead, Type: trace.TypeRegular, Path: trace.Path(fmt.Sprintf("/usr/share/daemon/%d/%d", i%1000, i))}
		}
		t.Observations = append(t.Observations, o)
	}
	return t
}

// BenchmarkSuggest reads a trace from a file, as the program does, and suggests. MB is
// all memory that was had from the system, the writing of the file apart: run the
// largest alone for it.
func BenchmarkSuggest(b *testing.B) {
	for _, n := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "big.trace")
			if err := trace.WriteFile(file, synthetic(n), trace.WriteOptions{}); err != nil {
				b.Fatal(err)
			}
			debug.FreeOSMemory()
			b.ReportAllocs()
			peak := uint64(0)
			for b.Loop() {
				t, err := trace.ReadFileFolded(file)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := Suggest(t, Options{Level: directive.Standard}); err != nil {
					b.Fatal(err)
				}
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapSys-m.HeapReleased)
			}
			b.ReportMetric(float64(peak>>20), "MB")
		})
	}
}

// BenchmarkSuggestReal is of the saved traces of real services.
func BenchmarkSuggestReal(b *testing.B) {
	files, err := filepath.Glob("../testdata/traces/*.trace*")
	if err != nil || len(files) == 0 {
		b.Fatalf("no saved traces: %v", err)
	}
	for _, file := range files {
		b.Run(filepath.Base(file), func(b *testing.B) {
			t, err := trace.ReadFile(file)
			if err != nil {
				b.Fatal(err)
			}
			for _, level := range []directive.Level{directive.Standard, directive.Strict} {
				b.Run(fmt.Sprint("level ", level), func(b *testing.B) {
					for b.Loop() {
						if _, err := Suggest(t, Options{Level: level}); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}
