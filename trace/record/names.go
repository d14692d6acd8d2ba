// SPDX-License-Identifier: Apache-2.0

package record

import (
	"os"
	"path/filepath"

	"github.com/sbxprof/sbxprof/trace"
)

// countedIn are the directories whose directories are counted: what belongs to programs
// and users has a name in one of them.
var countedIn = []string{"/", "/var"}

// notCounted are made up by the kernel, or nobody's for long.
var notCounted = map[string]bool{"/proc": true, "/sys": true, "/dev": true, "/tmp": true, "/var/tmp": true}

// countNames tells how many names there are in the directories near the root, so that a
// suggestion can say how much of them it leaves.
func countNames(root string) []trace.NameCount {
	var counts []trace.NameCount
	for _, above := range countedIn {
		entries, err := os.ReadDir(root + above)
		if err != nil {
			continue
		}
		for _, e := range entries {
			dir := filepath.Join(above, e.Name())
			if !e.IsDir() || notCounted[dir] {
				continue
			}
			if names, err := os.ReadDir(root + dir); err == nil {
				counts = append(counts, trace.NameCount{Directory: trace.Path(dir), Names: len(names)})
			}
		}
	}
	return counts
}
