// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

func TestProposeLimits(t *testing.T) {
	peaks := &trace.Peaks{Tasks: 100, Memory: 40<<20 + 1, OpenFiles: 10}
	for _, c := range []struct {
		name, unit, want string
		asked            bool
		peaks            *trace.Peaks
	}{
		{"asked", "User=web", "TasksMax=400\nMemoryHigh=121M\nMemoryMax=161M\nLimitNOFILE=256", true, peaks},
		{"its own stays", "TasksMax=200", "MemoryHigh=121M\nMemoryMax=161M\nLimitNOFILE=256", true, peaks},
		{"a user of its own", "DynamicUser=yes", "TasksMax=400\nLimitNPROC=400\nMemoryHigh=121M\nMemoryMax=161M\nLimitNOFILE=256", true, peaks},
		{"little", "Type=simple", "TasksMax=64\nMemoryHigh=48M\nMemoryMax=64M\nLimitNOFILE=256", true, &trace.Peaks{Tasks: 1, Memory: 1, OpenFiles: 1}},
		{"not asked", "Type=simple", "", false, peaks},
		{"nothing known", "Type=simple", "", true, &trace.Peaks{}},
		{"no peaks", "Type=simple", "", true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := &trace.Trace{Header: trace.Header{Peaks: c.peaks, Unit: trace.Unit{Settings: settings(c.unit)}}}
			e := NewEvidence(tr, target(t, "252"), Standard, NewModel())
			e.Limits = c.asked
			var got, want []trace.Setting
			for _, candidate := range proposeLimits(e) {
				got = candidate.Settings
			}
			if c.want != "" {
				want = settings(c.want)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
