// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/suggest"
)

// A signal ends the waiting for an answer, and an answer is one without.
func TestStepsEndWithASignal(t *testing.T) {
	steps := []suggest.Step{{User: "no-such-user-of-ours", Text: "make it"}}
	silent, _ := io.Pipe()
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	o := stepsOptions{take: true}
	if err := o.apply(ctx, steps, streams{in: silent, err: io.Discard}); !errors.Is(err, errInterrupted) {
		t.Errorf("interrupted: %v", err)
	}
	if err := o.apply(t.Context(), steps, streams{in: strings.NewReader("n\n"), err: io.Discard}); err != nil {
		t.Errorf("answered: %v", err)
	}
}
