// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	_ "embed"
	"fmt"
	"sync"

	"github.com/sbxprof/sbxprof/trace"
)

//go:embed data/exposure.csv
var exposureData string

// Exposure is the level that `systemd-analyze security` gives a service.
type Exposure struct {
	// Tenths is the level in tenths: 96 for "9.6".
	Tenths int
	Rows   []ExposureRow
}

// ExposureRow is one row of the table of `systemd-analyze security`.
type ExposureRow struct {
	// ID is the row's name: "ProtectHome=", "SystemCallFilter=~@mount".
	ID string
	// Weight is the most that the row adds, Badness how much of it does, of 0 to
	// Range.
	Weight, Range, Badness int
	// Counted is unset if the row does not apply to the service.
	Counted bool
}

// ExposureOptions say what else is known of a service.
type ExposureOptions struct {
	// Offline computes what `systemd-analyze security --offline=yes` (v250 and
	// later) tells of a unit file, rather than what it tells of a loaded unit. They
	// differ in PrivateMounts=, which only a loaded unit is taken to have if another
	// directive makes a mount namespace; up to v253 it is off for offline units, from
	// v254 on it is on.
	Offline bool
	// NoDefaultDependencies is set for a unit with DefaultDependencies=no, to which
	// some rows do not apply.
	NoDefaultDependencies bool
}

// ExposureOf returns the exposure level that the target's `systemd-analyze security`
// gives a service with these settings of its [Service] section. Targets before v240,
// which do not have the command, get the level of v240.
func ExposureOf(settings []trace.Setting, t Target, o ExposureOptions) Exposure {
	s := readService(settings, t, o)
	var e Exposure
	points, weights := 0, 0
	for _, r := range exposureRules() {
		if !r.holds(t) {
			continue
		}
		row := ExposureRow{ID: r.id, Weight: r.weight, Range: r.badnessRange}
		row.Badness, row.Counted = r.assess(s)
		if row.Counted {
			points += ceilDiv(row.Badness*row.Weight, row.Range)
			weights += row.Weight
		}
		e.Rows = append(e.Rows, row)
	}
	e.Tenths = ceilDiv(100*points, weights)
	return e
}

// String returns the level as systemd prints it: "9.6".
func (e Exposure) String() string { return fmt.Sprintf("%d.%d", e.Tenths/10, e.Tenths%10) }

// Level returns systemd's word for the level: "UNSAFE".
func (e Exposure) Level() string {
	for _, l := range []struct {
		from int
		word string
	}{{100, "DANGEROUS"}, {90, "UNSAFE"}, {75, "EXPOSED"}, {50, "MEDIUM"}, {10, "OK"}, {1, "SAFE"}} {
		if e.Tenths >= l.from {
			return l.word
		}
	}
	return "PERFECT"
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// exposureRule is one row of data/exposure.csv.
type exposureRule struct {
	id                   string
	weight, badnessRange int
	assessor, parameter  string
	since                int
	backports            []Version
}

var exposureRules = sync.OnceValue(func() []exposureRule {
	var all []exposureRule
	for _, row := range tableRows(exposureData, 7) {
		r := exposureRule{
			id: row[0], weight: tableNumber(row[1], 0), badnessRange: tableNumber(row[2], 0),
			assessor: row[3], parameter: row[4], since: tableNumber(row[5], 0),
		}
		if v, err := ParseVersion(row[6]); err == nil {
			r.backports = append(r.backports, v)
		}
		all = append(all, r)
	}
	return all
})

// holds tells whether the target's table has the row.
func (r exposureRule) holds(t Target) bool {
	if r.assessor == "filter" || r.assessor == "architectures" {
		return t.Supports("SECCOMP")
	}
	for _, b := range r.backports {
		if t.Systemd.Major == b.Major && t.Systemd.Point >= b.Point {
			return true
		}
	}
	return t.Systemd.AtLeast(r.since)
}
