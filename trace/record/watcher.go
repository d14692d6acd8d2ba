// SPDX-License-Identifier: Apache-2.0

package record

import (
	"context"
	"fmt"

	"github.com/sbxprof/sbxprof/trace/unit"
)

// watcher follows how the units are doing.
type watcher struct {
	manager *unit.Manager
	options Options
	names   <-chan string
	units   map[string]*progress
	cancel  context.CancelFunc
}

// progress is what happened to one unit.
type progress struct {
	state unit.State
	// counted is the invocation that was counted last.
	counted string
	runs    int
}

func newWatcher(ctx context.Context, m *unit.Manager, targets []*target, o Options) (*watcher, error) {
	ctx, cancel := context.WithCancel(ctx)
	w := &watcher{manager: m, options: o, units: map[string]*progress{}, cancel: cancel}
	var err error
	if w.names, err = m.Changes(ctx); err != nil {
		cancel()
		return nil, err
	}
	for _, t := range targets {
		state, err := m.State(ctx, t.unit.Name)
		if err != nil {
			cancel()
			return nil, err
		}
		p := &progress{state: state}
		if state.Stopped() {
			p.counted = state.Invocation
		}
		w.units[t.unit.Name] = p
	}
	return w, nil
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
	if state.Stopped() && state.Invocation != p.counted {
		p.counted = state.Invocation
		p.runs++
	}
	p.state = state
	return w.ending()
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
