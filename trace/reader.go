// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

var (
	// ErrNotATrace is wrapped by the errors about a file that is something else.
	ErrNotATrace = errors.New("not a trace")
	// ErrVersion is wrapped by the error about a trace of another major version.
	ErrVersion = errors.New("unknown version of the trace format")
)

const (
	// maxLine bounds the memory that one line of a hostile file can take. A
	// header with thousands of settings has some hundred kilobytes.
	maxLine = 16 << 20
	// maxWindow bounds what a compressed file can make the decoder keep; zstd
	// itself refuses more than this without --long.
	maxWindow = 128 << 20
	// maxReserved is how many observations get memory before they are there.
	maxReserved = 1 << 20
)

var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}

// Reader reads a trace one observation at a time, so that a large one need not be
// in memory at once.
type Reader struct {
	lines     *bufio.Reader
	zstd      *zstd.Decoder
	decoder   decoder
	header    Header
	announced int
	read      int
	line      int
	truncated bool
}

// NewReader reads the header of a trace, compressed or not. It returns an error
// that wraps ErrNotATrace or ErrVersion if there is none that it understands.
func NewReader(r io.Reader) (*Reader, error) {
	t := &Reader{lines: bufio.NewReaderSize(r, 64<<10)}
	if magic, _ := t.lines.Peek(len(zstdMagic)); bytes.Equal(magic, zstdMagic) {
		plain, err := zstd.NewReader(t.lines, zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		t.zstd, t.lines = plain, bufio.NewReaderSize(plain, 64<<10)
	}
	if err := t.readHeader(); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// Close ends the reading; it does not close the underlying reader.
func (t *Reader) Close() {
	if t.zstd != nil {
		t.zstd.Close()
	}
}

// Header is the trace's header.
func (t *Reader) Header() Header { return t.header }

// Truncated tells, after Next returned io.EOF, whether the file was cut short.
func (t *Reader) Truncated() bool { return t.truncated }

// Next reads the next observation into o. At the end, and where the file was cut
// in the middle of a line, it returns io.EOF.
func (t *Reader) Next(o *Observation) error {
	for {
		line, complete, err := t.nextLine()
		if errors.Is(err, io.EOF) {
			t.truncated = t.truncated || t.read < t.announced
		}
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := t.decoder.observation(line, o); err != nil && !complete {
			t.truncated = true
			return io.EOF
		} else if err != nil {
			return fmt.Errorf("line %d: %w", t.line, err)
		}
		t.read++
		return nil
	}
}

func (t *Reader) readHeader() error {
	line, _, err := t.nextLine()
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it is empty", ErrNotATrace)
	case errors.Is(err, errLongLine):
		return fmt.Errorf("%w: its first line is longer than any header", ErrNotATrace)
	case err != nil:
		return err
	}
	t.header, t.announced, err = decodeHeader(line)
	if err != nil {
		return fmt.Errorf("line 1: %w", err)
	}
	return nil
}

var errLongLine = fmt.Errorf("it is longer than %d MiB", maxLine>>20)

// nextLine returns the next line without its end, valid until the next call, and
// whether it had an end.
func (t *Reader) nextLine() (line []byte, complete bool, err error) {
	line, err = t.lines.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = t.longLine(bytes.Clone(line))
	}
	t.line++
	switch {
	case err == nil:
		return line[:len(line)-1], true, nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		// The compressed stream ends in the middle of a block.
		t.truncated = true
		err = io.EOF
	}
	if errors.Is(err, io.EOF) && len(line) > 0 {
		return line, false, nil
	}
	if !errors.Is(err, io.EOF) {
		err = fmt.Errorf("line %d: %w", t.line, err)
	}
	return nil, false, err
}

// longLine reads on to the end of a line that is longer than the buffer.
func (t *Reader) longLine(line []byte) ([]byte, error) {
	for {
		more, err := t.lines.ReadSlice('\n')
		line = append(line, more...)
		if len(line) > maxLine {
			return nil, errLongLine
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// Read reads a whole trace, compressed or not. Observations that have much in
// common may share what they point to (the owner of a file, the arguments of a
// call): treat that as read-only. Its errors wrap ErrNotATrace or
// ErrVersion where that is the reason, and name the line. A trace that was cut in
// the middle of its last line is no error: Truncated is set.
func Read(r io.Reader) (*Trace, error) {
	return read(r, func(t *Trace, announced int) func(Observation, *Observation) {
		// What a header announces is no reason to reserve memory without bound.
		t.Observations = make([]Observation, 0, min(announced, maxReserved))
		return func(o Observation, _ *Observation) { t.Observations = append(t.Observations, o) }
	})
}

// ReadFolded reads a trace as Read does, and of one with very many observations only
// what differs in more than the name of a file in a directory, a few names of each
// kind, and one observation that is Folded for all the others. For directories that is
// as good as the whole trace, at a fraction of its memory.
func ReadFolded(r io.Reader) (*Trace, error) {
	return read(r, func(t *Trace, _ int) func(Observation, *Observation) {
		return (&folding{t, map[foldKind]*foldCount{}}).add
	})
}

// read reads a trace; begin returns what adds an observation, of a template, to it.
func read(r io.Reader, begin func(t *Trace, announced int) func(o Observation, template *Observation)) (*Trace, error) {
	reader, err := NewReader(r)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	t := &Trace{Header: reader.header}
	add := begin(t, reader.announced)
	for {
		var o Observation
		err := reader.Next(&o)
		if errors.Is(err, io.EOF) {
			t.Truncated = reader.truncated
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		add(o, reader.decoder.used)
	}
}

// ReadFile reads the trace in a file, as Read does.
func ReadFile(path string) (*Trace, error) { return readFile(path, Read) }

// ReadFileFolded reads the trace in a file, as ReadFolded does.
func ReadFileFolded(path string) (*Trace, error) { return readFile(path, ReadFolded) }

func readFile(path string, read func(io.Reader) (*Trace, error)) (*Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the trace: %w", err)
	}
	defer f.Close()
	t, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("reading the trace %s: %w", path, err)
	}
	return t, nil
}

// readHeader reads the header of the trace in a file.
func readHeader(path string) (*Header, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the trace: %w", err)
	}
	defer f.Close()
	reader, err := NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("reading the trace %s: %w", path, err)
	}
	defer reader.Close()
	return &reader.header, nil
}
