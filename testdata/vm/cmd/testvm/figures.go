// SPDX-License-Identifier: Apache-2.0

package main

import "fmt"

// verdict is how a part of a trial ended.
type verdict string

const (
	notTried verdict = "-"
	ok       verdict = "ok"
	failed   verdict = "FAILED"
	// refused is what sbxprof should do on a kernel that is too old.
	refused verdict = "refused"
)

// verdictOf is ok, or failed with any error.
func verdictOf(err error, good verdict) verdict {
	if err != nil {
		return failed
	}
	return good
}

// figures are what one machine showed.
type figures struct {
	suite, kernel, systemd    string
	doctor, record, roundTrip verdict
	// sources are those that fire; missing those that the kernel has not.
	sources, missing int
	// requests are those that the workload made in the sandbox; denied is what the
	// sandbox denied; lost is what the trace says it lost.
	requests, denied int
	lost             uint64
}

// String is the line that scripts read.
func (f figures) String() string {
	return fmt.Sprintf("vm: suite=%s kernel=%s systemd=%s doctor=%s record=%s roundtrip=%s sources=%d missing=%d requests=%d denied=%d lost=%d",
		f.suite, f.kernel, f.systemd, f.doctor, f.record, f.roundTrip, f.sources, f.missing, f.requests, f.denied, f.lost)
}
