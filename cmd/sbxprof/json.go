// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"

	"github.com/sbxprof/sbxprof/suggest/report"
)

// printJSON prints a result for scripts.
func printJSON(out io.Writer, v any) error { return report.Encode(out, v) }
