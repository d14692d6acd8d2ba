// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

type savedTrace struct {
	file string
	// below is what the exposure at standard, in tenths, has to be below.
	below int
	lines []string
}

// savedTraces are recordings of Debian's services, and what broke them once. A line
// that begins with "no " must not be there.
var savedTraces = []savedTrace{
	// Its first start makes /var/cache/nginx and gives it away, and it renames from
	// /var/lib/nginx to there.
	{"nginx-bookworm.trace.zst", 30, []string{"ReadWritePaths=-/var", "CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_SETGID CAP_SETUID CAP_NET_BIND_SERVICE"}},
	// setpriv names all capabilities, and it asks another root server each time.
	{"unbound-bookworm.trace.zst", 30, []string{"ProtectKernelModules=yes", "no IPAddressDeny=any"}},
	// Its first start makes the directories of the queue; it is the largest recording.
	{"postfix-bookworm.trace.zst", 33, []string{"ReadWritePaths=-/var/spool", "RestrictNamespaces=yes"}},
	// It opens sessions.
	{"sshd-bookworm.trace.zst", 101, []string{"no NoNewPrivileges=yes", "no PrivateTmp=yes", "no ProtectSystem=strict"}},
}

func TestSavedTraces(t *testing.T) {
	for _, s := range savedTraces {
		tr, err := trace.ReadFile(filepath.Join("../testdata/traces", s.file))
		if err != nil {
			t.Fatal(err)
		}
		for _, level := range []directive.Level{directive.Safe, directive.Standard, directive.Strict} {
			p, err := Suggest(tr, Options{Level: level})
			if err != nil {
				t.Fatalf("%s: %v", s.file, err)
			}
			if v, err := Check(tr, p.Settings(), nil); err != nil || len(v) > 0 {
				t.Errorf("%s: %v, denied: %+v", s.file, err, v)
			}
			if level == directive.Standard {
				s.compare(t, p)
			}
		}
	}
}

// compare looks for the lines in a profile at standard.
func (s *savedTrace) compare(t *testing.T, p *Profile) {
	t.Helper()
	if got := p.After.Tenths; got >= s.below {
		t.Errorf("%s: exposure %d tenths, want less than %d", s.file, got, s.below)
	}
	var lines []string
	for _, l := range p.Settings() {
		lines = append(lines, l.Name+"="+l.Value)
	}
	for _, want := range s.lines {
		line, not := strings.CutPrefix(want, "no ")
		if slices.Contains(lines, line) == not {
			t.Errorf("%s: want %s among\n%s", s.file, want, strings.Join(lines, "\n"))
		}
	}
}
