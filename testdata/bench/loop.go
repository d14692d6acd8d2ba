// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"
)

// work is how much the loop does.
type work struct{ calls, batches int }

// loop calls getppid, pinned to a CPU, and writes the median batch's cost. A batch
// is so short that most of them are not interrupted, however busy the machine is.
func loop(w work, out io.Writer) error {
	if w.calls < 1 || w.batches < 1 {
		return errors.New("the loop has nothing to do")
	}
	runtime.LockOSThread()
	debug.SetGCPercent(-1)
	if err := pin(); err != nil {
		return err
	}
	var cpu, elapsed []float64
	for range w.batches {
		c := batch(w.calls)
		cpu, elapsed = append(cpu, c.cpu), append(elapsed, c.elapsed)
	}
	_, err := fmt.Fprintf(out, costFormat, median(cpu), median(elapsed))
	return err
}

const costFormat = "cost: cpu=%f elapsed=%f\n"

func batch(calls int) cost {
	cpu, start := threadTime(), time.Now()
	for range calls {
		// Not cached by anybody, and next to nothing to do for the kernel.
		_, _, _ = unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
	}
	elapsed := time.Since(start)
	return cost{
		cpu:     float64(threadTime()-cpu) / float64(calls),
		elapsed: float64(elapsed) / float64(calls),
	}
}

// threadTime is how long the calling thread has run.
func threadTime() time.Duration {
	var t unix.Timespec
	// It cannot fail: the clock and the address are valid.
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
	return time.Duration(t.Nano())
}

// pin keeps the calling thread on the last CPU that it may run on: interrupts go
// to the first more often.
func pin() error {
	var allowed, last unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return fmt.Errorf("asking for the CPUs to run on: %w", err)
	}
	for cpu, left := 0, allowed.Count(); left > 0; cpu++ {
		if allowed.IsSet(cpu) {
			last.Zero()
			last.Set(cpu)
			left--
		}
	}
	if err := unix.SchedSetaffinity(0, &last); err != nil {
		return fmt.Errorf("pinning the loop to a CPU: %w", err)
	}
	return nil
}
