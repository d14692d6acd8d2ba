// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	conf := fmt.Sprintf("%q %q %q %t %q", s.unit, s.packages, s.start, s.first, s.logs)
	for _, part := range [][]byte{program, []byte(conf), library, s.setup, s.workload} {
		fmt.Fprintf(h, "%d ", len(part))
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func keptPath(o options, s *service) string {
	return filepath.Join(o.keep, fmt.Sprintf("%s-%s.json", s.name, o.suite))
}

// tryOrResume returns the rows of a service: those of an earlier run, or it takes the
// service through all levels and keeps what came of it.
func tryOrResume(ctx context.Context, o options, s *service, out io.Writer) ([]row, error) {
	// Before, as the program may be built anew meanwhile.
	what, err := tried(o, s)
	if err != nil {
		return nil, err
	}
	if rows, err := resumed(o, s, what); rows != nil || err != nil {
		return rows, err
	}
	rows := goRound(ctx, o, s, out)
	return rows, errors.Join(ctx.Err(), keep(o, s, kept{what, o.levels, rows}))
}

// keep keeps the rows of a service, unless there is no folder for it.
func keep(o options, s *service, k kept) error {
	if o.keep == "" {
		return nil
	}
	text, err := json.MarshalIndent(k, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(keptPath(o, s), text, 0o644)
}

// resumed returns the rows of an earlier run if everything worked in it, with what is
// to be tried now at the same levels, and nil for a service that has to be tried.
func resumed(o options, s *service, what string) ([]row, error) {
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
	if k.Tried != what || !slices.Equal(k.Levels, o.levels) || !works(k.Rows) {
		return nil, nil
	}
	return k.Rows, nil
}
