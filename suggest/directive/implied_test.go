// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// TestMemoryPressure: the file by which a unit asks to be told of memory pressure stays
// writable, and no other.
func TestMemoryPressure(t *testing.T) {
	const cgroup = "/sys/fs/cgroup/system.slice/web.service/"
	for _, test := range []struct {
		name, version, file string
		want                trace.Outcome
	}{
		{"its own", "254", cgroup + "memory.pressure", allowed},
		{"of an older systemd", "253", cgroup + "memory.pressure", erofs},
		{"another file", "254", cgroup + "memory.high", erofs},
		{"another unit's", "254", "/sys/fs/cgroup/system.slice/other.service/memory.pressure", erofs},
	} {
		o := file(trace.OpWrite, test.file)
		s := NewModel().Sandbox(settings("ProtectControlGroups=yes"), target(t, test.version),
			NewScene([]trace.Observation{o}).With(trace.Unit{Name: "web.service"}))
		got := allowed
		for _, v := range s.Violations(&o) {
			got = v.Outcome
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	mount := file(trace.OpMount, "/mnt")
	o := file(trace.OpWrite, cgroup+"memory.pressure")
	s := NewModel().Sandbox(nil, target(t, "254"), NewScene([]trace.Observation{o}).With(trace.Unit{Name: "web.service"}))
	if list := s.Violations(&mount); len(list) > 0 {
		t.Errorf("without any other mount there is a mount namespace: %v", list)
	}
}
