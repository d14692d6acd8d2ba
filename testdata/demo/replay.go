// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/sbxprof/sbxprof/testdata/internal/denial"
)

// replay has lighttpd do everything again, now in its sandbox, and looks for
// denials in the journal and in lighttpd's own log.
func (d *demo) replay(ctx context.Context) error {
	d.step("The same again, in the sandbox")
	if _, err := d.command(ctx, []int{0, 1}, workloadPath, resultsPath); err != nil {
		return err
	}
	r, err := d.results(ctx)
	if err != nil {
		return err
	}
	d.figures.requests, d.figures.failed = r.requests, r.failed
	fmt.Fprintf(d.out, "%d requests and %d other checks: %d failed\n", r.requests, r.checks, r.failed)
	// A stop is part of what it does.
	if err := d.restart(ctx); err != nil {
		d.wrong = append(d.wrong, fmt.Errorf("stopping and starting it in its sandbox: %w", err))
	}
	said, err := d.sinceInstalled(ctx)
	if err != nil {
		return err
	}
	found := denial.Lines(said)
	d.figures.denied += len(found)
	fmt.Fprintf(d.out, "%d denials in the journal and in lighttpd's log\n%s", len(found), strings.Join(found, ""))
	return nil
}

// recordAgain records lighttpd in its sandbox: what it was refused now and not
// before is a denial, though nobody complained.
func (d *demo) recordAgain(ctx context.Context) error {
	d.step("Watched once more, for what it is refused without a word")
	if err := d.recordTo(ctx, secondPath); err != nil {
		return err
	}
	training, err := d.readTrace(ctx, trainingPath, "lighttpd-"+d.suite+".trace")
	if err != nil {
		return err
	}
	second, err := d.readTrace(ctx, secondPath, "lighttpd-"+d.suite+"-sandboxed.trace")
	if err != nil {
		return err
	}
	d.figures.lost += losses(second)
	found := denial.Refused(training, second)
	d.figures.denied += len(found)
	fmt.Fprintf(d.out, "%d things were refused that were not before\n%s", len(found), strings.Join(found, ""))
	return nil
}

// results counts what the workload wrote.
type results struct{ requests, checks, failed int }

func (d *demo) results(ctx context.Context) (results, error) {
	text, err := d.m.ReadFile(ctx, resultsPath)
	if err != nil {
		return results{}, err
	}
	r := parseResults(string(text))
	if r.requests == 0 {
		return r, fmt.Errorf("the workload made no request: %s", text)
	}
	return r, nil
}

func parseResults(text string) results {
	var r results
	for line := range strings.Lines(text) {
		verdict, what, _ := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(what, "request: "):
			r.requests++
		default:
			r.checks++
		}
		if verdict != "ok" {
			r.failed++
		}
	}
	return r
}
