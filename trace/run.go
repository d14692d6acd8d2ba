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
	// A header has nothing that does not marshal but a time after the year 9999,
	// which no trace could be read with.
	text, _ := json.Marshal(h)
	sum := sha256.Sum256(text)
	return "sha256-" + hex.EncodeToString(sum[:16])
}

func (t *Trace) runID() string { return t.Header.runID() }
