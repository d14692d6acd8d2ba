// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/testdata/internal/denial"
	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/trace"
)

// suggestions are the suggestions that a service is tried under, by what they are asked
// for with.
var suggestions = []struct {
	name string
	args []string
}{
	{"safe", []string{"--level=safe"}},
	{"standard", []string{"--level=standard"}},
	{"strict", []string{"--level=strict"}},
	{"allowlist", []string{"--filesystem=allowlist"}},
	{"identity", []string{"--identity=drop"}},
}

// trip is the way of a service through a recording and under what is suggested for it.
type trip struct {
	*service
	house
	options
	target systemd.Target
	dir    string // on the host
	plain  life
	// unsteady are the operations that came to something else the second time.
	unsteady []string
	training *trace.Trace
	dropIns  map[string][]byte
	tally    tally
}

// tally is what was tried, and what was not as it should be.
type tally struct {
	services, idle, sandboxes, operations, foreign, excepted int
	wrong                                                    []string
}

func (t *tally) add(other tally) {
	t.services += other.services
	t.idle += other.idle
	t.sandboxes += other.sandboxes
	t.operations += other.operations
	t.foreign += other.foreign
	t.excepted += other.excepted
	t.wrong = append(t.wrong, other.wrong...)
}

func (t *trip) say(format string, args ...any) {
	t.tally.wrong = append(t.tally.wrong, t.name+" "+fmt.Sprintf(format, args...))
}

// train runs the service twice as it is, and records it.
func (t *trip) train(ctx context.Context) error {
	if err := t.moveIn(ctx, t.service); err != nil {
		return err
	}
	var err error
	if t.plain, err = t.live(ctx, t.service); err != nil {
		return err
	}
	if !t.works() {
		t.tally.idle++
		return nil
	}
	again, err := t.live(ctx, t.service)
	if err != nil {
		return err
	}
	for _, o := range t.operations() {
		if t.plain[o] != again[o] {
			t.unsteady = append(t.unsteady, o)
		}
	}
	recorded, training, err := t.record(ctx, t.service, t.path("training.trace"))
	if err != nil {
		return err
	}
	t.training = training
	for _, why := range t.training.Incomplete() {
		t.say("recorded: the trace is incomplete: %s", why)
	}
	t.compare(ctx, "recorded", recorded, nil)
	t.tally.services++
	return os.WriteFile(t.path("service"), []byte(t.unit(t.outside)), 0o644)
}

// works tells whether the service came to all that it has to do: not every sandbox that
// is drawn lets it.
func (t *trip) works() bool { return len(t.plain) == len(t.operations()) }

func (t *trip) path(name string) string { return filepath.Join(t.dir, t.name+"."+name) }

// compare says which operations came to something else than without a sandbox.
func (t *trip) compare(ctx context.Context, when string, got life, dropIn []byte) {
	if len(got) == 0 {
		said, err := t.Output(ctx, "sh", "-c", `journalctl --sync; journalctl --no-pager --output=cat --lines=6 --unit="$1"; cat "$2"`, "sh", t.name, t.transcript())
		t.say("%s: it does nothing at all: %q %v", when, said, err)
		return
	}
	for _, o := range t.operations() {
		t.tally.operations++
		if !t.same(o, got) {
			t.differs(dropIn, pair{operation: o, was: t.plain[o], says: t.plain[o], is: got[o], said: when + ": it denies nothing"})
		}
	}
}

// differs says what is not as it should be, unless it may differ.
func (t *trip) differs(dropIn []byte, p pair) {
	uid := t.uid(p.operation)
	if inPassing(p.operation, uid) || exception(t.target, testCase{settings: settingsIn(dropIn)}, uid, p) != "" {
		t.tally.excepted++
		return
	}
	t.say("%s (%s): %s, was %s, %s", p.operation, t.partOf(p.operation), p.is, p.was, p.said)
}

// inPassing tells whether an operation only asks, as that user, what it does not do: a
// suggestion may have it answered in another way.
func inPassing(operation string, uid int) bool {
	o, _ := probes.Find(operation)
	return slices.ContainsFunc(o.Expect, func(x trace.Observation) bool {
		x.Actor.UID = uint32(uid)
		return directive.InPassing(&x) != ""
	})
}

// settingsIn are the settings of a drop-in, each on a line of its own.
func settingsIn(dropIn []byte) []trace.Setting {
	var list []trace.Setting
	for line := range strings.Lines(string(dropIn)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(name, "#") {
			list = append(list, trace.Setting{Name: name, Value: value})
		}
	}
	return list
}

// refusals are the ways in which the kernel says that somebody may not: whoever was
// refused is still if another one says so first.
var refusals = []trace.Outcome{"EPERM", "EACCES", "EROFS"}

// same tells whether an operation came to the same as without a sandbox.
func (t *trip) same(operation string, got life) bool {
	was, is := t.plain[operation], got[operation]
	return was == is || slices.Contains(refusals, was) && slices.Contains(append(refusals, "ENOENT", "ENOSYS"), is) || slices.Contains(t.unsteady, operation)
}

