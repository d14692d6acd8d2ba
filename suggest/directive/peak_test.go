// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

func TestExceededIn(t *testing.T) {
	peaks := &trace.Peaks{Tasks: 40, Memory: 100 << 20, OpenFiles: 2000}
	for _, test := range []struct {
		name, recorded, unit string
		peaks                *trace.Peaks
		want                 []string
		judged               bool
	}{
		{"too few tasks", "", "TasksMax=39", peaks, []string{"TasksMax=39 40 EAGAIN"}, true},
		{"just enough", "", "TasksMax=40", peaks, nil, true},
		{"the last one counts", "", "TasksMax=2\nTasksMax=50", peaks, nil, true},
		{"of what the machine has", "", "TasksMax=10%", peaks, nil, false},
		{"a reset", "", "TasksMax=2\nTasksMax=", peaks, nil, false},
		{"too few files", "LimitNOFILE=4096", "LimitNOFILE=1999", peaks, []string{"LimitNOFILE=1999 2000 EMFILE"}, true},
		{"the soft one", "LimitNOFILE=4096", "LimitNOFILE=1024:4096", peaks, []string{"LimitNOFILE=1024:4096 2000 EMFILE"}, true},
		{"a service that raises its own", "", "LimitNOFILE=1024:4096", peaks, nil, true},
		{"and cannot", "LimitNOFILE=1024:4096", "LimitNOFILE=1024:1500", peaks, []string{"LimitNOFILE=1024:1500 2000 EMFILE"}, true},
		{"the page cache is given back", "", "MemoryMax=1", peaks, nil, false},
		{"others are of that user, too", "", "LimitNPROC=1", peaks, nil, false},
		{"no peak", "", "TasksMax=1", &trace.Peaks{}, nil, false},
		{"no peaks", "", "TasksMax=1", nil, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := &trace.Header{Peaks: test.peaks, Unit: trace.Unit{Settings: settings(test.recorded)}}
			list := settings(test.unit)
			var got []string
			for _, x := range ExceededIn(list, h) {
				got = append(got, fmt.Sprintf("%s=%s %d %s", x.Name, x.Value, x.Most, x.Outcome))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if judged := Judged(list[len(list)-1], h); judged != test.judged {
				t.Errorf("judged: %v", judged)
			}
		})
	}
}
