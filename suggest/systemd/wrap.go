// SPDX-License-Identifier: Apache-2.0

package systemd

import "strings"

// lineLimit is the number of bytes that a line of a unit file may have. Up to v234
// systemd reads lines into a buffer of 2,048 bytes, with newline and NUL, and takes
// the rest of a longer one for another line. From v235 on a line of a mebibyte fails
// the whole file.
func lineLimit(v Version) int {
	if v.AtLeast(235) {
		return 1<<20 - 1
	}
	return 2048 - 2
}

// assignments returns "NAME=PREFIXword word …" for all words, as a new assignment
// wherever a line would become longer than width. A word longer than that stands
// alone. Without words it is the empty assignment.
func assignments(name, prefix string, words []string, width int) []string {
	head := name + "=" + prefix
	if len(words) == 0 {
		return []string{head}
	}
	var lines []string
	var line strings.Builder
	for _, w := range words {
		if line.Len() > 0 && line.Len()+1+len(w) > width {
			lines = append(lines, line.String())
			line.Reset()
		}
		if line.Len() == 0 {
			line.WriteString(head)
		} else {
			line.WriteByte(' ')
		}
		line.WriteString(w)
	}
	return append(lines, line.String())
}
