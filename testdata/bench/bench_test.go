// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.of); got != c.want {
			t.Errorf("the median of %v is %v, want %v", c.of, got, c.want)
		}
	}
}

func TestComparisonsAreOfTheSameRound(t *testing.T) {
	// The machine is three times slower in the last round.
	m := measured{"a": {{cpu: 10}, {cpu: 12}, {cpu: 30}}, "b": {{cpu: 15}, {cpu: 17}, {cpu: 45}}}
	if got := m.added("b", "a", cpu); got != 5 {
		t.Errorf("b adds %v, want 5", got)
	}
	if got := m.speed("b", "a", cpu); got != 10.0/15 {
		t.Errorf("b has %v of the speed, want 2/3", got)
	}
	if got := m.cost("b", cpu); got != 17 {
		t.Errorf("b costs %v, want 17", got)
	}
}

func TestInterleave(t *testing.T) {
	var order strings.Builder
	take := func(name string) func(context.Context) (cost, error) {
		return func(context.Context) (cost, error) {
			order.WriteString(name)
			return cost{cpu: 1}, nil
		}
	}
	m, err := interleave(t.Context(), 3, []variant{
		{name: "a", measure: take("a")}, {name: "b", measure: take("b")}, {name: "c", rounds: 2, measure: take("c")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if order.String() != "abc"+"bca"+"ab" {
		t.Errorf("the order was %s", &order)
	}
	if len(m["a"]) != 3 || len(m["c"]) != 2 {
		t.Errorf("measured %v", m)
	}
	broken := errors.New("broken")
	_, err = interleave(t.Context(), 1, []variant{{name: "a", measure: func(context.Context) (cost, error) { return cost{}, broken }}})
	if !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}

func TestLoop(t *testing.T) {
	var out strings.Builder
	if err := loop(work{calls: 1000, batches: 3}, &out); err != nil {
		t.Fatal(err)
	}
	c, err := parseCost("Attaching 1 probe...\n" + out.String() + "\n@[loop, 110]: 3000\n")
	if err != nil || c.cpu <= 0 || c.elapsed <= 0 {
		t.Errorf("a call costs %+v, %v", c, err)
	}
	if _, err := parseCost("Attaching 1 probe...\n"); err == nil {
		t.Error("a loop that said nothing is no error")
	}
	if err := loop(work{}, &out); err == nil {
		t.Error("a loop with nothing to do is no error")
	}
}

func TestParseLoad(t *testing.T) {
	const report = `Running 1s test @ http://127.0.0.1/page.html
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   300.12us  500.31us   9.01ms   92.13%
    Req/Sec    27.01k     2.11k   30.02k    81.82%
  20000 requests in 1.10s, 24.51MB read
Requests/sec:  25000.00
Transfer/sec:     22.29MB
`
	c, err := parseLoad(report, 0.5)
	if err != nil || c.cpu != 25_000 || c.elapsed != 40_000 {
		t.Errorf("a request costs %+v, %v", c, err)
	}
	for _, bad := range []string{"", report + "  Non-2xx or 3xx responses: 5\n", report + "  Socket errors: connect 0, read 1, write 0, timeout 0\n"} {
		if _, err := parseLoad(bad, 0.5); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}

func TestParseFileRun(t *testing.T) {
	r, err := parseFileRun("creates: cpu=300000000 elapsed=400000000\nstats: cpu=100000000 elapsed=200000000\n")
	want := fileRun{creates: cost{3000, 4000}, stats: cost{1000, 2000}}
	if err != nil || r != want {
		t.Errorf("a file takes %+v, %v", r, err)
	}
	for _, bad := range []string{"", "creates: cpu=1 elapsed=1\n", "no such file\n"} {
		if _, err := parseFileRun(bad); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}

func TestFigures(t *testing.T) {
	r := results{
		loop: measured{untraced: {{100, 100}}, atFloor: {{120, 0}}, bystander: {{124, 0}}, recorded: {{130, 0}},
			byBPF: {{190, 0}}, byStrace: {{0, 30_100}}},
		files: measured{untracedCreates: {{90, 0}}, recordedCreates: {{100, 0}}, untracedStats: {{95, 0}}, recordedStats: {{100, 0}}},
		web:   measured{untraced: {{96, 0}}, recorded: {{100, 0}}},
	}
	const want = "bench: recorded_over_floor=1.50 bystander_over_floor=1.20 lighttpd_recorded=0.960 creates_recorded=0.900 bpftrace_over_recorded=3.0 strace_over_recorded=1000"
	if got := r.figures().String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
