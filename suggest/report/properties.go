// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/sbxprof/sbxprof/suggest"
)

// Properties writes a profile as options of systemd-run, one a line, quoted for a
// POSIX shell.
func Properties(w io.Writer, p *suggest.Profile) error {
	for _, l := range p.Lines {
		if _, err := fmt.Fprintf(w, "-p %s\n", shellQuote(l.Name+"="+l.Value)); err != nil {
			return err
		}
	}
	return nil
}

func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
