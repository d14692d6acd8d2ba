// SPDX-License-Identifier: Apache-2.0

package record

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
	"github.com/sbxprof/sbxprof/trace/unit"
)

const (
	defaultCheckpoint = 30 * time.Second
	// lookEvery is how often a unit's cgroup is asked for its peaks, which go with it.
	lookEvery = 5 * time.Second
	// After systemd let a question go unanswered it has less time for the next ones:
	// events wait meanwhile.
	defaultPatience = 10 * time.Second
	littlePatience  = time.Second
)

// Run records a training run. Its errors wrap bpf.ErrUnsupported when this kernel
// or a lack of privilege is the reason, and those of package unit. The result is nil
// if recording did not begin.
func Run(ctx context.Context, o Options) (*Result, error) {
	if len(o.Units) == 0 && !o.All && len(o.Command) == 0 {
		return nil, errors.New("there is nothing to record: name a unit or a command")
	}
	if o.CheckpointEvery == 0 {
		o.CheckpointEvery = defaultCheckpoint
	}
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	r := &run{options: o, clock: newClock(), patience: defaultPatience}
	defer r.close()
	if err := r.prepare(ctx); err != nil {
		return nil, err
	}
	if err := r.attach(); err != nil {
		return nil, err
	}
	return r.record(ctx)
}

// run is a training run.
type run struct {
	options Options
	clock   clock
	manager *unit.Manager // nil without units
	session *session
	watcher *watcher
	own     *ownCgroup // of the command, without units
	mount   string
	wanted  wanted
	events  chan error // the result of reading events
	moved   chan struct{}
	// patience is how long systemd may take to tell of a unit that was found.
	patience time.Duration
	names    names
	mentions map[string]*mentions // by the run of the target
}

// prepare finds what is to be recorded, and loads the kernel side.
func (r *run) prepare(ctx context.Context) error {
	var err error
	if r.mount, err = bpf.CgroupMount(); err != nil {
		return err
	}
	var targets []*target
	if r.wanted, err = whatIsWanted(&r.options); err != nil {
		return err
	}
	launches := len(r.options.Units) == 0 && !r.options.All
	if launches {
		targets, err = r.commandTarget()
	} else {
		targets, err = r.unitTargets(ctx)
	}
	if err != nil {
		return err
	}
	roots, err := newRoots()
	if err != nil {
		return err
	}
	r.session = &session{units: map[uint16]*target{}, discover: r.discover, found: make(chan struct{}, 1), actors: newActors(), events: newSet(), files: files{roots},
		clock: r.clock, notice: r.options.Notice}
	for n, t := range targets {
		r.session.addTarget(uint16(n), t)
	}
	r.session.bpf, err = bpf.Open(bpf.Options{RingSize: r.options.RingSize, Launches: launches})
	return err
}

// unitTargets looks the units up.
func (r *run) unitTargets(ctx context.Context) ([]*target, error) {
	var err error
	if r.manager, err = unit.Connect(ctx); err != nil {
		return nil, err
	}
	var targets []*target
	for _, name := range r.wanted.names {
		u, err := r.manager.Lookup(ctx, name)
		if err != nil {
			return nil, err
		}
		if err := u.CheckCgroup(r.mount); err != nil {
			return nil, err
		}
		state, err := r.manager.State(ctx, u.Name)
		if err != nil {
			return nil, err
		}
		if state.Stopped() && !r.options.Restart && r.options.Runs == 0 {
			return nil, fmt.Errorf("%w: %s is %s; use --restart to start it while it is recorded", ErrNotRunning, u.Name, state.Active)
		}
		targets = append(targets, &target{unit: u.Unit, cgroup: u.Cgroup, run: trace.NewRunID()})
	}
	return targets, nil
}

// ErrNotRunning is wrapped when a unit does not run and is not to be started.
var ErrNotRunning = errors.New("the unit does not run")

