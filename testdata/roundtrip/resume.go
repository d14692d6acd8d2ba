// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// kept is what is kept of a service, so that a run of an hour that was ended goes on
// where it was, and one service can be tried again.
type kept struct {
	// Tried is what was tried: the program, and the service's own files.
	Tried  string
	Levels []string
	Rows   []row
}

// tried identifies the program and what is done with it.
func tried(o options, s *service) (string, error) {
	program, err := os.ReadFile(o.sbxprof)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, part := range [][]byte{program, []byte(fmt.Sprintf("%+q", s.packages)), library, s.setup, s.workload} {
		fmt.Fprintf(h, "%d ", len(part))
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func keptPath(o options, s *service) string {
	return filepath.Join(o.keep, fmt.Sprintf("%s-%s.json", s.name, o.suite))
}

// keep keeps the rows of a service, unless there is no folder for it.
func keep(o options, s *service, rows []row) error {
	if o.keep == "" {
		return nil
	}
	what, err := tried(o, s)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(kept{what, o.levels, rows}, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(keptPath(o, s), text, 0o644)
}

// resumed returns the rows of an earlier run if everything worked in it, with the same
// program at the same levels, and nil for a service that has to be tried.
func resumed(o options, s *service) ([]row, error) {
	if !o.resume {
		return nil, nil
	}
	text, err := os.ReadFile(keptPath(o, s))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, fmt.Errorf("%s: %w: remove it", keptPath(o, s), err)
	}
	what, err := tried(o, s)
	if err != nil || k.Tried != what || !slices.Equal(k.Levels, o.levels) || !works(k.Rows) {
		return nil, err
	}
	return k.Rows, nil
}
