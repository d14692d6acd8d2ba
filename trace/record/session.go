// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// target is one unit, or the command, that is recorded.
type target struct {
	unit   trace.Unit
	cgroup string // below the root of the cgroup2 mount; "" is unknown
	// starts counts the starts of the main command from the first instruction on.
	starts  int
	mainPID uint32 // of the last start
	run     string
	open    []trace.Path
	peaks   trace.Peaks
	losses  []trace.Loss // of this target alone
}

// session gathers what the kernel side sees of all targets.
type session struct {
	mu  sync.Mutex
	bpf *bpf.Recorder
	// targets are all of them, and units by the kernel side's numbers.
	targets []*target
	units   map[uint16]*target
	// discover looks up a unit that the kernel side has found; nil if it is not wanted.
	// It may take long, and is called without mu.
	discover func(name string) *target
	found    chan struct{} // has room for one: there are more targets
	actors   *actors
	events   *set
	files    files
	symbols  symbols
	clock    clock
	header   trace.Header // what all traces have in common
	notice   func(string)
	full     uint64 // how many observations there was no room for
	visit    bool   // several threads moved at once, of which one was seen
}

// addTarget adds a target with the kernel side's number for it.
func (s *session) addTarget(number uint16, t *target) {
	s.targets = append(s.targets, t)
	s.units[number] = t
}

// names are the names of all units.
func (s *session) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, t := range s.targets {
		names = append(names, t.unit.Name)
	}
	return names
}

