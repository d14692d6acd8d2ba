// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGroupsByVersion(t *testing.T) {
	for _, tt := range []struct {
		version string
		groups  int
		group   string
		has     bool
	}{
		{"229", 0, "@default", false},
		{"230", 0, "@default", false},
		{"231", 14, "@default", true},
		{"237", 26, "@system-service", false},
		{"239", 27, "@system-service", true},
		{"246", 28, "@known", false},
		{"247", 28, "@known", true}, // Groups leaves @known out
		{"253", 28, "@sandbox", false},
		{"254", 29, "@sandbox", true},
		{"262", 29, "@system-service", true},
		{"270", 29, "@system-service", true},
	} {
		target := forVersion(t, tt.version)
		if got := target.Groups(); len(got) != tt.groups {
			t.Errorf("systemd %s has %d groups, want %d: %v", tt.version, len(got), tt.groups, got)
		}
		if target.HasGroup(tt.group) != tt.has {
			t.Errorf("systemd %s has %s: %t", tt.version, tt.group, !tt.has)
		}
	}
}

func TestGroupMembersByVersion(t *testing.T) {
	for _, tt := range []struct {
		version, group, call string
		want                 bool
	}{
		{"252", "@default", "futex_waitv", false},
		{"252.39-1~deb12u2", "@default", "futex_waitv", true},
		{"252.39", "@default", "uretprobe", true},
		{"252.37", "@default", "uretprobe", false}, // between two listed releases
		{"252.37", "@file-system", "fchmodat2", true},
		{"252.99", "@default", "uretprobe", true},
		{"245", "@file-system", "mmap", true},
		{"245.9", "@file-system", "mmap", false},
		{"246", "@clock", "stime", true},
		{"247", "@clock", "stime", false},
		{"231", "@default", "futex", false},
		{"235", "@default", "futex", true},
	} {
		if got := slices.Contains(forVersion(t, tt.version).Expand(tt.group), tt.call); got != tt.want {
			t.Errorf("systemd %s has %s in %s: %t", tt.version, tt.call, tt.group, got)
		}
	}
}

func TestGroupsNest(t *testing.T) {
	target := forVersion(t, "252")
	direct, ok := target.members("@system-service")
	if !ok || !slices.Contains(direct, "@basic-io") || slices.Contains(direct, "read") {
		t.Errorf("direct members of @system-service: %v", direct)
	}
	calls := target.Expand("@system-service")
	if !slices.Contains(calls, "read") || !slices.IsSorted(calls) {
		t.Errorf("calls of @system-service: %v", calls)
	}
	if i := slices.IndexFunc(calls, func(c string) bool { return c[0] == '@' }); i >= 0 {
		t.Errorf("%s is left in @system-service", calls[i])
	}
	if got := target.Expand("@banana"); len(got) != 0 {
		t.Errorf("@banana has %v", got)
	}
}

// TestNestedGroupsExist holds for every version that its groups name no group that
// it lacks.
func TestNestedGroupsExist(t *testing.T) {
	for v := Oldest; v <= Newest; v++ {
		target := Target{Systemd: Version{Major: v}}
		for _, name := range target.Groups() {
			members, _ := target.members(name)
			for _, m := range members {
				if m[0] == '@' && !target.HasGroup(m) {
					t.Errorf("v%d: %s holds %s, which is not there", v, name, m)
				}
			}
		}
	}
}

// TestTablesAgreeWithARealSystemd compares with what systemd 252.38 and 257.13
// printed.
func TestTablesAgreeWithARealSystemd(t *testing.T) {
	for _, version := range []string{"252.38", "257.13"} {
		compareGroups(t, forVersion(t, version), readGroups(t, "testdata/syscall-filter-"+version+".txt"))
	}
}

func compareGroups(t *testing.T, target Target, live []Group) {
	t.Helper()
	if diff := cmp.Diff(target.WithGroups(live).Groups(), target.Groups()); diff != "" {
		t.Errorf("groups (-live +table):\n%s", diff)
	}
	for _, g := range live {
		if g.Name == known { // no table by version: see Target.Known
			continue
		}
		got, _ := target.members(g.Name)
		if diff := cmp.Diff(g.Members, got); diff != "" {
			t.Errorf("%s (-live +table):\n%s", g.Name, diff)
		}
	}
}

// TestKnownAgreesWithARealSystemd allows for the calls that a stable release was
// taught after its branch's first release.
func TestKnownAgreesWithARealSystemd(t *testing.T) {
	compareKnown(t, "252.38", "cachestat fchmodat2 futex_requeue futex_wait futex_wake map_shadow_stack riscv_hwprobe")
	compareKnown(t, "257.13", "breakpoint get_tls usr26 usr32") // of 32-bit ARM alone
}

func compareKnown(t *testing.T, version, taught string) {
	t.Helper()
	target := forVersion(t, version)
	real := target.WithGroups(readGroups(t, "testdata/syscall-filter-"+version+".txt"))
	live, got := real.Known(), target.Known()
	for _, g := range real.Groups() { // some name calls that @known lacks
		live = append(live, real.Expand(g)...)
	}
	for _, call := range live {
		if !slices.Contains(got, call) && !slices.Contains(strings.Fields(taught), call) {
			t.Errorf("v%s: %s is in the real @known only", version, call)
		}
	}
	for _, call := range got {
		if !slices.Contains(live, call) {
			t.Errorf("v%s: %s is not in the real @known", version, call)
		}
	}
}

