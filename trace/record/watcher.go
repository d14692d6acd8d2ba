// SPDX-License-Identifier: Apache-2.0

package record

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/sbxprof/sbxprof/trace/unit"
)

// watcher follows how the units are doing.
type watcher struct {
	manager *unit.Manager
	session *session
	options Options
	names   <-chan string
	units   map[string]*progress
	cancel  context.CancelFunc
}

// progress is what happened to one unit.
type progress struct {
	state unit.State
	runs  int
}

func newWatcher(ctx context.Context, m *unit.Manager, s *session, o Options) (*watcher, error) {
	ctx, cancel := context.WithCancel(ctx)
	w := &watcher{manager: m, session: s, options: o, units: map[string]*progress{}, cancel: cancel}
	var err error
	if w.names, err = m.Changes(ctx); err != nil {
		cancel()
		return nil, err
	}
	for _, name := range s.names() {
		state, err := m.State(ctx, name)
		if err != nil {
			cancel()
			return nil, err
		}
		w.units[name] = &progress{state: state}
	}
	return w, nil
}

// add follows the units that were found on the way, as ones that run.
func (w *watcher) add(names []string) {
	for _, name := range names {
		if w.units[name] == nil {
			w.units[name] = &progress{state: unit.State{Active: "active"}}
		}
	}
}

// changes receives the names of units that changed; a watcher that is nil has none.
func (w *watcher) changes() <-chan string {
	if w == nil {
		return nil
	}
	return w.names
}

func (w *watcher) stop() { w.cancel() }

// look looks how a unit is doing, and tells whether that ends the recording.
func (w *watcher) look(ctx context.Context, name string) Ending {
	p := w.units[name]
	if p == nil {
		return ""
	}
	state, err := w.manager.State(ctx, name)
	if err != nil {
		if ctx.Err() == nil {
			w.options.Notice(err.Error())
		}
		return ""
	}
	if state.Active == "failed" && p.state.Active != "failed" {
		w.options.Notice(fmt.Sprintf("%s failed (%s)", name, state.Result))
	}
	if state.Stopped() {
		p.runs = w.session.runsOf(name)
	}
	p.state = state
	return w.ending()
}

// lookAround looks how all units are doing: the start of a short run may be seen
// after systemd told of its end.
func (w *watcher) lookAround(ctx context.Context) Ending {
	if w == nil {
		return ""
	}
	var ending Ending
	for _, name := range slices.Sorted(maps.Keys(w.units)) {
		ending = w.look(ctx, name)
	}
	return ending
}

// runsOf counts how often a unit was started. systemd does not tell: it forgets a
// oneshot unit, invocation and all, as soon as it has run.
func (s *session) runsOf(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.targets {
		if t.unit.Name != name {
			continue
		}
		lines := 0
		for _, c := range t.unit.Commands {
			if c.Line == mainLine {
				lines++
			}
		}
		return t.starts / max(1, lines)
	}
	return 0
}

func (w *watcher) ending() Ending {
	ran, stopped := true, true
	for _, p := range w.units {
		ran = ran && p.runs >= w.options.Runs
		stopped = stopped && p.state.Stopped()
	}
	switch {
	case w.options.Runs > 0 && ran:
		return EndedByRuns
	case w.options.StopWithUnit && stopped:
		return EndedByUnit
	}
	return ""
}
