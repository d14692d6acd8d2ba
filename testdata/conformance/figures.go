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

// figures is what was tried, by directive.
type figures struct {
	mu          sync.Mutex
	byDirective map[string]*count
	lines       []string
}

type count struct{ cases, pairs, denied, disagree, excepted int }

func newFigures() *figures { return &figures{byDirective: map[string]*count{}} }

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
		switch {
		case p.agrees():
		case exception(c, uid, p) != "":
			n.excepted++
		default:
			n.disagree++
			f.lines = append(f.lines, fmt.Sprintf("%s as %d, %s: %s, the model says %s (%s without) %s", c, uid, p.operation, p.is, p.says, p.was, p.said))
		}
	}
}

func (f *figures) disagreements() int { return f.total().disagree }

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

func (f *figures) print(w io.Writer, t systemd.Target) {
	slices.Sort(f.lines)
	for _, l := range f.lines {
		fmt.Fprintln(w, l)
	}
	fmt.Fprintf(w, "%-28s %6s %8s %8s %13s %10s\n", "directive", "runs", "pairs", "denied", "disagreements", "exceptions")
	for _, name := range slices.Sorted(maps.Keys(f.byDirective)) {
		n := f.byDirective[name]
		fmt.Fprintf(w, "%-28s %6d %8d %8d %13d %10d\n", name, n.cases, n.pairs, n.denied, n.disagree, n.excepted)
	}
	n := f.total()
	fmt.Fprintf(w, "conformance: systemd=%d pairs=%d disagreements=%d exceptions=%d\n", t.Systemd.Major, n.pairs, n.disagree, n.excepted)
}
