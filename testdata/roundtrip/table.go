// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// row is what became of one service at one level.
type row struct {
	Service, Kind, Level string
	// Before and After are exposures by systemd-analyze, 0 to 10; After is -1 when
	// it could not be had.
	Before, After float64
	Directives    int
	// Requests and Checks are what was looked at, in all runs.
	Requests, Checks int
	// Wrong are the things that should not be.
	Wrong []string
}

func (r *row) result() string {
	switch {
	case len(r.Wrong) > 0:
		return fmt.Sprintf("broken (%d)", len(r.Wrong))
	case r.Directives == 0:
		return "left alone"
	}
	return fmt.Sprintf("works (%d requests, %d checks)", r.Requests, r.Checks)
}

// works tells whether nothing was wrong at any of the levels of a service.
func works(rows []row) bool {
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(r row) bool { return len(r.Wrong) > 0 })
}

type table struct {
	suite    string
	services [][]row // by service, then by level
}

// markdown is the table for people: a line for each service.
func (t *table) markdown() string {
	var b strings.Builder
	b.WriteString("| service | kind | exposure before | " + strings.Join(allLevels, " | ") + " | directives | result |\n")
	b.WriteString("| --- | --- | --- | " + strings.Repeat("--- | ", len(allLevels)) + "--- | --- |\n")
	for _, rows := range t.services {
		b.WriteString(line(rows))
	}
	return b.String()
}

// line is the line of one service, with its exposure at each level.
func line(rows []row) string {
	total := rows[0]
	total.Wrong, total.Requests, total.Checks, total.Directives = nil, 0, 0, 0
	var after, directives []string
	for _, level := range allLevels {
		i := slices.IndexFunc(rows, func(r row) bool { return r.Level == level && r.After >= 0 })
		if i < 0 {
			after, directives = append(after, "-"), append(directives, "-")
			continue
		}
		after = append(after, fmt.Sprintf("%.1f", rows[i].After))
		directives = append(directives, strconv.Itoa(rows[i].Directives))
	}
	for i := range rows {
		total.Wrong = append(total.Wrong, rows[i].Wrong...)
		total.Requests += rows[i].Requests
		total.Checks += rows[i].Checks
		total.Directives += rows[i].Directives
	}
	return fmt.Sprintf("| %s | %s | %.1f | %s | %s | %s |\n", total.Service, total.Kind, total.Before,
		strings.Join(after, " | "), strings.Join(directives, ", "), total.result())
}

// broken counts the suggestions that broke their service.
func (t *table) broken() int {
	n := 0
	for _, r := range slices.Concat(t.services...) {
		if len(r.Wrong) > 0 {
			n++
		}
	}
	return n
}

// median returns the median exposure under the suggestions of a level; for an even
// number of services the mean of the two in the middle, and -1 for none.
func (t *table) median(level string) float64 {
	var list []float64
	for _, r := range slices.Concat(t.services...) {
		if r.Level == level && r.After >= 0 {
			list = append(list, r.After)
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
	return fmt.Sprintf("roundtrip: suite=%s services=%d broken=%d median_safe=%.1f median_standard=%.1f median_strict=%.1f",
		t.suite, len(t.services), t.broken(), t.median("safe"), t.median("standard"), t.median("strict"))
}
