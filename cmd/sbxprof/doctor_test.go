// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

// TestDoctorNamesWhatIsMissing holds that a source that is missing is named with what it
// hides, and one that loads and attaches is not taken for one that fires.
func TestDoctorNamesWhatIsMissing(t *testing.T) {
	recorded := &trace.Trace{Observations: []trace.Observation{{Kind: trace.KindSyscall}}}
	recorded.Header.Sources = []trace.Source{
		{Name: "syscalls", Via: "tp_btf/sys_exit", Needed: true},
		{Name: "signals", Missing: "tp_btf/signal_generate: not supported", Hides: "signals to processes outside of the unit"},
		{Name: "io_uring", Via: "tp_btf/io_uring_submit_req"},
	}
	d := diagnosis{Recordable: true, Findings: []finding{{"kernel", true, "Linux 6.1"}, {systemdName, false, "no systemd"}}, Sources: firing(recorded)}
	var out strings.Builder
	d.print(&out)
	want := `ok       kernel        Linux 6.1
MISSING  systemd       no systemd
ok       syscalls      tp_btf/sys_exit
MISSING  signals       tp_btf/signal_generate: not supported; it hides signals to processes outside of the unit
SILENT   io_uring      tp_btf/io_uring_submit_req is attached, and never fires
This machine can record commands, but no units.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	d.Recordable = false
	if !strings.HasPrefix(d.conclusion(), "This machine cannot record.") {
		t.Errorf("it concludes: %s", d.conclusion())
	}
}
