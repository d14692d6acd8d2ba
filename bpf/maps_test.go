// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"testing"

	"github.com/cilium/ebpf"
)

// newestMap is the last kind of map of Linux 5.15: bloom filters came with 5.16.
const newestMap = ebpf.TaskStorage

func TestMapsNeedNoNewerKernelThanLinux515(t *testing.T) {
	spec := loadSpec(t)
	if len(spec.Maps) < 10 {
		t.Errorf("there are %d maps: were they looked at?", len(spec.Maps))
	}
	for name, m := range spec.Maps {
		if m.Type > newestMap {
			t.Errorf("the map %s is a %s, which Linux 5.15 has not", name, m.Type)
		}
	}
}