// obey has the service live under each suggestion.
func (t *trip) obey(ctx context.Context) error {
	if !t.works() {
		return nil
	}
	for i, v := range suggestions {
		dropIn, steps, err := t.suggest(ctx, v.args)
		if err != nil {
			return err
		}
		if steps > 0 {
			continue // it does not claim to work before they are taken
		}
		t.dropIns[v.name] = dropIn
		if err := os.WriteFile(t.path(v.name+".conf"), dropIn, 0o644); err != nil {
			return err
		}
		if err := t.deniesNothing(ctx, v.name); err != nil {
			return err
		}
		if err := t.under(ctx, v.name, dropIn, i == t.number%len(suggestions)); err != nil {
			return err
		}
	}
	return nil
}

// deniesNothing asks check about a suggestion. What root did is not what another user
// will do, so that it cannot say that of another identity.
func (t *trip) deniesNothing(ctx context.Context, name string) error {
	if name == "identity" {
		return nil
	}
	violations, err := t.check(ctx, t.path(name+".conf"))
	for _, v := range violations {
		if seen("", v.Outcome) == "" && t.has(v.Directive) {
			continue // it is the service's own setting, under which that went well all the same
		}
		t.say("%s: check says that %s= denies %s", name, v.Directive, brief(v.Observation))
	}
	return err
}

// has tells whether the service has a setting without any drop-in.
func (t *trip) has(name string) bool {
	return slices.ContainsFunc(t.settings, func(s trace.Setting) bool { return s.Name == name })
}

func brief(o *trace.Observation) string {
	text, _ := json.Marshal(o) // it was read as JSON
	return string(text)
}

// under has the service live under a suggestion, and records that or not.
func (t *trip) under(ctx context.Context, name string, dropIn []byte, recorded bool) error {
	if err := t.sandbox(ctx, t.service, dropIn); err != nil {
		return err
	}
	t.tally.sandboxes++
	if !recorded {
		got, err := t.live(ctx, t.service)
		t.compare(ctx, name, got, dropIn)
		return err
	}
	got, sandboxed, err := t.record(ctx, t.service, t.path(name+".trace"))
	if err != nil {
		return err
	}
	t.compare(ctx, name, got, dropIn)
	for _, refusal := range denial.Refused(t.training, sandboxed) {
		if !t.compared(refusal, got) {
			t.say("%s: %s", name, strings.TrimSpace(refusal))
		}
	}
	return nil
}

// compared tells whether a refusal is of an operation that failed without a sandbox, too,
// or that fails now: what it came to is compared.
func (t *trip) compared(refusal string, got life) bool {
	return slices.ContainsFunc(t.operations(), func(o string) bool {
		return strings.HasPrefix(refusal, fmt.Sprintf("%q was refused", t.service.program(o))) && (t.plain[o] != trace.OutcomeOK || got[o] != trace.OutcomeOK)
	})
}

// suggest returns a drop-in, and how many steps it takes besides.
func (t *trip) suggest(ctx context.Context, args []string) ([]byte, int, error) {
	args = append([]string{"suggest", t.path("training.trace")}, args...)
	dropIn, err := exec.CommandContext(ctx, t.sbxprof, args...).Output()
	if err != nil {
		return nil, 0, fmt.Errorf("%s %s: %w", t.sbxprof, strings.Join(args, " "), err)
	}
	return dropIn, strings.Count(string(dropIn), "\n# Step "), nil
}

// check returns what of the recording a drop-in denies, by the model.
func (t *trip) check(ctx context.Context, dropIn string) ([]directive.Violation, error) {
	cmd := exec.CommandContext(ctx, t.sbxprof, "check", "--format=json", "--unit-file", t.path("service"), "--drop-in", dropIn, t.path("training.trace"))
	text, err := cmd.Output()
	var said struct{ Violations []directive.Violation }
	if wrong := json.Unmarshal(text, &said); wrong != nil {
		return nil, fmt.Errorf("%s: %w, %w", strings.Join(cmd.Args, " "), wrong, err)
	}
	return said.Violations, nil
}

// borrow has the service live under what was suggested for another one, and compares
// what it came to with what check says of it.
func (t *trip) borrow(ctx context.Context, from *trip, variant string) error {
	dropIn := from.dropIns[variant]
	if dropIn == nil || !t.own || !t.works() {
		return nil
	}
	when := variant + " of " + from.name
	violations, err := t.check(ctx, from.path(variant+".conf"))
	if err != nil {
		return err
	}
	if err := t.sandbox(ctx, t.service, dropIn); err != nil {
		return err
	}
	got, err := t.live(ctx, t.service)
	if err != nil {
		return err
	}
	if !t.restrictsTypes {
		violations = slices.DeleteFunc(violations, func(v directive.Violation) bool { return v.Directive == "RestrictFileSystems" })
	}
	f := foresee(t.service, violations, settingsIn(dropIn))
	for _, o := range t.operations() {
		t.tally.foreign++
		if wrong := f.wrong(o, t.plain[o], got[o], t.same(o, got)); wrong != "" {
			t.differs(dropIn, pair{operation: o, was: t.plain[o], is: got[o], said: when + ": " + wrong})
		}
	}
	return nil
}
