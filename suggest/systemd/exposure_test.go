// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// measured is what a real `systemd-analyze security --offline=yes` said of a unit.
type measured struct {
	level    string   // "9.6 UNSAFE"
	badness  []string // of each row, in the order of data/exposure.csv; "-" is not counted
	settings []trace.Setting
}

// readMeasured reads a file of units, each of them a line "== LEVEL", a line "rows
// BADNESS…" and its settings.
func readMeasured(t *testing.T, path string) []measured {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []measured
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if level, ok := strings.CutPrefix(line, "== "); ok {
			all = append(all, measured{level: level})
			continue
		}
		if line == "" || line[0] == '#' {
			continue
		}
		m := &all[len(all)-1]
		if rows, ok := strings.CutPrefix(line, "rows "); ok {
			m.badness = strings.Fields(rows)
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		m.settings = append(m.settings, trace.Setting{Name: name, Value: value})
	}
	return all
}

func TestExposureAgreesWithARealSystemd(t *testing.T) {
	for _, version := range []string{"252.38", "257.13"} {
		target := forVersion(t, version)
		for i, m := range readMeasured(t, "testdata/exposure-"+version+".txt") {
			e := ExposureOf(m.settings, target, ExposureOptions{Offline: true})
			if len(e.Rows) != len(m.badness) {
				t.Fatalf("%s has %d rows, want %d", version, len(e.Rows), len(m.badness))
			}
			for j, row := range e.Rows {
				got := "-"
				if row.Counted {
					got = strconv.Itoa(row.Badness)
				}
				if got != m.badness[j] {
					t.Errorf("%s, unit %d: %s has badness %s, want %s", version, i, row.ID, got, m.badness[j])
				}
			}
			if got := e.String() + " " + e.Level(); got != m.level {
				t.Errorf("%s, unit %d: %s, want %s", version, i, got, m.level)
			}
		}
	}
}

func rowsOf(e Exposure) map[string]ExposureRow {
	rows := make(map[string]ExposureRow)
	for _, r := range e.Rows {
		rows[r.ID] = r
	}
	return rows
}