// handle takes in one event.
func (s *session) handle(e *bpf.Event) {
	if e.Kind == bpf.EventUnit {
		s.find(e)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Kind {
	case bpf.EventActor:
		s.actors.add(e)
		// While the process lives its view of the file system can be had.
		s.files.roots.of(rootKey{e.MountNS, e.Root}, e.PID)
	case bpf.EventCommand:
		s.start(e)
	case bpf.EventFile:
		s.add(e, s.files.observations(e)...)
	case bpf.EventAddress:
		if o, ok := addressOf(e); ok {
			s.add(e, o)
		}
	case bpf.EventSignal:
		if o, ok := signalOf(e, s.cgroupOf(e.Actor)); ok {
			s.add(e, o)
		}
	case bpf.EventMove:
		s.move(e)
	}
}

// find takes in a unit that the kernel side has found. Events that come after it need
// to know it, and wait.
func (s *session) find(e *bpf.Event) {
	t := s.discover(string(e.Given))
	if t == nil {
		return
	}
	s.mu.Lock()
	s.addTarget(e.Who.Unit, t)
	s.mu.Unlock()
	select {
	case s.found <- struct{}{}:
	default: // told already
	}
}

// start notes that systemd started a command.
func (s *session) start(e *bpf.Event) {
	s.files.roots.of(rootKey{e.MountNS, e.Root}, e.PID)
	t := s.units[e.Who.Unit]
	if t == nil {
		return
	}
	fit := findCommands(t.unit.Commands, e.Given, trace.Path(e.Path.Name))
	c := chooseCommand(fit, processRuns(t.mainPID))
	if c == nil {
		return
	}
	c.Runs++
	c.Program = s.files.program(e, c.Argv[0])
	if c.Line == mainLine {
		t.starts++
		t.mainPID = e.PID
	}
	// The kernel side knows equal command lines as one.
	key := commandKey{e.Who.Unit, e.Who.Command}
	if s.actors.commands[key] == nil {
		s.actors.commands[key] = c
	}
}

// program is the file that a command's name leads to; "" if it is that file.
func (f files) program(e *bpf.Event, name string) trace.Path {
	if !strings.HasPrefix(name, "/") {
		return ""
	}
	l := f.roots.locate(f.roots.of(rootKey{e.MountNS, e.Root}, e.PID), name, true)
	if l.stat == nil || l.path == path.Clean(name) {
		return ""
	}
	return trace.Path(l.path)
}

func processRuns(pid uint32) bool {
	_, err := os.Stat("/proc/" + strconv.Itoa(int(pid)))
	return pid != 0 && err == nil
}

// mainLine is the Exec line whose start is the service's.
const mainLine = "ExecStart"

// add adds observations of an event.
func (s *session) add(e *bpf.Event, observations ...trace.Observation) {
	for _, o := range observations {
		o.Count, o.First, o.Last = 1, s.clock.time(e.Time), s.clock.time(e.Time)
		if e.PID != 0 {
			o.Example = &trace.Example{PID: e.PID}
		}
		if len(s.events.entries) < maxEvents || s.events.has(e.Actor, o) {
			s.events.happenedAgain(e.Again, s.events.add(e.Actor, o))
			continue
		}
		coarsen(&o)
		if len(s.events.entries) < 2*maxEvents || s.events.has(e.Actor, o) {
			s.events.add(e.Actor, o)
			continue
		}
		s.full++
	}
}

// maxEvents bounds how many observations of events are told apart, and with them the
// memory that a recording takes. As many more may be coarse ones; what is then new is
// lost.
const maxEvents = 50_000

// move notes a task that changed its cgroup. Those that systemd moves in before they
// become the service are how a unit starts.
func (s *session) move(e *bpf.Event) {
	s.visit = s.visit || e.Threads
	who, known := s.actors.who[e.Actor]
	if e.In && (!known || !who.Service) {
		return
	}
	m := &trace.Move{In: e.In}
	if !e.In {
		m.Cgroup = trace.Path(e.Given)
	}
	s.add(e, trace.Observation{Kind: trace.KindMove, Move: m, Outcome: trace.OutcomeOK})
}

// cgroupOf is the cgroup of the unit that an actor belongs to.
func (s *session) cgroupOf(actor uint32) string {
	if t := s.units[s.actors.who[actor].Unit]; t != nil {
		return t.cgroup
	}
	return "/"
}

// visitMoved takes in the threads that moved along with one that was seen.
func (s *session) visitMoved() error {
	s.mu.Lock()
	needed := s.visit
	s.visit = false
	s.mu.Unlock()
	if !needed {
		return nil
	}
	return s.bpf.Visit()
}

// traces are the targets' traces as they are now.
func (s *session) traces(now time.Time) ([]*trace.Trace, error) {
	state, err := s.bpf.State()
	if err != nil {
		return nil, fmt.Errorf("reading what was recorded: %w", err)
	}
	kernel, err := s.bpf.Memory()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.header.Footprint = &trace.Footprint{Kernel: kernel, Process: processPeak()}
	all := s.collect(state)
	var traces []*trace.Trace
	for _, t := range s.targets {
		traces = append(traces, s.trace(t, all, state.Losses, now))
	}
	return traces, nil
}

// collect adds the kernel's maps to what the events told.
func (s *session) collect(state *bpf.State) *set {
	all := newSet()
	for key, o := range s.events.entries {
		counted := *o
		all.entries[key] = &counted
	}
	s.countAgain(all, state)
	all.addCalls(state.Calls, s.clock)
	all.addAsked(state.Calls, s.clock)
	all.addChecks(state.Checks, s.audited(), s.symbols, s.clock)
	all.addChecks(inlinedChecks(state), s.audited(), s.symbols, s.clock)
	all.addUrings(state.Urings, s.clock)
	return all
}

// countAgain adds how often events happened again.
func (s *session) countAgain(all *set, state *bpf.State) {
	for key, observations := range s.events.again {
		n, ok := state.Again[key]
		if key.Folded() {
			n, ok = state.Folded[key.Directory()]
		}
		if !ok {
			continue
		}
		last := s.clock.time(n.Last)
		for _, o := range observations {
			if counted := all.entries[o]; counted != nil {
				count(counted, n.Count, counted.First, last)
			}
		}
	}
}

// audited tells whether the source of capability checks knows whether they are.
func (s *session) audited() bool {
	return slices.ContainsFunc(s.header.Sources, func(c trace.Source) bool {
		return c.Name == "capabilities" && c.Via == "fexit/cap_capable"
	})
}

// trace is one target's trace.
func (s *session) trace(target *target, all *set, losses []bpf.Loss, now time.Time) *trace.Trace {
	t := &trace.Trace{Header: s.header}
	t.Header.Unit, t.Header.Starts, t.Header.Run = target.unit, target.starts, target.run
	t.Header.Unit.Commands = slices.Clone(target.unit.Commands)
	t.Header.End = now
	t.Header.Uncounted = s.events.uncounted
	t.Header.OpenAtBegin = target.open
	if target.peaks != (trace.Peaks{}) {
		peaks := target.peaks
		t.Header.Peaks = &peaks
	}
	t.Header.Losses = slices.Concat(s.header.Losses, target.losses)
	if s.full > 0 {
		t.Header.Losses = append(t.Header.Losses, trace.Loss{Reason: "observations_full", Count: s.full, Hides: "operations on files and addresses, and signals to others"})
	}
	for _, l := range losses {
		t.Header.Losses = append(t.Header.Losses, trace.Loss{Reason: l.Reason, Count: l.Count, Hides: l.Hides})
	}
	merged := map[string]*trace.Observation{}
	for key, o := range all.entries {
		actor, known := s.actors.actor(key.actor)
		if !known || s.units[s.actors.who[key.actor].Unit] != target {
			continue
		}
		whole := *o
		whole.Actor = actor
		id := whole.Key()
		if same := merged[id]; same != nil {
			same.Add(&whole)
			continue
		}
		merged[id] = &whole
	}
	for _, id := range slices.Sorted(maps.Keys(merged)) {
		t.Observations = append(t.Observations, *merged[id])
	}
	return t
}
