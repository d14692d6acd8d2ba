// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"errors"
	"strings"
	"testing"
)

func TestCgroupMount(t *testing.T) {
	const (
		root   = "25 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
		hybrid = "31 24 0:27 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro\n" +
			"32 31 0:28 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate\n" +
			"33 31 0:29 / /sys/fs/cgroup/systemd rw,nosuid shared:11 - cgroup cgroup rw,name=systemd\n"
	)
	for name, tt := range map[string]struct{ mountinfo, want string }{
		"only v2":          {root + "32 25 0:28 / /sys/fs/cgroup rw,nosuid shared:10 - cgroup2 cgroup2 rw\n", "/sys/fs/cgroup"},
		"hybrid":           {root + hybrid, "/sys/fs/cgroup/unified"},
		"without options":  {"32 25 0:28 / /cgroups rw - cgroup2 none rw\n", "/cgroups"},
		"an odd name":      {"32 25 0:28 / /my\\040cgroups rw - cgroup2 none rw\n", "/my cgroups"},
		"a name that lies": {"32 25 0:28 / /cgroup2 rw - tmpfs cgroup2 rw\n33 25 0:29 / /c rw - cgroup2 x rw\n", "/c"},
	} {
		if got, err := findCgroupsIn(strings.NewReader(tt.mountinfo)); string(got) != tt.want || err != nil {
			t.Errorf("%s: %q, %v; want %s", name, got, err, tt.want)
		}
	}
	v1 := root + "33 25 0:29 / /sys/fs/cgroup/systemd rw,nosuid shared:11 - cgroup cgroup rw,name=systemd\n"
	if _, err := findCgroupsIn(strings.NewReader(v1)); !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "systemd.unified_cgroup_hierarchy=1") {
		t.Errorf("only v1: %v", err)
	}
}
