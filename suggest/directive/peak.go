// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// Use is the most that the unit had of something at once while it was recorded.
type Use struct {
	Most uint64 `json:"most"`
	// Of is what it had so much of, for people.
	Of string `json:"of"`
}

func (u Use) String() string { return fmt.Sprintf("%d %s", u.Most, u.Of) }

// Exceeded is a limit that is lower than what the unit had at once.
type Exceeded struct {
	trace.Setting
	Use
	// Outcome is what asking for more would have come to.
	Outcome trace.Outcome `json:"outcome"`
}

// softFiles is what a process may open where nobody says otherwise (DefaultLimitNOFILE= in
// systemd-system.conf(5)).
const softFiles = 1024

// UseOf returns how much of what a directive limits was in use at most; nil if it limits
// nothing of the kind, or the trace does not tell.
func UseOf(name string, peaks *trace.Peaks) *Use {
	l := limitOf(name)
	if l == nil || peaks == nil || l.peak(peaks) == 0 {
		return nil
	}
	return &Use{l.peak(peaks), l.of}
}

// Judged tells whether a trace tells if a limit is too low.
func Judged(s trace.Setting, h *trace.Header) bool {
	_, judged := exceeded(s, h)
	return judged
}

// ExceededIn returns the limits among a unit's settings, as they are in force, that are
// lower than what it had at once while it was recorded.
func ExceededIn(settings []trace.Setting, h *trace.Header) []Exceeded {
	var list []Exceeded
	for _, l := range limits {
		s := trace.Setting{Name: l.name, Value: last(assignments(settings, l.name))}
		if x, _ := exceeded(s, h); x != nil {
			list = append(list, *x)
		}
	}
	return list
}

func exceeded(s trace.Setting, h *trace.Header) (over *Exceeded, judged bool) {
	use := UseOf(s.Name, h.Peaks)
	most, known := mostOf(s, h)
	if use == nil || !known || limitOf(s.Name).outcome == "" {
		return nil, false
	}
	if use.Most > most {
		over = &Exceeded{s, *use, limitOf(s.Name).outcome}
	}
	return over, true
}

// mostOf reads a limit: a number, or a soft and a hard one. The hard one counts for a
// service that raises its own, as it did if it was recorded above the soft one.
func mostOf(s trace.Setting, h *trace.Header) (uint64, bool) {
	soft, hard, two := strings.Cut(s.Value, ":")
	if two && raisesItsOwn(s.Name, h) {
		soft = hard
	}
	n, err := strconv.ParseUint(soft, 10, 64)
	return n, err == nil
}

func raisesItsOwn(name string, h *trace.Header) bool {
	was, _, _ := strings.Cut(last(assignments(h.Unit.Settings, name)), ":")
	n, err := strconv.ParseUint(was, 10, 64)
	if was == "" {
		n, err = softFiles, nil
	}
	use := UseOf(name, h.Peaks)
	return err == nil && use != nil && use.Most > n
}
