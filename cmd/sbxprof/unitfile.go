// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// service is the section of a unit file that says what a service may do.
const service = "Service"

// hasSection finds the section's header, which may follow whatever ends a line for systemd, or
// the file's byte order mark.
var hasSection = regexp.MustCompile(`(?:^|[\n\r\x00]|^\x{FEFF})[ \t]*\[` + service + `\][ \t]*(?:$|[\n\r\x00])`)

// readUnitFiles returns the [Service] section of a unit file and its drop-ins, as
// that version of systemd reads them. What it ignores is said to warn.
func readUnitFiles(paths []string, v systemd.Version, warn io.Writer) ([]trace.Setting, error) {
	files := make([]systemd.File, len(paths))
	for i, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("reading the unit file: %w", err)
		}
		if i == 0 && !hasSection.Match(text) {
			return nil, fmt.Errorf("reading the unit file %s: there is no [%s] in it: is it the file of a service?", path, service)
		}
		if files[i], err = systemd.Parse(bytes.NewReader(text), v); err != nil {
			return nil, fmt.Errorf("reading the unit file %s: %w", path, err)
		}
		for _, s := range files[i].Settings {
			if _, known := systemd.LookupDirective(s.Name); known && s.Section != service {
				fmt.Fprintf(warn, "sbxprof: %s:%d: systemd ignores this: %s= belongs into [%s], and is in [%s]\n", path, s.Line, s.Name, service, systemd.Printable(s.Section))
			}
		}
		for _, p := range files[i].Problems {
			fmt.Fprintf(warn, "sbxprof: %s:%d: systemd ignores this: %s\n", path, p.Line, systemd.Printable(p.Text))
		}
	}
	return systemd.Combine(service, files...), nil
}
