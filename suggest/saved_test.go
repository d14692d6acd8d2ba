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
	{"nginx-bookworm.trace.zst", 30, []string{"ReadWritePaths=/var", "CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_SETGID CAP_SETUID CAP_NET_BIND_SERVICE"}},
	// setpriv names all capabilities, and it asks another root server each time.
	{"unbound-bookworm.trace.zst", 30, []string{"ProtectKernelModules=yes", "no IPAddressDeny=any"}},
	// Its first start makes the directories of the queue; it is the largest recording.
	{"postfix-bookworm.trace.zst", 33, []string{"ReadWritePaths=/var/spool", "RestrictNamespaces=yes"}},
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

// TestLighttpdExposure: without a change of its user. The saved recording was made from
// the host itself alone, which says nothing of who will come.
func TestLighttpdExposure(t *testing.T) {
	tr, err := trace.ReadFile("../testdata/traces/lighttpd-bookworm.trace")
	if err != nil {
		t.Fatal(err)
	}
	visit := func(t *trace.Trace, ip string) *trace.Trace {
		i := slices.IndexFunc(t.Observations, func(o trace.Observation) bool { return o.Address != nil && o.Address.Op == trace.AddressAccept })
		o := t.Observations[i]
		a := *o.Address
		a.IP, o.Address = ip, &a
		return &trace.Trace{Header: t.Header, Observations: append(slices.Clip(t.Observations), o)}
	}
	for _, c := range []struct {
		name  string
		trace *trace.Trace
		level directive.Level
		most  int // the exposure in tenths
		allow []string
	}{
		{"standard", tr, directive.Standard, 23, nil},
		{"from the host itself", tr, directive.Strict, 21, nil},
		{"from the next host", visit(tr, "192.168.1.2"), directive.Strict, 20, []string{"192.168.0.0/16", "localhost"}},
		{"from the internet", visit(tr, "198.41.0.4"), directive.Strict, 21, nil},
	} {
		p, err := Suggest(c.trace, Options{Level: c.level})
		if err != nil {
			t.Fatal(err)
		}
		var allow []string
		for _, s := range p.Settings() {
			if s.Name == "IPAddressAllow" {
				allow = append(allow, s.Value)
			}
		}
		if p.After.Tenths > c.most || !slices.Equal(allow, c.allow) {
			t.Errorf("%s: exposure %s, want at most %d tenths; lets in %q, want %q", c.name, p.After, c.most, allow, c.allow)
		}
	}
}
