// SPDX-License-Identifier: Apache-2.0

package main

import "io"

// streams are where a command reads and writes: results go to out, everything
// else to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// raw is where a command that is run writes its output: out without a buffer.
	raw io.Writer
}
