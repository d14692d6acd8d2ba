// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// measured is what a real `systemd-analyze security --offline=yes` said of a unit.
type measured struct {
	level    string   // "9.6 UNSAFE"
	badness  []string // of each row, in the order of data/exposure.csv; "-" is not counted
	settings []trace.Setting
}

// readMeasured reads a file of units, each of them a line "== LEVEL", a line "rows
// BADNESS…" and its settings.
func readMeasured(t *testing.T, path string) []measured {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []measured
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if level, ok := strings.CutPrefix(line, "== "); ok {
			all = append(all, measured{level: level})
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		m := &all[len(all)-1]
		if rows, ok := strings.CutPrefix(line, "rows "); ok {
			m.badness = strings.Fields(rows)
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		m.settings = append(m.settings, trace.Setting{Name: name, Value: value})
	}
	return all
}

func TestExposureAgreesWithARealSystemd(t *testing.T) {
	path := os.Getenv("X")
	target := Target{Systemd: Version{Major: 252, Point: 38}, Features: ParseFeatures(bookwormFeatures), Kernel: KernelVersion{6, 1}}
	for i, m := range readMeasured(t, path) {
		e := ExposureOf(m.settings, target, ExposureOptions{Offline: true})
		for j, row := range e.Rows {
			got := "-"
			if row.Counted {
				got = strconv.Itoa(row.Badness)
			}
			if got != m.badness[j] {
				t.Errorf("unit %d: %s has badness %s, want %s", i, row.ID, got, m.badness[j])
			}
		}
		if got := e.String() + " " + e.Level(); got != m.level {
			t.Errorf("unit %d: %s, want %s", i, got, m.level)
		}
	}
}
