// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestFileSystem(t *testing.T) {
	root, err := os.OpenRoot("/")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, name := range []string{"/proc/self/stat", "/proc/[pid]/status", "/proc"} {
		if got := fileSystem(root, name); got != "proc" {
			t.Errorf("%s is on %q, want proc", name, got)
		}
	}
	steps := []step{{{File: &trace.File{Path: "/proc", FS: "proc"}}, {}}}
	if forgetTypes(steps); steps[0][0].File.FS != "" {
		t.Errorf("%+v still has the type", steps[0][0].File)
	}
}
