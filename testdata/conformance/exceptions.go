// SPDX-License-Identifier: Apache-2.0

package main

import "slices"

// exceptions are pairs in which the model and systemd may differ, and why.
var exceptions = []struct {
	directives []string // the case's directive; none means any
	operations []string // none means any
	why        string
}{}

// exception says why a pair need not agree; "" if it must.
func exception(c testCase, _ int, p pair) string {
	for _, e := range exceptions {
		if (len(e.directives) == 0 || slices.Contains(e.directives, c.name)) && (len(e.operations) == 0 || slices.Contains(e.operations, p.operation)) {
			return e.why
		}
	}
	return ""
}
