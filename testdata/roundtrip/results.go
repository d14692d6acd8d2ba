// SPDX-License-Identifier: Apache-2.0

package main

import "strings"

// results are what a workload wrote: a line for each request and each check, which
// begins with "ok" or "FAILED".
type results struct {
	requests, checks int
	// failed are the lines of both that do not say "ok".
	failed []string
}

// parseResults counts the lines of a workload; those of requests go on with
// "request: ".
func parseResults(text string) results {
	var r results
	for line := range strings.Lines(text) {
		verdict, what, _ := strings.Cut(line, " ")
		if strings.HasPrefix(what, "request: ") {
			r.requests++
		} else {
			r.checks++
		}
		if verdict != "ok" {
			r.failed = append(r.failed, line)
		}
	}
	return r
}
