// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// headerLine is the first line of a file: the header, and the number of lines
// that follow it, so that one that was cut short between two of them is noticed.
type headerLine struct {
	Header
	Observations *int `json:"observations,omitempty"`
}

// decodeHeader decodes the first line of a trace; announced is the number of
// observations that it says the file has, 0 if it does not.
func decodeHeader(line []byte) (h Header, announced int, err error) {
	var kind struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(line, &kind); err != nil || kind.Format != Format {
		return h, 0, fmt.Errorf("%w: it does not begin with a header (\"format\": %q)", ErrNotATrace, Format)
	}
	if kind.Version != MajorVersion {
		return h, 0, fmt.Errorf("%w: it has version %d, this program reads version %d; use the sbxprof that wrote it, or a newer one",
			ErrVersion, kind.Version, MajorVersion)
	}
	var decoded headerLine
	if decoded.unknown, err = decodeKeeping(line, &decoded); err != nil {
		return h, 0, fmt.Errorf("%w: its header is damaged: %w", ErrNotATrace, err)
	}
	if decoded.Observations != nil {
		announced = max(0, *decoded.Observations)
	}
	decoded.emptyToNil()
	for _, run := range append(decoded.Runs, decoded.Header) {
		if err := validTimes(run.Begin, run.End); err != nil {
			return h, 0, fmt.Errorf("%w: its header is damaged: %w", ErrNotATrace, err)
		}
	}
	return decoded.Header, announced, nil
}

// emptyToNil undoes what was done to the header to write it.
func (h *Header) emptyToNil() {
	h.Sources = nilIfEmpty(h.Sources)
	h.Losses = nilIfEmpty(h.Losses)
	for i := range h.Runs {
		h.Runs[i].emptyToNil()
	}
}

func nilIfEmpty[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}

// decodeObservation decodes a line after the first.
func decodeObservation(line []byte, o *Observation) error {
	*o = Observation{}
	unknown, err := decodeKeeping(line, o)
	if err != nil {
		return err
	}
	o.unknown = unknown
	return o.valid()
}

// decodeKeeping decodes one line of JSON into v and returns the fields that v
// does not have.
func decodeKeeping(line []byte, v any) (map[string]json.RawMessage, error) {
	if !utf8.Valid(line) {
		return nil, errors.New("it is not valid UTF-8")
	}
	if err := json.Unmarshal(line, v); err != nil {
		return nil, err
	}
	strict := json.NewDecoder(bytes.NewReader(line))
	strict.DisallowUnknownFields()
	if strict.Decode(newLike(v)) == nil {
		return nil, nil
	}
	return unknownFields(line, v)
}

// valid returns an error if o does not hold what its kind promises. What a newer
// version may have added, as a new kind, is valid.
func (o *Observation) valid() error {
	if o.Kind == "" {
		return errors.New("it is no observation: it has no kind")
	}
	for _, fact := range o.facts() {
		if fact.kind == o.Kind && !fact.set {
			return fmt.Errorf("an observation of kind %q has no field of that name", o.Kind)
		}
		if fact.kind != o.Kind && fact.set {
			return fmt.Errorf("an observation of kind %q has a field %q", o.Kind, fact.kind)
		}
	}
	if o.Count == 0 {
		return errors.New("an observation must have a count of at least 1")
	}
	return validTimes(o.First, o.Last)
}

// validTimes returns an error if a time cannot be written in UTC: RFC 3339 has
// years of four digits.
func validTimes(times ...time.Time) error {
	for _, t := range times {
		if year := t.UTC().Year(); year < 0 || year > 9999 {
			return fmt.Errorf("%v is out of range", t)
		}
	}
	return nil
}

type fact struct {
	kind Kind
	set  bool
}

func (o *Observation) facts() [7]fact {
	return [7]fact{
		{KindSyscall, o.Syscall != nil},
		{KindCapability, o.Capability != nil},
		{KindFile, o.File != nil},
		{KindAddress, o.Address != nil},
		{KindSignal, o.Signal != nil},
		{KindIOUring, o.IOUring != nil},
		{KindMove, o.Move != nil},
	}
}
