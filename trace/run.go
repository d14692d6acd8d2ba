// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// NewRunID returns a new random id of a training run, for Header.Run.
func NewRunID() string { return rand.Text() }

// runID identifies the training run: the header's own id, or for a trace that
// was written without one something that is the same in every copy of it.
func (h *Header) runID() string {
	if h.Run != "" {
		return h.Run
	}
	sum := sha256.Sum256([]byte(h.text()))
	return "sha256-" + hex.EncodeToString(sum[:16])
}

// text is the header in a form that two headers have in common only if they are
// equal.
func (h *Header) text() string {
	plain := *h
	plain.Begin, plain.End = h.Begin.UTC(), h.End.UTC()
	// All that does not marshal is a time after the year 9999, which no trace can
	// be written or read with.
	text, _ := json.Marshal(plain)
	return string(text)
}
