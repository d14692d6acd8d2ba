// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"strings"
	"testing"
)

// A call that the kernel does not have costs no more than a line.
func TestAbsentCalls(t *testing.T) {
	ring, removed := failed(sys("io_uring_setup"), enosys), failed(sys("_sysctl"), enosys)
	for _, test := range []struct {
		name, version, unit string
		level               Level
		want                string // the last line of the filter
	}{
		{"allow-list", "252", "", Standard, "~_sysctl:ENOSYS io_uring_setup:ENOSYS"},
		{"deny-list", "252", "", Safe, "~_sysctl:ENOSYS"},
		{"systemd itself says that there is no such call", "257", "", Standard, "~io_uring_setup:ENOSYS"},
		{"an allow-list takes no errno", "247", "", Standard, "_sysctl io_uring_setup"},
		{"nor a deny-list, to be as strict", "247", "", Safe, "_sysctl"},
		{"the unit's own list", "252", "SystemCallFilter=@system-service", Standard, "~_sysctl:ENOSYS io_uring_setup:ENOSYS"},
	} {
		e := evidenceFor(t, test.version, test.unit, ring, removed)
		e.Level = test.level
		c := proposeFilter(e)[0]
		got := ""
		for i, s := range c.Settings {
			if s.Name == "SystemCallFilter" {
				got = s.Value
				if strings.Contains(s.Value, "_sysctl") && len(c.Reasons[i]) == 0 {
					t.Errorf("%s: no reason is given", test.name)
				}
			}
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if v := e.Violations(c.Settings, 0); len(v) > 0 && test.unit == "" {
			t.Errorf("%s: %s=%s denies %v", test.name, v[0].Directive, v[0].Value, v[0].Observation.Syscall)
		}
	}
}

// What was called besides is needed as it is.
func TestAbsentOnceIsNotAbsent(t *testing.T) {
	e := evidenceFor(t, "252", "", failed(sys("io_uring_setup"), enosys), sys("io_uring_setup"))
	for _, s := range proposeFilter(e)[0].Settings {
		if strings.Contains(s.Value, "ENOSYS") {
			t.Errorf("%s=%s", s.Name, s.Value)
		}
	}
}
