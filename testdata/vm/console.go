// SPDX-License-Identifier: Apache-2.0

package vm

import (
	"bytes"
	"strings"
	"sync"
	"unicode"
)

// consoleSize is how much of the console is kept: a kernel's oops, and what led to it.
const consoleSize = 32 << 10

// console is a writer that keeps the end of what is written to it.
type console struct {
	mu  sync.Mutex
	end []byte
}

func (c *console) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end = append(c.end, b...)
	if n := len(c.end) - consoleSize; n > 0 {
		c.end = bytes.Clone(c.end[n:])
	}
	return len(b), nil
}

// String returns it without the escape sequences that systemd sends to a console:
// it is for other terminals.
func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, string(c.end))
}
