// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"testing"
)

func TestFileSystem(t *testing.T) {
	root, err := os.OpenRoot("/")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, want := range map[string]string{"/proc/self/stat": "proc", "/proc/[pid]/status": "proc", "/proc": "proc", "/proc/self/ns/mnt": "nsfs"} {
		if got := fileSystem(root, name); got != want {
			t.Errorf("%s is on %q, want %s", name, got, want)
		}
	}
}
