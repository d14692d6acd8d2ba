// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// diagnosis is what `sbxprof doctor --format json` prints.
type diagnosis struct {
	Recordable bool
	Sources    []struct {
		Name, Via, Missing, Hides string
		Needed, Fires             bool
	}
}

// sourceNames are the sources that doctor must tell about.
var sourceNames = []string{"syscalls", "files", "addresses", "capabilities", "signals", "io_uring", "uring_files"}

// doctor checks that every source fires, or is missing for a reason.
func (t *trial) doctor(ctx context.Context) error {
	if _, err := t.command(ctx, []int{0}, sbxprofPath, "doctor"); err != nil {
		return err
	}
	said, err := t.m.Output(ctx, sbxprofPath, "doctor", "--format", "json")
	if err != nil {
		return err
	}
	var d diagnosis
	if err := json.Unmarshal([]byte(said), &d); err != nil {
		return fmt.Errorf("what it printed is no JSON: %w\n%s", err, said)
	}
	t.figures.sources, t.figures.missing = d.count()
	return d.check()
}

func (d *diagnosis) count() (firing, missing int) {
	for _, s := range d.Sources {
		if s.Fires {
			firing++
		}
		if s.Missing != "" {
			missing++
		}
	}
	return firing, missing
}

// check tells what is not as it should be on a kernel that can record.
func (d *diagnosis) check() error {
	var wrong []error
	if !d.Recordable {
		wrong = append(wrong, errors.New("it says that nothing can be recorded, and ends with status 0"))
	}
	told := map[string]bool{}
	for _, s := range d.Sources {
		told[s.Name] = true
		switch {
		case s.Missing != "" && (s.Needed || s.Hides == ""):
			wrong = append(wrong, fmt.Errorf("%s is missing (%s), needed: %t, hides %q", s.Name, s.Missing, s.Needed, s.Hides))
		case s.Missing == "" && !s.Fires:
			wrong = append(wrong, fmt.Errorf("%s (%s) is attached, and never fires", s.Name, s.Via))
		}
	}
	for _, name := range sourceNames {
		if !told[name] {
			wrong = append(wrong, fmt.Errorf("it does not tell about %s", name))
		}
	}
	return errors.Join(wrong...)
}

// refusals checks that doctor and record say what a kernel lacks that is too old.
func (t *trial) refusals(ctx context.Context) error {
	err := t.refuses(ctx, "doctor")
	t.figures.doctor = verdictOf(err, refused)
	again := t.refuses(ctx, "record", "--unit", "lighttpd", "--restart", "--output", tracePath, "--", "true")
	t.figures.record = verdictOf(again, refused)
	return errors.Join(err, again)
}

func (t *trial) refuses(ctx context.Context, args ...string) error {
	r, err := t.command(ctx, []int{statusUnsupported}, append([]string{sbxprofPath}, args...)...)
	if err != nil {
		return err
	}
	said := r.Stdout + r.Stderr
	for _, what := range []string{"Linux 5.15", "task storage"} {
		if !strings.Contains(said, what) {
			return fmt.Errorf("sbxprof %s does not say that the kernel lacks %s", args[0], what)
		}
	}
	return nil
}
