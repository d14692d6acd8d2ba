// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"slices"
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

// limited is a directive that limits something of which a trace has the peak.
type limited struct {
	name, of string
	peak     func(*trace.Peaks) uint64
	// outcome is that of asking for more, and "" where a trace does not tell who would
	// have had to: the page cache counts as memory, and is given back first; and all
	// processes of a user count, those of other units, too.
	outcome trace.Outcome
}

var limitedByPeak = []limited{
	{"TasksMax", "processes and threads", tasksPeak, "EAGAIN"},
	{"LimitNPROC", "processes and threads", tasksPeak, ""},
	{"MemoryHigh", "bytes of memory", memoryPeak, ""},
	{"MemoryMax", "bytes of memory", memoryPeak, ""},
	{"LimitNOFILE", "open files in one process", func(p *trace.Peaks) uint64 { return p.OpenFiles }, "EMFILE"},
}

func tasksPeak(p *trace.Peaks) uint64  { return p.Tasks }
func memoryPeak(p *trace.Peaks) uint64 { return p.Memory }

// softFiles is what a process may open where nobody says otherwise (DefaultLimitNOFILE= in
// systemd-system.conf(5)).
const softFiles = 1024

// limitedBy returns what a directive limits; false if a trace has no peak of it.
func limitedBy(name string) (limited, bool) {
	at := slices.IndexFunc(limitedByPeak, func(l limited) bool { return l.name == name })
	if at < 0 {
		return limited{}, false
	}
	return limitedByPeak[at], true
}

// UseOf returns how much of what a directive limits was in use at most; nil if it limits
// nothing of the kind, or the trace does not tell.
func UseOf(name string, peaks *trace.Peaks) *Use {
	l, ok := limitedBy(name)
	if !ok || peaks == nil || l.peak(peaks) == 0 {
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
	for _, l := range limitedByPeak {
		s := trace.Setting{Name: l.name, Value: last(assignments(settings, l.name))}
		if x, _ := exceeded(s, h); x != nil {
			list = append(list, *x)
		}
	}
	return list
}

func exceeded(s trace.Setting, h *trace.Header) (over *Exceeded, judged bool) {
	l, _ := limitedBy(s.Name)
	use := UseOf(s.Name, h.Peaks)
	most, known := limitOf(s, h)
	switch {
	case use == nil || !known || l.outcome == "":
		return nil, false
	case use.Most > most:
		return &Exceeded{s, *use, l.outcome}, true
	}
	return nil, true
}

// limitOf reads a limit: a number, or a soft and a hard one. The hard one counts for a
// service that raises its own, as it did if it was recorded above the soft one.
func limitOf(s trace.Setting, h *trace.Header) (uint64, bool) {
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
