// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
)

// figures are what was measured, for scripts: ratios of added cost, and fractions
// of untraced speed.
type figures struct {
	recordedOverFloor, bystanderOverFloor float64
	lighttpdRecorded, createsRecorded     float64
	bpftraceOverRecorded                  float64
	straceOverRecorded                    float64
}

// String is the line that scripts read.
func (f figures) String() string {
	return fmt.Sprintf("bench: recorded_over_floor=%.2f bystander_over_floor=%.2f lighttpd_recorded=%.3f creates_recorded=%.3f bpftrace_over_recorded=%.1f strace_over_recorded=%.0f",
		f.recordedOverFloor, f.bystanderOverFloor, f.lighttpdRecorded, f.createsRecorded, f.bpftraceOverRecorded, f.straceOverRecorded)
}

// results are what all parts of the benchmark measured.
type results struct {
	loop, files, web measured
	attach           float64 // seconds
	weight           weight
}

// figures are the results in short. What a service can serve at most is one over its
// CPU time for a request; the time that passes is the client's and the machine's, too,
// and is in the table.
func (r results) figures() figures {
	floor := r.loop.added(atFloor, untraced, cpu)
	own := r.loop.added(recorded, untraced, cpu)
	return figures{
		recordedOverFloor:    own / floor,
		bystanderOverFloor:   r.loop.added(bystander, untraced, cpu) / floor,
		bpftraceOverRecorded: r.loop.added(byBPF, untraced, cpu) / own,
		straceOverRecorded:   r.loop.added(byStrace, untraced, elapsed) / own,
		lighttpdRecorded:     r.web.speed(recorded, untraced, cpu),
		createsRecorded:      min(r.files.speed(recordedCreates, untracedCreates, cpu), r.files.speed(recordedStats, untracedStats, cpu)),
	}
}

// print writes the table.
func (r results) print(out io.Writer) {
	fmt.Fprintf(out, "\n%-40s %12s %12s %12s %10s %10s\n", "getppid, pinned: ns per call", "CPU time", "elapsed", "added", "× floor", "rounds")
	floor := r.loop.added(atFloor, untraced, cpu)
	names := []string{untraced, atFloor, bystander, recorded, ofMany, confined}
	for _, name := range names {
		r.loopRow(out, name, cpu, floor)
	}
	for _, p := range peers {
		if p.stops {
			r.loopRow(out, p.name, elapsed, floor)
		} else {
			r.loopRow(out, p.name, cpu, floor)
		}
	}
	fmt.Fprintf(out, "\n%-40s %12s %12s %12s %10s %10s\n", "ns per file or request", "CPU time", "elapsed", "speed", "by CPU", "rounds")
	for _, pair := range [][2]string{{untracedCreates, untracedCreates}, {recordedCreates, untracedCreates}, {untracedStats, untracedStats}, {recordedStats, untracedStats}} {
		speedRow(out, r.files, "files: "+pair[0], pair[0], pair[1])
	}
	for _, name := range []string{untraced, recorded, byStrace} {
		speedRow(out, r.web, "lighttpd: "+name, name, untraced)
	}
	fmt.Fprintf(out, "\nattaching %.2f s, idle %.2f %% of a CPU, memory %.0f MiB and %.0f MiB of maps in the kernel\n\n",
		r.attach, 100*r.weight.idle, float64(r.weight.memory)/(1<<20), float64(r.weight.kernel)/(1<<20))
}

func (r results) loopRow(out io.Writer, name string, time clock, floor float64) {
	added := r.loop.added(name, untraced, time)
	fmt.Fprintf(out, "%-40s %12.1f %12.1f %12.1f %10.2f %10d\n", name,
		r.loop.cost(name, cpu), r.loop.cost(name, elapsed), added, added/floor, len(r.loop[name]))
}

func speedRow(out io.Writer, m measured, label, name, base string) {
	fmt.Fprintf(out, "%-40s %12.0f %12.0f %12.3f %10.3f %10d\n", label,
		m.cost(name, cpu), m.cost(name, elapsed), m.speed(name, base, elapsed), m.speed(name, base, cpu), len(m[name]))
}
