// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/trace"
)

// lab is machines of one systemd, and what the operations come to in them without
// a sandbox.
type lab struct {
	target   systemd.Target
	model    *directive.Model
	machines []*machine
	// plain is by uid; operations that did not come to the same twice are left out.
	plain map[int]map[string]*reference
}

// reference is an operation without a sandbox.
type reference struct {
	outcome trace.Outcome
	// variants are the steps that it may have had.
	variants [][]step
	scene    *directive.Scene
}

// open boots the machines and runs the operations without a sandbox.
func open(ctx context.Context, o options) (*lab, error) {
	dir, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	program := o.program
	if program == "" {
		if program, err = probes.Build(dir); err != nil {
			return nil, err
		}
	}
	l := &lab{model: directive.NewModel(), plain: map[int]map[string]*reference{}}
	for range o.machines {
		m, err := boot(ctx, o, program)
		if err != nil {
			return nil, errors.Join(err, l.close())
		}
		l.machines = append(l.machines, m)
	}
	if l.target, err = l.machines[0].target(ctx); err == nil {
		err = l.observeAll(ctx)
	}
	if err == nil && o.here {
		err = loadNoMore()
	}
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *lab) close() error {
	var all error
	for _, m := range l.machines {
		all = errors.Join(all, m.root.Close(), m.Close())
	}
	return all
}

func (l *lab) observeAll(ctx context.Context) error {
	m := l.machines[0]
	for _, uid := range uids {
		var runs [2]outcomes
		for i := range runs {
			var err error
			if runs[i], err = m.operate(ctx, nil, uid); err != nil {
				return err
			}
		}
		if err := probes.PrepareArea(m.HostPath("/"), probes.Area, uid); err != nil {
			return err
		}
		l.plain[uid] = map[string]*reference{}
		for _, op := range probes.Table {
			if outcome := runs[0].byName[op.Name]; outcome != "" && outcome == runs[1].byName[op.Name] {
				l.plain[uid][op.Name] = refer(m, op, uid, outcome)
			}
		}
	}
	return nil
}

func refer(m *machine, op probes.Operation, uid int, outcome trace.Outcome) *reference {
	steps := observe(m.root, op, uid, outcome)
	return &reference{outcome, variants(steps, op, uid, outcome), directive.NewScene(slices.Concat(steps...))}
}

// predict returns what the model says of an operation: what happened, if it says so of
// any variant.
func (r *reference) predict(s *directive.Sandbox, operation string, is trace.Outcome) trace.Outcome {
	var says []trace.Outcome
	for _, v := range r.variants {
		says = append(says, predict(s, operation, v, r.outcome)...)
	}
	if slices.Contains(says, is) {
		return is
	}
	return says[0]
}

// compareAll tries every case as every user, several at once, until there is enough.
func (l *lab) compareAll(ctx context.Context, all []testCase, enough <-chan time.Time) (*figures, error) {
	queue := make(chan testCase)
	f := newFigures(l.target)
	errs := make([]error, len(l.machines))
	var wait sync.WaitGroup
	for i, m := range l.machines {
		wait.Go(func() {
			for c := range queue {
				if errs[i] == nil {
					errs[i] = l.compare(ctx, m, c, f)
				}
			}
		})
	}
	f.left = feed(queue, all, enough)
	wait.Wait()
	return f, errors.Join(errs...)
}

// feed puts the cases into the queue until there is enough, and returns those that are left.
func feed(queue chan<- testCase, all []testCase, enough <-chan time.Time) []testCase {
	defer close(queue)
	for i, c := range all {
		select {
		case queue <- c:
		case <-enough:
			return all[i:]
		}
	}
	return nil
}

func (l *lab) compare(ctx context.Context, m *machine, c testCase, f *figures) error {
	for _, uid := range uids {
		got, err := m.operate(ctx, c.settings, uid)
		if err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
		f.add(c, uid, l.differences(c, uid, got))
	}
	return nil
}

// differences compares one run of a case with the model.
func (l *lab) differences(c testCase, uid int, got outcomes) []pair {
	if started := len(got.byName) > 0; !started || !l.starts(c, uid) {
		was := pair{operation: "start", was: trace.OutcomeOK, says: startOutcome(l.starts(c, uid)), is: startOutcome(started)}
		was.said = fmt.Sprintf("status %d %s", got.status, strings.TrimSpace(got.said))
		return []pair{was}
	}
	var list []pair
	for _, op := range probes.Table {
		if r := l.plain[uid][op.Name]; r != nil {
			s := l.sandbox(c, uid, r.scene)
			is := got.byName[op.Name]
			list = append(list, pair{operation: op.Name, was: r.outcome, says: r.predict(s, op.Name, is), is: is})
		}
	}
	return list
}

// people are the users that settings name.
var people = trace.Unit{
	Users: map[uint32]string{0: "root", probes.UserID: probes.User, probes.OtherID: "other"}, Groups: map[uint32]string{0: "root", probes.UserID: probes.User, probes.OtherID: "other"},
}

func startOutcome(starts bool) trace.Outcome {
	if starts {
		return trace.OutcomeOK
	}
	return "no start"
}

// sandbox is what the model makes of a case.
func (l *lab) sandbox(c testCase, uid int, scene *directive.Scene) *directive.Sandbox {
	settings := slices.DeleteFunc(slices.Clone(c.settings), func(s trace.Setting) bool {
		return s.Name == "RestrictFileSystems" && !l.machines[0].restrictsTypes
	})
	settings = append(settings, trace.Setting{Name: "StandardInput", Value: "fd"}) // systemd-run hands one over
	if uid != 0 {
		settings = append(settings, trace.Setting{Name: "User", Value: probes.User})
	}
	return l.model.Sandbox(settings, l.target, scene.With(people))
}

// starts tells whether, by the model, the probe program can be executed.
func (l *lab) starts(c testCase, uid int) bool {
	actor := trace.Actor{Exe: probes.Program, UID: uint32(uid), GID: uint32(uid), Line: "ExecStart", Phase: trace.PhaseService}
	s := l.sandbox(c, uid, directive.NewScene(nil))
	return decisive(s, "start", step{{Kind: trace.KindFile, Actor: actor, Outcome: trace.OutcomeOK,
		File: &trace.File{Op: trace.OpExecute, Path: probes.Program, Type: trace.TypeRegular, FS: fileSystem(l.machines[0].root, probes.Program)}}}) == nil
}