// commandTarget makes a cgroup for the command.
func (r *run) commandTarget() ([]*target, error) {
	var err error
	if r.own, err = newOwnCgroup(r.mount); err != nil {
		return nil, err
	}
	command := trace.Command{Line: mainLine, Argv: r.options.Command}
	return []*target{{unit: trace.Unit{Commands: []trace.Command{command}}, cgroup: r.own.path, run: trace.NewRunID()}}, nil
}

// attach attaches the kernel side and begins to read its events.
func (r *run) attach() error {
	s := r.session
	var cgroups []string
	for _, t := range s.targets {
		cgroups = append(cgroups, t.cgroup)
	}
	s.header = r.header()
	s.symbols = readSymbols()
	r.events = make(chan error, 1)
	r.moved = make(chan struct{}, 1)
	if err := s.bpf.Start(cgroups, r.wanted.slices()...); err != nil {
		return err
	}
	s.header.Sources = s.bpf.Sources()
	for _, e := range s.bpf.Found() {
		s.handle(e)
	}
	for _, t := range s.targets {
		t.open = openFiles(r.mount + t.cgroup)
	}
	go func() {
		r.events <- s.bpf.Events(func(e *bpf.Event) {
			s.handle(e)
			if e.Kind == bpf.EventMove && e.Threads {
				select {
				case r.moved <- struct{}{}:
				default:
				}
			}
		})
	}()
	return nil
}

// discover looks up a unit that the kernel side has found; nil if it was not asked
// for. One of which systemd does not tell has a trace that says so.
func (r *run) discover(name string) *target {
	ctx, cancel := context.WithTimeout(context.Background(), r.patience)
	defer cancel()
	u, err := r.manager.Lookup(ctx, name)
	r.patience = defaultPatience
	if ctx.Err() != nil {
		r.patience = littlePatience
	}
	if err != nil {
		return r.unread(name, err)
	}
	if !r.wanted.fits(u.Name, u.Cgroup) {
		return nil
	}
	return &target{unit: u.Unit, cgroup: u.Cgroup, run: trace.NewRunID()}
}

// unread is a unit of which systemd told nothing; nil if it was not asked for.
func (r *run) unread(name string, err error) *target {
	if !r.wanted.mayFit(name) {
		return nil
	}
	r.options.Notice(err.Error())
	return &target{unit: trace.Unit{Name: name}, run: trace.NewRunID(), losses: []trace.Loss{unitUnread}}
}

// unitUnread is what is lost when systemd does not tell of a unit that was found.
var unitUnread = trace.Loss{Reason: "unit_unread", Count: 1, Hides: "the settings and the commands of the unit, and its signals to others"}

// header is what the headers of all traces have in common.
func (r *run) header() trace.Header {
	h := trace.Header{Format: trace.Format, Version: trace.MajorVersion, Recorder: r.options.Recorder,
		Host: hostOf(), Names: countNames(""), Begin: time.Now().UTC().Round(0), Losses: []trace.Loss{}}
	if r.manager != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		version, features, err := r.manager.Version(ctx)
		if err != nil {
			r.options.Notice(err.Error())
		}
		h.Host.Systemd, h.Host.Features = version, features
	}
	return h
}

// record starts what is to be started, waits for the end, and makes the traces.
func (r *run) record(ctx context.Context) (*Result, error) {
	result := &Result{Status: -1}
	err := r.restart(ctx)
	if err == nil {
		err = r.until(ctx, result)
	}
	if ctx.Err() != nil {
		result.Ended, err = EndedByCaller, nil
	}
	traces, endErr := r.end()
	result.Traces = traces
	return result, errors.Join(err, endErr)
}

