// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
)

// row is what became of one service at one level.
type row struct {
	service, unit, level string
	// before and after are exposures by systemd-analyze, 0 to 10; after is -1 when
	// it could not be had.
	before, after float64
	directives    int
	// requests and checks are what was looked at, in all runs.
	requests, checks int
	// wrong are the things that should not be.
	wrong []string
}

func (r *row) result() string {
	switch {
	case len(r.wrong) > 0:
		return fmt.Sprintf("broken (%d)", len(r.wrong))
	case r.directives == 0:
		return "left alone"
	}
	return fmt.Sprintf("works (%d requests, %d checks)", r.requests, r.checks)
}

type table struct {
	suite string
	rows  []row
}

// markdown is the table for people.
func (t *table) markdown() string {
	var b strings.Builder
	b.WriteString("| service | unit | level | exposure | directives | result |\n| --- | --- | --- | --- | --- | --- |\n")
	for i := range t.rows {
		r := &t.rows[i]
		fmt.Fprintf(&b, "| %s | %s | %s | %.1f → %.1f | %d | %s |\n",
			r.service, r.unit, r.level, r.before, r.after, r.directives, r.result())
	}
	return b.String()
}

// broken counts the suggestions that broke their service.
func (t *table) broken() int {
	n := 0
	for i := range t.rows {
		if len(t.rows[i].wrong) > 0 {
			n++
		}
	}
	return n
}

// median returns the median exposure under the suggestions of a level; for an even
// number of services the mean of the two in the middle, and -1 for none.
func (t *table) median(level string) float64 {
	var list []float64
	for i := range t.rows {
		if t.rows[i].level == level && t.rows[i].after >= 0 {
			list = append(list, t.rows[i].after)
		}
	}
	if len(list) == 0 {
		return -1
	}
	slices.Sort(list)
	return (list[len(list)/2] + list[(len(list)-1)/2]) / 2
}

// figures is the line that scripts read.
func (t *table) figures() string {
	services := map[string]bool{}
	for i := range t.rows {
		services[t.rows[i].service] = true
	}
	return fmt.Sprintf("roundtrip: suite=%s services=%d broken=%d median_safe=%.1f median_standard=%.1f median_strict=%.1f",
		t.suite, len(services), t.broken(), t.median("safe"), t.median("standard"), t.median("strict"))
}
