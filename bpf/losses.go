// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"errors"
	"fmt"
	"math"

	"github.com/cilium/ebpf"
)

// Loss counts what was lost for one reason.
type Loss struct {
	Reason string
	Hides  string
	Count  uint64
}

// lossWords are the reasons, by the kernel side's numbers.
var lossWords = [...]Loss{
	sbxSbxLossSBX_LOSS_RING:    {Reason: "ring_full", Hides: "operations on files and addresses"},
	sbxSbxLossSBX_LOSS_CALLS:   {Reason: "calls_full", Hides: "system calls"},
	sbxSbxLossSBX_LOSS_CHECKS:  {Reason: "checks_full", Hides: "checks for capabilities"},
	sbxSbxLossSBX_LOSS_ACTORS:  {Reason: "actors_full", Hides: "who did what"},
	sbxSbxLossSBX_LOSS_TASKS:   {Reason: "task_unseen", Hides: "everything that a thread did"},
	sbxSbxLossSBX_LOSS_UNITS:   {Reason: "units_full", Hides: "everything of a unit"},
	sbxSbxLossSBX_LOSS_CGROUPS: {Reason: "cgroups_full", Hides: "everything in a cgroup"},
	sbxSbxLossSBX_LOSS_NAME:    {Reason: "name_unread", Hides: "the name of a file or an address"},
	sbxSbxLossSBX_LOSS_VERDICT: {Reason: "verdict_unseen", Hides: "whether a filter answered a system call or it was made"},
	sbxSbxLossSBX_LOSS_RETURN:  {Reason: "return_unseen", Hides: "how a system call ended, and what it did with files"},
}

const missed = "program_skipped"

// readLosses reads the counters; what is 0 is left out.
func (r *Recorder) readLosses(s *State) error {
	var counts [len(lossWords)]uint64
	if err := r.maps.Variables[sbxVarLosses].Get(&counts); err != nil {
		return fmt.Errorf("reading what was lost: %w", err)
	}
	for i, n := range counts {
		if n > 0 {
			l := lossWords[i]
			l.Count = n
			s.Losses = append(s.Losses, l)
		}
	}
	s.Losses = append(s.Losses, r.undecoded()...)
	n, err := r.recursionMisses()
	if n > 0 {
		s.Losses = append(s.Losses, Loss{missed, "whatever happened while one of the recorder's programs ran already", n})
	}
	return err
}

// undecoded is the loss of the records that are no events; nil if there were none.
func (r *Recorder) undecoded() []Loss {
	n := r.undecodable.Load()
	if n == 0 {
		return nil
	}
	return []Loss{{Reason: "undecodable", Hides: "what an event told", Count: n}}
}

// recursionMisses counts how often the kernel left a program out because it was
// running already on that CPU, and with it what stands in for it: at most as often as
// the one of them that was left out least. Of system calls of the units that is known
// exactly.
func (r *Recorder) recursionMisses() (uint64, error) {
	var sum uint64
	var errs []error
	for _, turns := range r.counted {
		for name := range turns[len(turns)-1].Programs {
			if len(turns) > 1 && (name == sbxProgSbxSysEnter || name == sbxProgSbxSysExit) {
				continue // SBX_LOSS_RETURN
			}
			n, err := leastMisses(turns, name)
			if err != nil {
				errs = append(errs, fmt.Errorf("reading how often %s was left out: %w", name, err))
			}
			sum += n
		}
	}
	return sum, errors.Join(errs...)
}

// leastMisses is how often a program was left out in the turn in which it was left out
// least.
func leastMisses(turns []*ebpf.Collection, name string) (uint64, error) {
	least := uint64(math.MaxUint64)
	for _, c := range turns {
		stats, err := c.Programs[name].Stats()
		if err != nil {
			return 0, err
		}
		least = min(least, stats.RecursionMisses)
	}
	return least, nil
}
