// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/sbxprof/sbxprof/bpf/floor"
)

// Names of the variants of the loop that the figures are made of.
const (
	untraced  = "untraced"
	atFloor   = "floor: empty programs"
	bystander = "bystander: another unit is recorded"
	recorded  = "recorded"
	ofMany    = "recorded, with 99 other units"
	confined  = "recorded, with a filter in the unit"
	byStrace  = "strace -f"
	byBPF     = "bpftrace: count by (comm, id)"
)

var (
	fast = work{calls: 20_000, batches: 60}
	// What takes microseconds a call.
	slow = work{calls: 500, batches: 9}
)

// loopVariants are the loop untraced, with recorders, and with their peers.
func (b *bench) loopVariants() []variant {
	variants := []variant{
		{name: untraced, measure: b.loopIn(b.cgroups.own, nothing)},
		{name: atFloor, measure: b.loopIn(b.cgroups.own, attachFloor)},
		{name: bystander, measure: b.loopIn(b.cgroups.own, b.recorder(b.cgroups.other, 0))},
		{name: recorded, measure: b.loopIn(b.cgroups.own, b.recorder(b.cgroups.own, 0))},
		{name: ofMany, measure: b.loopIn(b.cgroups.own, b.recorder(b.cgroups.own, 99))},
		{name: confined, measure: b.loopIn(b.cgroups.confined, b.recorder(b.cgroups.confined, 0))},
	}
	for _, p := range peers {
		variants = append(variants, variant{name: p.name, rounds: 7, measure: b.loopUnder(p)})
	}
	for i, v := range variants {
		variants[i].measure = func(ctx context.Context) (cost, error) { return b.quiet.watch(ctx, v.measure) }
	}
	return variants
}

// attach attaches something, and returns how to detach it.
type attach func() (detach func() error, err error)

func nothing() (func() error, error) { return func() error { return nil }, nil }

func attachFloor() (func() error, error) {
	c, err := floor.Attach()
	if err != nil {
		return nil, err
	}
	return c.Close, nil
}

// loopIn measures the loop in a cgroup between attaching something and detaching it.
func (b *bench) loopIn(g cgroup, a attach) func(context.Context) (cost, error) {
	return func(ctx context.Context) (cost, error) {
		detach, err := a()
		if err != nil {
			return cost{}, err
		}
		c, err := b.runLoop(ctx, g, fast, nil)
		if stopped := detach(); err == nil {
			err = stopped
		}
		return c, err
	}
}

// loopUnder measures the loop as a child of a tracer.
func (b *bench) loopUnder(p peer) func(context.Context) (cost, error) {
	return func(ctx context.Context) (cost, error) {
		return b.runLoop(ctx, b.cgroups.own, p.work, p.args)
	}
}

// runLoop runs the loop, and a tracer if there is one, in a cgroup.
func (b *bench) runLoop(ctx context.Context, g cgroup, w work, tracer []string) (cost, error) {
	loop := []string{b.self, "loop", strconv.Itoa(w.calls), strconv.Itoa(w.batches)}
	if len(tracer) > 0 {
		loop = tracerCommand(tracer, loop)
	}
	cmd := exec.CommandContext(ctx, loop[0], loop[1:]...)
	cmd.Dir = b.scratch
	// No signals from Go's scheduler in the loop.
	cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(g.dir.Fd())}
	if len(tracer) > 0 {
		cmd.SysProcAttr.Unshareflags = syscall.CLONE_NEWNS
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return cost{}, fmt.Errorf("%s: %w\n%s", strings.Join(loop, " "), err, out)
	}
	return parseCost(string(out))
}

// parseCost finds the loop's line in what it and its tracer said.
func parseCost(said string) (cost, error) {
	var c cost
	_, line, _ := strings.Cut(said, "cost: ")
	if _, err := fmt.Sscanf("cost: "+line, costFormat, &c.cpu, &c.elapsed); err != nil {
		return c, fmt.Errorf("the loop did not tell what a call costs: %s", said)
	}
	return c, nil
}
