// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/cilium/ebpf"
)

func TestLosses(t *testing.T) {
	shrink := func(name string, to uint32) func(*ebpf.CollectionSpec) {
		return func(s *ebpf.CollectionSpec) { s.Maps[name].MaxEntries = to }
	}
	for _, tt := range []struct {
		reason string
		change func(*ebpf.CollectionSpec)
	}{
		{"ring_full", shrink(sbxMapEvents, uint32(os.Getpagesize()))},
		{"calls_full", shrink(sbxMapCalls, 4)},
		{"checks_full", shrink(sbxMapChecks, 1)},
		{"actors_full", shrink(sbxMapActors, 1)},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			w := startWatch(t, Options{}, tt.change)
			w.run("opens", t.TempDir(), "100", "1") // nobody reads meanwhile
			w.read().end()
			for _, l := range w.state.Losses {
				if l.Reason == tt.reason && l.Count > 0 && l.Hides != "" {
					return
				}
			}
			t.Errorf("%s is not among %+v", tt.reason, w.state.Losses)
		})
	}
}

// TestCgroupsFull fills the map of cgroups: what is not watched for that is counted.
func TestCgroupsFull(t *testing.T) {
	w := startWatch(t, Options{}, func(s *ebpf.CollectionSpec) { s.Maps[sbxMapCgroups].MaxEntries = 3 })
	for n := range 5 {
		mkCgroup(t, filepath.Join(w.dir, strconv.Itoa(n)))
	}
	w.read().end()
	if len(w.state.Losses) != 1 || w.state.Losses[0].Reason != "cgroups_full" {
		t.Errorf("the losses are %+v", w.state.Losses)
	}
}