func TestLiveGroupsBeatTables(t *testing.T) {
	live, err := ParseSyscallFilter(strings.NewReader("@aio\n    # text\n    io_setup\n    @more\n\n@more\n    @aio\n    read\n"))
	if err != nil {
		t.Fatal(err)
	}
	target := forVersion(t, "252").WithGroups(live)
	if got, want := target.Groups(), []string{"@aio", "@more"}; !slices.Equal(got, want) {
		t.Errorf("Groups = %v, want %v", got, want)
	}
	if got, want := target.Expand("@aio"), []string{"io_setup", "read"}; !slices.Equal(got, want) {
		t.Errorf("Expand of groups in a circle = %v, want %v", got, want)
	}
	if target.HasGroup("@default") {
		t.Error("a group that the host does not have came from the tables")
	}
}

func TestParseSyscallFilterRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "no system call group found",
		"# only a comment\n":     "no system call group found",
		"    read\n":             "line 1",
		"@aio\n    io setup\n":   "line 2",
		"@aio\nbanana\n":         "line 2",
		"\x1b[0;1;39m@aio\x1b[m": "line 1",
		"Unknown command verb\n": "line 1",
	} {
		if _, err := ParseSyscallFilter(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseSyscallFilter(%q) = %v; want %q", in, err, want)
		}
	}
}

func TestKnowsCall(t *testing.T) {
	for _, tt := range []struct {
		version, call string
		want          bool
	}{
		{"229", "read", true},
		{"237", "clone3", false},
		{"241", "clone3", false},
		{"252", "clone3", true},
		{"246", "openat2", true},
		{"245", "openat2", false},
		{"245.6", "openat2", true}, // named by a group of that release
		{"252", "mincore", true},   // in no group
		{"252", "mseal", false},
		{"262", "mseal", true},
		{"262", "banana", false},
	} {
		if got := forVersion(t, tt.version).KnowsCall(tt.call); got != tt.want {
			t.Errorf("systemd %s knows %s: %t", tt.version, tt.call, got)
		}
	}
}

// What systemd has in a group is not all resolved by the libseccomp of its time, nor by
// any: 252.39, 257.13 and 262.1 with Debian's libseccomp skip the latter with a warning.
func TestResolvesCall(t *testing.T) {
	for _, tt := range []struct {
		version, call string
		want          bool
	}{
		{"262", "fstatat", false}, // no system call of any Linux
		{"262", "llseek", false},
		{"262", "newfstat", false},
		{"262", "_llseek", true},
		{"252.39", "riscv_hwprobe", false},
		{"252.39", "uretprobe", false},
		{"258", "uretprobe", true},
		{"257.13", "file_getattr", false},
		{"229", "_sysctl", true}, // obsolete, and older than any libseccomp
		{"262", "uselib", true},
	} {
		target := forVersion(t, tt.version)
		if got := target.ResolvesCall(tt.call); got != tt.want {
			t.Errorf("systemd %s resolves %s: %t", tt.version, tt.call, got)
		}
		if !target.KnowsCall(tt.call) {
			t.Errorf("systemd %s does not know %s", tt.version, tt.call)
		}
	}
}

// TestKnownGrows holds that a newer release knows what an older one knew, but for
// names that never were system calls.
func TestKnownGrows(t *testing.T) {
	gone := map[string]bool{"quotactl_path": true, "sysctl": true, "kexec": true}
	for v := Oldest; v < Newest; v++ {
		newer := Target{Systemd: Version{Major: v + 1}}.Known()
		for _, call := range (Target{Systemd: Version{Major: v}}).Known() {
			if !slices.Contains(newer, call) && !gone[call] {
				t.Errorf("v%d knows %s, v%d does not", v, call, v+1)
			}
		}
	}
}

func readGroups(t *testing.T, path string) []Group {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	groups, err := ParseSyscallFilter(f)
	if err != nil {
		t.Fatal(err)
	}
	return groups
}

func BenchmarkExpandSystemService(b *testing.B) {
	target := Target{Systemd: Version{Major: 252, Point: 39}}
	for b.Loop() {
		target.Expand("@system-service")
	}
}

func FuzzParseSyscallFilter(f *testing.F) {
	f.Add("@aio\n    io_setup\n")
	f.Add("@a\n @a\n")
	f.Add("    read\n@\x00")
	f.Fuzz(func(t *testing.T, s string) {
		groups, err := ParseSyscallFilter(strings.NewReader(s))
		if err != nil {
			return
		}
		target := Target{}.WithGroups(groups)
		for _, name := range target.Groups() {
			for _, call := range target.Expand(name) {
				if !memberPattern.MatchString(call) || strings.HasPrefix(call, "@") {
					t.Errorf("%s has the call %s", name, strconv.Quote(call))
				}
			}
		}
	})
}
