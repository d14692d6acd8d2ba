// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/trace"
)

// buildProgram builds sbxprof as make does.
func buildProgram(t *testing.T) string {
	t.Helper()
	testbed.RequireRoot(t)
	program := filepath.Join(t.TempDir(), "sbxprof")
	build := exec.Command("go", "build", "-o", program, "../../cmd/sbxprof")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building sbxprof: %v\n%s", err, out)
	}
	return program
}

// newDemo returns a demo in which lighttpd runs. What sbxprof would suggest is
// written by the test.
func newDemo(t *testing.T, suite, program string) *demo {
	t.Helper()
	d := &demo{out: io.Discard, scratch: t.TempDir(), options: options{suite: suite, sbxprof: program}}
	d.m = testbed.New(t, testbed.Options{Suite: suite, Packages: packages})
	if err := d.setUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// under installs a drop-in and has lighttpd do everything under it.
func (d *demo) under(t *testing.T, settings string) {
	t.Helper()
	d.figures, d.wrong = figures{}, nil
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	conf := []byte("[Service]\n" + settings)
	if err := d.m.WriteFile(ctx, "/root/sbxprof.conf", conf, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := d.install(ctx); err != nil {
		t.Fatal(err)
	}
	if err := d.replay(ctx); err != nil {
		t.Fatal(err)
	}
}

const harmless = "SystemCallFilter=@system-service\nCapabilityBoundingSet=~CAP_SYS_PTRACE\n"

func TestDemo(t *testing.T) {
	program := buildProgram(t)
	for _, suite := range []string{"bookworm", "trixie"} {
		t.Run(suite, func(t *testing.T) {
			var said strings.Builder
			keep := t.TempDir()
			err := run(t.Context(), []string{"-suite", suite, "-sbxprof", program, "-keep", keep}, &said)
			if err != nil {
				t.Fatalf("%v\n%s", err, said.String())
			}
			lines := strings.Split(strings.TrimSpace(said.String()), "\n")
			last := lines[len(lines)-1]
			if !strings.HasPrefix(last, "demo: unit=lighttpd.service suite="+suite+" ") || !strings.HasSuffix(last, " failed=0 denied=0 lost=0") {
				t.Errorf("the last line is %q", last)
			}
			if kept, err := trace.ReadFile(filepath.Join(keep, "lighttpd-"+suite+".trace")); err != nil || kept.Header.Unit.Name != "lighttpd.service" {
				t.Errorf("the trace that was kept: %v", err)
			}
		})
	}
}

// TestSilentRefusal denies what lighttpd does not complain about: it leaves its
// uploads behind.
func TestSilentRefusal(t *testing.T) {
	d := newDemo(t, "bookworm", buildProgram(t))
	if err := d.record(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.under(t, harmless+"SystemCallFilter=~unlink unlinkat\nSystemCallErrorNumber=EPERM\n")
	if !d.figures.good() {
		t.Errorf("before it is recorded again: %s, want that nothing was noticed", d.figures)
	}
	if err := d.recordAgain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d.figures.denied == 0 {
		t.Errorf("recorded again: %s, want denials", d.figures)
	}
}

func TestHarmfulSandbox(t *testing.T) {
	d := newDemo(t, "bookworm", "/bin/true")
	if d.under(t, harmless+"ReadOnlyPaths=/var/cache/lighttpd\n"); d.figures.failed == 0 || d.figures.denied == 0 {
		t.Errorf("uploads to a read-only folder: %s, want failures and denials", d.figures)
	}
	if d.under(t, harmless+"SystemCallFilter=~unlink unlinkat\n"); d.figures.failed == 0 || d.figures.denied == 0 {
		t.Errorf("killed when it removes an upload: %s, want failures and denials", d.figures)
	}
	d.under(t, "PrivateTmp=yes\nNoSuchDirective=yes\n")
	if d.figures.denied == 0 {
		t.Errorf("a directive that systemd ignores: %s, want it counted", d.figures)
	}
	if len(d.wrong) != 2 {
		t.Errorf("neither a filter nor a bounding set is in force: %v, want two complaints", d.wrong)
	}
}

func TestNoProgram(t *testing.T) {
	err := run(t.Context(), []string{"-sbxprof", "/nonexistent"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "run make first") {
		t.Errorf("without a program: %v", err)
	}
}

func TestSuiteFor(t *testing.T) {
	for release, want := range map[string]string{
		"ID=debian\nVERSION_CODENAME=trixie\n":   "trixie",
		"ID=debian\nVERSION_CODENAME=bookworm\n": "bookworm",
		"ID=ubuntu\nVERSION_CODENAME=noble\n":    "bookworm",
		"":                                       "bookworm",
	} {
		if got := suiteFor(release); got != want {
			t.Errorf("suiteFor(%q) = %s, want %s", release, got, want)
		}
	}
}

func TestParseExposure(t *testing.T) {
	const out = "✗ PrivateNetwork=  0.5\n\n→ Overall exposure level for lighttpd.service: 9.6 UNSAFE 😨\n"
	if value, _, err := parseExposure(out); err != nil || value != "9.6" {
		t.Errorf("parseExposure: %q, %v, want 9.6", value, err)
	}
	if value, _, err := parseExposure("→ Overall exposure level for other.service: 1.0 OK\n"); err == nil {
		t.Errorf("the exposure of another unit: %q, want an error", value)
	}
}

func TestParseResults(t *testing.T) {
	got := parseResults("ok request: a\nFAILED request: b: status 500\nok check: c\nFAILED check: d\n")
	if want := (results{requests: 2, checks: 2, failed: 2}); got != want {
		t.Errorf("parseResults: %+v, want %+v", got, want)
	}
}

func TestInForce(t *testing.T) {
	before := parseStatus("Name:\tlighttpd\nUid:\t33\t33\t33\t33\nSeccomp:\t0\nCapBnd:\tffff\n")
	for _, c := range []struct {
		after string
		wrong int
	}{
		{"Name:\tlighttpd\nUid:\t33\t33\t33\t33\nSeccomp:\t2\nCapBnd:\t00ff\n", 0},
		{"Name:\tlighttpd\nUid:\t33\t33\t33\t33\nSeccomp:\t0\nCapBnd:\t00ff\n", 1},
		{"Name:\tlighttpd\nUid:\t33\t33\t33\t33\nSeccomp:\t2\nCapBnd:\tffff\n", 1},
		{"Name:\tlighttpd\nUid:\t33\t33\t33\t33\nSeccomp:\t2\nCapBnd:\t1000f\n", 1},
		{"Name:\tlighttpd\nUid:\t0\t0\t0\t0\nSeccomp:\t2\nCapBnd:\t00ff\n", 1},
		{"", 4},
	} {
		if got := inForce(before, parseStatus(c.after)); len(got) != c.wrong {
			t.Errorf("%q: %v, want %d complaints", c.after, got, c.wrong)
		}
	}
}

func TestFigures(t *testing.T) {
	f := figures{suite: "bookworm", exposureBefore: "9.6", exposureAfter: "3.1", requests: 39}
	want := "demo: unit=lighttpd.service suite=bookworm exposure_before=9.6 exposure_after=3.1 requests=39 failed=0 denied=0 lost=0"
	if f.String() != want || !f.good() {
		t.Errorf("%s, good=%v, want %s", f, f.good(), want)
	}
	for _, bad := range []figures{{}, {requests: 1, failed: 1}, {requests: 1, denied: 1}, {requests: 1, lost: 1}} {
		if bad.good() {
			t.Errorf("%+v is good", bad)
		}
	}
}
