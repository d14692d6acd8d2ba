// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"errors"
	"fmt"
)

// Memory is how much of the kernel's memory the recorder's maps take, in bytes, as the
// kernel tells in their fdinfo. It does not count the state of each watched task, which
// goes with the task.
func (r *Recorder) Memory() (uint64, error) {
	var sum uint64
	var errs []error
	for name, m := range r.maps.Maps {
		info, err := m.Info()
		if err != nil {
			errs = append(errs, fmt.Errorf("asking for the size of the map %s: %w", name, err))
			continue
		}
		if size, ok := info.Memlock(); ok {
			sum += size
		}
	}
	return sum, errors.Join(errs...)
}
