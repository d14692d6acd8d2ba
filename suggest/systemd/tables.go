// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

// The tables, as files that can be read and checked on their own. They are decoded
// on first use.
var (
	//go:embed data/groups.txt
	groupsData string
	//go:embed data/point-releases.txt
	pointReleasesData string
	//go:embed data/calls.csv
	callsData string
	//go:embed data/releases.csv
	releasesData string
	//go:embed data/directives.csv
	directivesData string
)

// tableLines returns the lines of an embedded table without its comments.
func tableLines(data string) []string {
	var lines []string
	for line := range strings.Lines(data) {
		line = strings.TrimSuffix(line, "\n")
		if line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines
}

// tableRows returns the rows of an embedded table in CSV without quotes, its head
// removed, each with exactly columns fields.
func tableRows(data string, columns int) [][]string {
	var rows [][]string
	for _, line := range tableLines(data)[1:] {
		row := strings.Split(line, ",")
		if len(row) != columns {
			panic(fmt.Sprintf("a built-in table has a bad row: %q", line)) // a test reads every table
		}
		rows = append(rows, row)
	}
	return rows
}

// tableNumber reads a number of an embedded table; "" is otherwise.
func tableNumber(field string, otherwise int) int {
	if field == "" {
		return otherwise
	}
	n, err := strconv.Atoi(field)
	if err != nil {
		panic(fmt.Sprintf("a built-in table has a bad number: %q", field)) // a test reads every table
	}
	return n
}

// tableKernel reads a kernel release of an embedded table; "" is unknown.
func tableKernel(field string) KernelVersion {
	if field == "" {
		return KernelVersion{}
	}
	k, err := ParseKernel(field)
	if err != nil {
		panic(err) // a test reads every table
	}
	return k
}
