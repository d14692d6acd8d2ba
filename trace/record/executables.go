// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"debug/elf"
	"errors"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// describeExecutable fills in what is known of a program beyond its path: what
// interprets it, and which capabilities it carries.
func (f files) describeExecutable(e *bpf.Event, t *trace.File) {
	inside := strings.TrimPrefix(string(t.Path), strings.TrimSuffix(e.Path.Root, "/"))
	root := f.roots.of(rootKey{e.MountNS, e.Root}, e.PID)
	fd, err := openIn(root, inside, unix.O_PATH|unix.O_CLOEXEC)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	if st := statFD(fd); st == nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return
	}
	name := "/proc/self/fd/" + strconv.Itoa(fd)
	t.Carries, t.FileCaps = fileCapabilities(name)
	interpreter := interpreterOf(name)
	if interpreter == "" {
		return
	}
	// Where its links lead, as for every path.
	t.Interpreter = trace.Path(f.roots.locate(root, interpreter, true).path)
	if given := trace.Path(interpreter); given != t.Interpreter {
		t.InterpreterGiven = given
	}
}

// interpreterOf is what a script or an ELF program is interpreted by; "" if it is
// none.
func interpreterOf(name string) string {
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	const maxLine = 256 // of a script's first line, since Linux 5.1
	head := make([]byte, maxLine)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return ""
	}
	if script, ok := bytes.CutPrefix(head[:n], []byte("#!")); ok {
		line, _, _ := bytes.Cut(script, []byte("\n"))
		if fields := strings.Fields(string(line)); len(fields) > 0 && path.IsAbs(fields[0]) {
			return fields[0]
		}
		return ""
	}
	return elfInterpreter(f)
}

// elfInterpreter is PT_INTERP of an ELF file.
func elfInterpreter(r io.ReaderAt) string {
	f, err := elf.NewFile(r)
	if err != nil {
		return ""
	}
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP || p.Filesz > unix.PathMax {
			continue
		}
		text, err := io.ReadAll(p.Open())
		if err != nil {
			return ""
		}
		return string(bytes.TrimRight(text, "\x00"))
	}
	return ""
}
