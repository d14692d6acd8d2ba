// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// WriteOptions say how a trace is written to a file.
type WriteOptions struct {
	// Zstd compresses; a path that ends in ".zst" does so too.
	Zstd bool
}

// Write writes a trace as text, its observations in the order of their keys: the
// same trace gives the same bytes. A truncated trace is written as one that lost
// something.
func Write(w io.Writer, t *Trace) error {
	out := bufio.NewWriterSize(w, 64<<10)
	header, err := encodeHeader(t)
	if err != nil {
		return fmt.Errorf("writing the trace's header: %w", err)
	}
	if err := writeLine(out, header); err != nil {
		return err
	}
	for _, i := range canonicalOrder(t.Observations) {
		line, err := encodeObservation(&t.Observations[i])
		if err != nil {
			return fmt.Errorf("writing an observation of the trace: %w", err)
		}
		if err := writeLine(out, line); err != nil {
			return err
		}
	}
	return out.Flush()
}

func writeLine(w *bufio.Writer, line []byte) error {
	if len(line) > maxLine {
		return fmt.Errorf("writing a line of %d bytes: %w", len(line), errLongLine)
	}
	if _, err := w.Write(line); err != nil {
		return err
	}
	return w.WriteByte('\n')
}

// canonicalOrder returns the indexes of the observations in the order of their
// keys; those of the same key by time.
func canonicalOrder(observations []Observation) []int {
	type entry struct {
		key   string
		index int
	}
	entries := make([]entry, len(observations))
	for i := range observations {
		entries[i] = entry{observations[i].Key(), i}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(strings.Compare(a.key, b.key), observations[a.index].First.Compare(observations[b.index].First), a.index-b.index)
	})
	order := make([]int, len(entries))
	for i, e := range entries {
		order[i] = e.index
	}
	return order
}

func encodeHeader(t *Trace) ([]byte, error) {
	count := len(t.Observations)
	header := t.Header
	if t.Truncated {
		header = header.with(truncation)
	}
	return encodeKeeping(headerLine{header.written(), &count}, t.Header.unknown)
}

// written is the header in the form in which it is written.
func (h Header) written() Header {
	h.Format, h.Version = Format, MajorVersion
	h.Begin, h.End = h.Begin.UTC(), h.End.UTC()
	h.Sources = append([]Source{}, h.Sources...)
	h.Losses = append([]Loss{}, h.Losses...)
	h.Runs = slices.Clone(h.Runs)
	for i := range h.Runs {
		h.Runs[i] = h.Runs[i].written()
	}
	return h
}

// truncation is what a file that was cut short is missing.
var truncation = Loss{Reason: "truncated", Count: 1, Hides: "the end of a trace's file"}

func encodeObservation(o *Observation) ([]byte, error) {
	line := *o
	line.First, line.Last = o.First.UTC(), o.Last.UTC()
	if err := line.valid(); err != nil {
		return nil, err
	}
	return encodeKeeping(&line, o.unknown)
}

func encodeKeeping(v any, unknown map[string]json.RawMessage) ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return withUnknown(bytes.TrimSuffix(line.Bytes(), []byte("\n")), unknown)
}

// WriteFile writes a trace to a file that only its owner can read, in one step: a
// reader, and a crash, see the old file or the new one, whole. What is no regular
// file, as a pipe, is written to directly.
func WriteFile(path string, t *Trace, options WriteOptions) error {
	options.Zstd = options.Zstd || strings.HasSuffix(path, ".zst")
	write := replaceFile
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		write = overwriteFile
	}
	err := write(path, func(w io.Writer) error {
		if options.Zstd {
			return writeCompressed(w, t)
		}
		return Write(w, t)
	})
	if err != nil {
		return fmt.Errorf("writing the trace %s: %w", path, err)
	}
	return nil
}

func writeCompressed(w io.Writer, t *Trace) error {
	compressed, err := zstd.NewWriter(w)
	if err != nil {
		return err
	}
	if err := Write(compressed, t); err != nil {
		return errors.Join(err, compressed.Close())
	}
	return compressed.Close()
}

func overwriteFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// temporaryPattern is of the names of files that are not written to the end yet.
const temporaryPattern = ".sbxprof-*.tmp"

// replaceFile writes a new file next to path, and then gives it that name.
func replaceFile(path string, write func(io.Writer) error) error {
	folder := filepath.Dir(path)
	// The mode of a temporary file is 0600.
	f, err := os.CreateTemp(folder, temporaryPattern)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(folder)
}

// syncFolder makes the names in a folder last over a crash.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
