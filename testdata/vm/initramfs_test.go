// SPDX-License-Identifier: Apache-2.0

package vm

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWriteInitramfs(t *testing.T) {
	dir := t.TempDir()
	var modules []string
	for _, name := range []string{"11-virtio.ko", "12-virtio_blk.ko"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
		modules = append(modules, path)
	}
	var b bytes.Buffer
	if err := writeInitramfs(&b, []byte("guest"), modules); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"dev 40755 0:0 ", "root 40755 0:0 ", "modules 40755 0:0 ", "dev/console 20600 5:1 ",
		"init 100755 0:0 guest", "modules/11-virtio.ko 100644 0:0 11-virtio.ko",
		"modules/12-virtio_blk.ko 100644 0:0 12-virtio_blk.ko", "TRAILER!!! 0 0:0 ",
	}
	if diff := cmp.Diff(want, readNewc(t, b.Bytes())); diff != "" {
		t.Error(diff)
	}
}

func TestWriteInitramfsWithoutModule(t *testing.T) {
	if err := writeInitramfs(new(bytes.Buffer), nil, []string{"/nonexistent/module.ko"}); err == nil {
		t.Error("a module that is not there: no error")
	}
}

// readNewc reads an archive as the kernel's documentation of the format says: thirteen
// hexadecimal fields after the magic, name and content each up to a multiple of four.
func readNewc(t *testing.T, b []byte) []string {
	t.Helper()
	var entries []string
	for at := 0; at < len(b); {
		if magic := string(b[at : at+6]); magic != "070701" {
			t.Fatalf("at %d the magic is %q", at, magic)
		}
		var field [13]int
		for i := range field {
			n, err := strconv.ParseUint(string(b[at+6+8*i:at+14+8*i]), 16, 32)
			if err != nil {
				t.Fatal(err)
			}
			field[i] = int(n)
		}
		name := at + 110
		content := (name + field[11] + 3) &^ 3
		end := content + field[6]
		entries = append(entries, fmt.Sprintf("%s %o %d:%d %s", b[name:name+field[11]-1], field[1], field[9], field[10], b[content:end]))
		at = (end + 3) &^ 3
	}
	return entries
}