func (r *run) restart(ctx context.Context) error {
	if r.manager == nil {
		return nil
	}
	var err error
	if r.watcher, err = newWatcher(ctx, r.manager, r.session, r.options); err != nil {
		return err
	}
	if !r.options.Restart {
		return nil
	}

	for _, name := range r.session.names() {
		if err := r.manager.Restart(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// until waits for what ends the recording.
func (r *run) until(ctx context.Context, result *Result) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if r.options.Ready != nil {
		r.options.Ready(r.session.names())
	}
	command, err := r.startCommand(ctx)
	if err != nil {
		return err
	}
	var over <-chan time.Time
	if r.options.Duration > 0 {
		timer := time.NewTimer(r.options.Duration)
		defer timer.Stop()
		over = timer.C
	}
	result.Ended, err = r.wait(ctx, command, over, result)
	cancel()
	if command != nil && result.Ended != EndedByCommand {
		result.Status = <-command
	}
	return err
}

// wait is the loop of a recording: it returns what ended it.
func (r *run) wait(ctx context.Context, command <-chan int, over <-chan time.Time, result *Result) (Ending, error) {
	checkpoint := time.NewTicker(r.options.CheckpointEvery)
	defer checkpoint.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return EndedByCaller, nil
		case result.Status = <-command:
			return EndedByCommand, nil
		case <-over:
			return EndedByDuration, nil
		case err := <-r.events:
			r.events <- err
			return EndedByCaller, err
		case name := <-r.watcher.changes():
			if ending := r.watcher.look(ctx, name); ending != "" {
				return ending, nil
			}
		case <-r.session.found:
			r.watcher.add(r.session.names())
		case <-r.moved:
			if err := r.session.visitMoved(); err != nil {
				r.options.Notice(err.Error())
			}
		case <-look.C:
			r.session.look(r.mount)
			if ending := r.watcher.lookAround(ctx); ending != "" {
				return ending, nil
			}
		case <-checkpoint.C:
			r.checkpoint()
		}
	}
}

// checkpoint hands the traces over as they are.
func (r *run) checkpoint() {
	if r.options.Checkpoint == nil {
		return
	}
	traces, err := r.session.traces(time.Now().UTC().Round(0))
	if err = errors.Join(err, r.handOver(traces)); err != nil {
		r.options.Notice(fmt.Sprintf("writing a checkpoint: %v", err))
	}
}

// handOver hands traces over as checkpoints. They have all that a trace has: after a
// crash nothing else is left.
func (r *run) handOver(traces []*trace.Trace) error {
	var errs []error
	for _, t := range traces {
		t.Header.Checkpoint = true
		r.describe(t)
		errs = append(errs, r.options.Checkpoint(t))
	}
	return errors.Join(errs...)
}

// describe fills in what needs the whole trace.
func (r *run) describe(t *trace.Trace) {
	acls{}.add(t) // they may change while the unit is watched
	r.names.add(t)
	m := r.mentions[t.Header.Run]
	if m == nil {
		if r.mentions == nil {
			r.mentions = map[string]*mentions{}
		}
		m = &mentions{}
		r.mentions[t.Header.Run] = m
	}
	m.add(t)
}

// end detaches, drains what is on the way, and makes the traces.
func (r *run) end() ([]*trace.Trace, error) {
	s := r.session
	s.look(r.mount)
	now := time.Now().UTC().Round(0)
	err := s.bpf.Stop()
	err = errors.Join(err, s.bpf.Flush(), <-r.events)
	traces, readErr := s.traces(now)
	r.names = names{} // somebody may have been made meanwhile, or become a member
	for _, t := range traces {
		r.describe(t)
	}
	return traces, errors.Join(err, readErr)
}

// close frees everything.
func (r *run) close() {
	if r.watcher != nil {
		r.watcher.stop()
	}
	if r.session != nil {
		if r.session.bpf != nil {
			r.session.bpf.Close()
		}
		r.session.files.roots.Close()
	}
	if r.manager != nil {
		r.manager.Close()
	}
	if r.own != nil {
		r.own.remove()
	}
}

// ErrUnsupported is wrapped by errors that tell that this kernel or this privilege
// cannot record.
var ErrUnsupported = bpf.ErrUnsupported
