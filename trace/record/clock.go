// SPDX-License-Identifier: Apache-2.0

package record

import (
	"time"

	"golang.org/x/sys/unix"
)

// clock turns the kernel's nanoseconds since boot into times of day.
type clock struct{ boot time.Time }

func newClock() clock {
	var ts unix.Timespec
	// It cannot fail for a clock that is there.
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts)
	return clock{time.Now().Add(-time.Duration(ts.Nano()))}
}

func (c clock) time(ns uint64) time.Time { return c.boot.Add(time.Duration(ns)).UTC().Round(0) }
