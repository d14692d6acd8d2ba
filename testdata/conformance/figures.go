// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// pair is one operation under one case: what it came to without a sandbox, what the
// model says and what it came to.
type pair struct {
	operation     string
	was, says, is trace.Outcome
	said          string // what systemd had to say when the service did not start
}

func (p pair) agrees() bool { return p.says == p.is }

// figures is what was tried on a target, by directive, and how many pairs each exception
// stands for.
type figures struct {
	target      systemd.Target
	mu          sync.Mutex
	byDirective map[string]*count
	lines       []string
	byReason    map[string]int
	left        []testCase // what there was no time for
}

type count struct{ cases, pairs, denied, disagree, excepted int }

func newFigures(on systemd.Target) *figures {
	return &figures{target: on, byDirective: map[string]*count{}, byReason: map[string]int{}}
}

func (f *figures) add(c testCase, uid int, pairs []pair) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.byDirective[c.name]
	if n == nil {
		n = &count{}
		f.byDirective[c.name] = n
	}
	n.cases++
	for _, p := range pairs {
		n.pairs++
		if p.is != p.was {
			n.denied++
		}
		if p.agrees() {
			continue
		}
		if why := exception(f.target, c, uid, p); why != "" {
			n.excepted++
			f.byReason[why]++
			continue
		}
		n.disagree++
		f.lines = append(f.lines, fmt.Sprintf("%s as %d, %s: %s, the model says %s (%s without) %s", c, uid, p.operation, p.is, p.says, p.was, p.said))
	}
}

func (f *figures) total() count {
	var all count
	for _, n := range f.byDirective {
		all.cases += n.cases
		all.pairs += n.pairs
		all.denied += n.denied
		all.disagree += n.disagree
		all.excepted += n.excepted
	}
	return all
}

func (f *figures) print(w io.Writer) {
	slices.Sort(f.lines)
	for _, l := range f.lines {
		fmt.Fprintln(w, l)
	}
	fmt.Fprintf(w, "%-28s %6s %8s %8s %13s %10s\n", "directive", "runs", "pairs", "denied", "disagreements", "exceptions")
	for _, name := range slices.Sorted(maps.Keys(f.byDirective)) {
		n := f.byDirective[name]
		fmt.Fprintf(w, "%-28s %6d %8d %8d %13d %10d\n", name, n.cases, n.pairs, n.denied, n.disagree, n.excepted)
	}
	for _, why := range slices.Sorted(maps.Keys(f.byReason)) {
		fmt.Fprintf(w, "%8d exceptions: %s\n", f.byReason[why], why)
	}
	for _, c := range f.left {
		fmt.Fprintf(w, "not tried for lack of time: %s\n", c)
	}
	n := f.total()
	fmt.Fprintf(w, "conformance: systemd=%d pairs=%d disagreements=%d exceptions=%d\n", f.target.Systemd.Major, n.pairs, n.disagree, n.excepted)
}
