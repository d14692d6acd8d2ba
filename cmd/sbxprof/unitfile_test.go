// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

// The section is found wherever systemd finds it.
func TestHasSection(t *testing.T) {
	for text, want := range map[string]bool{
		"[Service]\nUser=a\n":              true,
		"\ufeff[Service]\r\nUser=a\r\n":    true,
		"[Unit]\rA=b\r[Service]\rUser=a\r": true,
		"[Unit]\n \t[Service] \t":          true,
		"[Unit]\n\ufeff[Service]\n":        false,
		"[Socket]\nService=[Service]\n":    false,
		"[Service ]\n":                     false,
		"[Service] # as ever\n":            false,
	} {
		if got := hasSection.MatchString(text); got != want {
			t.Errorf("%q has the section: %t", text, got)
		}
	}
}
