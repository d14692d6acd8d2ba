// SPDX-License-Identifier: Apache-2.0

package main

import "fmt"

// figures are what the demo measured.
type figures struct {
	suite string
	// exposureBefore and exposureAfter are as systemd-analyze prints them, 0 to 10.
	exposureBefore, exposureAfter string
	// requests are those under the sandbox; failed counts the other checks, too.
	requests, failed, denied int
	// lost is what the traces say they lost.
	lost uint64
}

func (f figures) good() bool {
	return f.requests > 0 && f.failed == 0 && f.denied == 0 && f.lost == 0
}

// String is the line that scripts read.
func (f figures) String() string {
	return fmt.Sprintf("demo: unit=lighttpd.service suite=%s exposure_before=%s exposure_after=%s requests=%d failed=%d denied=%d lost=%d",
		f.suite, f.exposureBefore, f.exposureAfter, f.requests, f.failed, f.denied, f.lost)
}
