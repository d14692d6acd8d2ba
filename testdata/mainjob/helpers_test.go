// SPDX-License-Identifier: Apache-2.0

package mainjob

import (
	"bytes"
	"sync"
)

// lineWriter waits for a word in what is written to it.
type lineWriter struct {
	word string
	seen chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
	done bool
}

func newLineWriter(word string) *lineWriter {
	return &lineWriter{word: word, seen: make(chan struct{})}
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if !w.done && bytes.Contains(w.text.Bytes(), []byte(w.word)) {
		w.done = true
		close(w.seen)
	}
	return len(p), nil
}
