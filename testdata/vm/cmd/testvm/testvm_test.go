// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDiagnosisCheck(t *testing.T) {
	const others = `{"name":"files","fires":true},{"name":"addresses","fires":true},{"name":"capabilities","fires":true},
		{"name":"signals","fires":true},{"name":"io_uring","fires":true},{"name":"uring_files","fires":true}`
	for _, c := range []struct{ name, said, wrong string }{
		{"all fire", `{"recordable":true,"sources":[{"name":"syscalls","fires":true},` + others + `]}`, ""},
		{"one is missing for a reason", `{"recordable":true,"sources":[{"name":"syscalls","missing":"no hook","hides":"calls"},` + others + `]}`, ""},
		{"a needed one is missing", `{"recordable":true,"sources":[{"name":"syscalls","missing":"no hook","hides":"calls","needed":true},` + others + `]}`, "syscalls is missing"},
		{"it does not say what that hides", `{"recordable":true,"sources":[{"name":"syscalls","missing":"no hook"},` + others + `]}`, "syscalls is missing"},
		{"one never fires", `{"recordable":true,"sources":[{"name":"syscalls"},` + others + `]}`, "never fires"},
		{"one is not told", `{"recordable":true,"sources":[` + others + `]}`, "does not tell about syscalls"},
		{"nothing can be recorded", `{"sources":[{"name":"syscalls","fires":true},` + others + `]}`, "nothing can be recorded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d diagnosis
			if err := json.Unmarshal([]byte(c.said), &d); err != nil {
				t.Fatal(err)
			}
			err := d.check()
			if (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("check: %v, want %q", err, c.wrong)
			}
		})
	}
}

func TestParseResults(t *testing.T) {
	requests, failed := parseResults("ok lighttpd listens\nok request: a page\nFAILED request: a range: status 403\nFAILED reload: no\n")
	if requests != 2 {
		t.Errorf("%d requests, want 2", requests)
	}
	want := []string{"FAILED request: a range: status 403\n", "FAILED reload: no\n"}
	if diff := cmp.Diff(want, failed); diff != "" {
		t.Error(diff)
	}
}

func TestFigures(t *testing.T) {
	f := figures{suite: "sid", kernel: "7.2.13", systemd: "262", doctor: ok, record: failed, roundTrip: notTried, sources: 5, missing: 1, requests: 10, lost: 3}
	const want = "vm: suite=sid kernel=7.2.13 systemd=262 doctor=ok record=FAILED roundtrip=- sources=5 missing=1 requests=10 denied=0 lost=3"
	if got := f.String(); got != want {
		t.Errorf("figures %q, want %q", got, want)
	}
}

func TestWithoutProgram(t *testing.T) {
	err := run(t.Context(), []string{"-sbxprof", "/nonexistent"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "run make first") {
		t.Errorf("without a program to try: %v, want to be told to build it", err)
	}
}