func TestExposureOfALoadedUnit(t *testing.T) {
	bookworm := forVersion(t, "252.39")
	tmp := []trace.Setting{{Name: "PrivateTmp", Value: "yes"}}
	no := []trace.Setting{{Name: "PrivateMounts", Value: "no"}}
	for _, tt := range []struct {
		name     string
		settings []trace.Setting
		target   Target
		options  ExposureOptions
		want     int // badness of PrivateMounts=
	}{
		{"nothing set", nil, bookworm, ExposureOptions{}, 1},
		{"a mount namespace", tmp, bookworm, ExposureOptions{}, 0},
		{"a mount namespace, offline", tmp, bookworm, ExposureOptions{Offline: true}, 1},
		{"nothing set, offline, v254", nil, forVersion(t, "254"), ExposureOptions{Offline: true}, 0},
		{"switched off", no, bookworm, ExposureOptions{}, 1},
		{"switched off in vain", append(no, tmp...), bookworm, ExposureOptions{}, 0},
		{"switched off, offline, v254", append(no, tmp...), forVersion(t, "254"), ExposureOptions{Offline: true}, 1},
	} {
		if got := rowsOf(ExposureOf(tt.settings, tt.target, tt.options))["PrivateMounts="].Badness; got != tt.want {
			t.Errorf("%s: PrivateMounts= has badness %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestExposureRowsThatDoNotCount(t *testing.T) {
	rows := rowsOf(ExposureOf(nil, Target{}, ExposureOptions{NoDefaultDependencies: true}))
	for _, id := range needsDefaultDependencies {
		if row, ok := rows[id]; !ok || row.Counted {
			t.Errorf("%s counts for an early unit: %+v", id, row)
		}
	}
	if !rows["PrivateDevices="].Counted {
		t.Error("PrivateDevices= does not count for an early unit")
	}
	user := []trace.Setting{{Name: "User", Value: "www-data"}}
	if !rowsOf(ExposureOf(user, Target{}, ExposureOptions{}))["RemoveIPC="].Counted {
		t.Error("RemoveIPC= does not count for a user")
	}
}

func TestExposureRowsByVersion(t *testing.T) {
	for version, want := range map[string]int{"229": 74, "240": 74, "241": 74, "242": 76, "244": 77, "245": 78, "247": 80, "252": 80, "252.39": 81, "255": 81, "262": 81} {
		e := ExposureOf(nil, forVersion(t, version), ExposureOptions{})
		weights := 0
		for _, r := range e.Rows {
			weights += r.Weight
		}
		if len(e.Rows) != want || version == "240" && weights != 52375 || version == "252" && weights != 56435 {
			t.Errorf("v%s has %d rows of weight %d, want %d", version, len(e.Rows), weights, want)
		}
	}
	if n := len(ExposureOf(nil, Target{Features: ParseFeatures("-SECCOMP")}, ExposureOptions{}).Rows); n != 81-12 {
		t.Errorf("without seccomp there are %d rows", n)
	}
}

func TestExposureOfTheBest(t *testing.T) {
	var settings []trace.Setting
	for _, line := range strings.Fields("User=a PrivateDevices=1 PrivateMounts=1 PrivateNetwork=1 PrivateTmp=1 PrivateUsers=1 " +
		"ProtectControlGroups=1 ProtectKernelModules=1 ProtectKernelTunables=1 ProtectKernelLogs=1 ProtectHome=1 ProtectHostname=1 " +
		"ProtectSystem=strict RootDirectory=/srv LockPersonality=1 MemoryDenyWriteExecute=1 NoNewPrivileges=1 CapabilityBoundingSet= " +
		"UMask=0077 KeyringMode=private ProtectProc=invisible ProcSubset=pid RemoveIPC=1 RestrictRealtime=1 RestrictSUIDSGID=1 " +
		"RestrictNamespaces=1 RestrictAddressFamilies=none SystemCallArchitectures=native SystemCallFilter=read IPAddressDeny=any") {
		name, value, _ := strings.Cut(line, "=")
		settings = append(settings, trace.Setting{Name: name, Value: value})
	}
	e := ExposureOf(settings, Target{}, ExposureOptions{})
	for _, r := range e.Rows {
		if r.Counted && r.Badness > 0 && r.ID != "ProtectClock=" {
			t.Errorf("%s still has badness %d", r.ID, r.Badness)
		}
	}
	if got := e.String() + " " + e.Level(); got != "0.2 SAFE" { // ProtectClock= would open /dev/rtc
		t.Errorf("the level is %s", got)
	}
	if got := (Exposure{}).Level(); got != "PERFECT" {
		t.Errorf("0.0 is %s", got)
	}
}

func BenchmarkExposure(b *testing.B) {
	settings := []trace.Setting{
		{Name: "SystemCallFilter", Value: "@system-service"}, {Name: "SystemCallFilter", Value: "~@privileged @resources"},
	}
	for b.Loop() {
		ExposureOf(settings, Target{}, ExposureOptions{})
	}
}

func FuzzExposure(f *testing.F) {
	f.Add("SystemCallFilter=~@mount:EPERM\nSystemCallFilter=@a b\nRestrictNamespaces=~x\nUMask=9\n", uint8(0))
	f.Add("CapabilityBoundingSet=~\nDeviceAllow=\"\nIPAddressDeny=any\nProtectHome=\nDynamicUser=1\n", uint8(23))
	f.Fuzz(func(t *testing.T, text string, version uint8) {
		target := Target{Systemd: Version{Major: Oldest + int(version)%(Newest-Oldest+1)}}
		file, err := Parse(strings.NewReader("[Service]\n"+text), target.Systemd)
		if err != nil {
			return
		}
		if e := ExposureOf(Combine("Service", file), target, ExposureOptions{}); e.Tenths < 0 || e.Tenths > 100 {
			t.Errorf("the level is %s", e)
		}
	})
}
