// SPDX-License-Identifier: Apache-2.0

package vm

import (
	"fmt"
	"strings"
	"testing"
)

func TestConsoleKeepsTheEnd(t *testing.T) {
	var c console
	for i := range 10000 {
		fmt.Fprintf(&c, "line %d\n", i)
	}
	got := c.String()
	if !strings.HasSuffix(got, "line 9998\nline 9999\n") || len(got) > consoleSize {
		t.Errorf("the console keeps %d bytes, ending in %q", len(got), got[len(got)-20:])
	}
}

func TestConsoleIsFitForTerminals(t *testing.T) {
	var c console
	fmt.Fprint(&c, "a\x1b[2J\r\n\tb\u009b1m")
	if got, want := c.String(), "a[2J\n\tb1m"; got != want {
		t.Errorf("console %q, want %q", got, want)
	}
}
