// SPDX-License-Identifier: Apache-2.0

package outcome

import "strings"

// Results are what a workload wrote: a line for each request and each check, which
// begins with "ok" or "FAILED".
type Results struct {
	Requests, Checks int
	// Failed are the lines of both that do not say "ok".
	Failed []string
}

// ParseResults counts the lines of a workload; those of requests go on with
// "request: ".
func ParseResults(text string) Results {
	var r Results
	for line := range strings.Lines(text) {
		verdict, what, _ := strings.Cut(line, " ")
		if strings.HasPrefix(what, "request: ") {
			r.Requests++
		} else {
			r.Checks++
		}
		if verdict != "ok" {
			r.Failed = append(r.Failed, line)
		}
	}
	return r
}
