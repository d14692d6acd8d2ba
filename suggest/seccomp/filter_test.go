// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/net/bpf"
	"pgregory.net/rapid"
)

var allABIs = []string{ABIX86_64, ABII386, ABIX32, ABIAArch64, ABIARM}

func number(t *testing.T, abi, name string) int {
	t.Helper()
	nr, ok := Number(abi, name)
	if !ok {
		t.Fatalf("%s has no %s", abi, name)
	}
	return nr
}

func machine(t *testing.T, filters ...Filter) *Machine {
	t.Helper()
	var programs []Program
	for _, f := range filters {
		compiled, err := Compile(f, allABIs...)
		if err != nil {
			t.Fatal(err)
		}
		programs = append(programs, compiled...)
	}
	m, err := NewMachine(programs...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func simulate(t *testing.T, m *Machine, c Call) Action {
	t.Helper()
	action, err := m.Simulate(c)
	if err != nil {
		t.Fatal(err)
	}
	return action
}

var (
	eperm  = Errno(1)
	eacces = Errno(13)
)

func TestCallFilter(t *testing.T) {
	for _, tt := range []struct {
		about string
		f     CallFilter
		want  map[string]Action // by call of x86_64; "#N" is a number without a name
	}{
		{"allow-list", CallFilter{Allow: true, Calls: []string{"read", "socketcall"}, Action: eperm},
			map[string]Action{"read": Allow, "write": eperm, "#600": eperm}},
		{"allow-list from v255 on", CallFilter{Allow: true, Calls: []string{"read"}, Action: eperm, Known: []string{"read", "write"}},
			map[string]Action{"read": Allow, "write": eperm, "mseal": Errno(38), "#600": Errno(38)}},
		{"allow-list that kills", CallFilter{Allow: true, Calls: []string{"read"}, Action: KillProcess},
			map[string]Action{"read": Allow, "write": KillProcess}},
		{"allow-list with an errno of its own", CallFilter{Allow: true, Calls: []string{"read"}, Action: eperm, Own: map[string]Action{"read": eacces}},
			map[string]Action{"read": eacces, "write": eperm}},
		{"deny-list", CallFilter{Calls: []string{"read", "nosuchcall"}, Action: eperm},
			map[string]Action{"read": eperm, "write": Allow, "#600": Allow}},
		{"deny-list with an errno of its own", CallFilter{Calls: []string{"read", "write"}, Action: KillProcess, Own: map[string]Action{"write": eacces}},
			map[string]Action{"read": KillProcess, "write": eacces, "close": Allow}},
		{"empty deny-list", CallFilter{Action: eperm}, map[string]Action{"read": Allow}},
		{"empty allow-list", CallFilter{Allow: true, Action: eperm}, map[string]Action{"read": eperm}},
	} {
		filter := tt.f.Filter()
		m := machine(t, filter)
		for name, want := range tt.want {
			c := Call{ABI: ABIX86_64}
			if _, err := fmt.Sscanf(name, "#%d", &c.Number); err != nil {
				c.Number = number(t, ABIX86_64, name)
			}
			if got := filter.Verdict(c); got != want {
				t.Errorf("%s: the model says %v to %s; want %v", tt.about, got, name, want)
			}
			if got := simulate(t, m, c); got != want {
				t.Errorf("%s: the program says %v to %s; want %v", tt.about, got, name, want)
			}
		}
	}
}

// TestABIsDiffer holds that a number is judged by its ABI.
func TestABIsDiffer(t *testing.T) {
	m := machine(t, Filter{Rules: []Rule{{Calls: []string{"execve"}, Action: eperm}}, Default: Allow})
	for _, tt := range []struct {
		abi  string
		nr   int
		want Action
	}{
		{ABIX86_64, 59, eperm}, {ABIX86_64, 11, Allow}, {ABIX86_64, 520, Allow},
		{ABII386, 11, eperm}, {ABII386, 59, Allow},
		{ABIX32, 520, eperm}, {ABIX32, 59, Allow},
		{ABIAArch64, 221, eperm}, {ABIARM, 11, eperm},
	} {
		if got := simulate(t, m, Call{ABI: tt.abi, Number: tt.nr}); got != tt.want {
			t.Errorf("%s %d: %v; want %v", tt.abi, tt.nr, got, tt.want)
		}
	}
	// One ABI's program lets the others pass.
	programs, err := Compile(Filter{Default: KillProcess}, ABIX86_64)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := NewMachine(programs...)
	if err != nil {
		t.Fatal(err)
	}
	for _, abi := range allABIs {
		if got, want := simulate(t, alone, Call{ABI: abi, Number: 1}), Allow; abi != ABIX86_64 && got != want {
			t.Errorf("%s: %v; want %v", abi, got, want)
		}
	}
}

func TestTests(t *testing.T) {
	const high = 1 << 40
	for _, tt := range []struct {
		test    Test
		yes, no []uint64
	}{
		{Test{Op: Equal, Value: 7}, []uint64{7}, []uint64{6, 8, high + 7}},
		{Test{Op: NotEqual, Value: 7}, []uint64{6, high + 7}, []uint64{7}},
		{Test{Op: Greater, Value: 7}, []uint64{8, high}, []uint64{7, 0}},
		{Test{Op: GreaterOrEqual, Value: high}, []uint64{high, high + 1, ^uint64(0)}, []uint64{high - 1}},
		{Test{Op: Less, Value: high}, []uint64{0, high - 1}, []uint64{high, high + 1}},
		{Test{Op: LessOrEqual, Value: 7}, []uint64{0, 7}, []uint64{8, high}},
		{Test{Op: HasAny, Value: high | 2}, []uint64{2, high, high + 3}, []uint64{0, 1, high << 1}},
		{Test{Op: HasAny}, nil, []uint64{0, 1, ^uint64(0)}},
		{Test{Op: HasAll, Value: high | 2}, []uint64{high | 2, high | 3}, []uint64{2, high, 0}},
		{Test{Op: HasAll}, []uint64{0, 1, ^uint64(0)}, nil},
		{Test{Op: Equal, Mask: 0xf, Value: 5}, []uint64{5, 0x15, high | 5}, []uint64{4, 7, 0xd}},
		{Test{Op: NotEqual, Mask: 0xf, Value: 5}, []uint64{4, 7, 0xd}, []uint64{5, 0x15, high | 5}},
		{Test{Op: Equal, Mask: high}, []uint64{0, 7}, []uint64{high}},
		{Test{Op: Equal, Mask: ^uint64(0), Value: 5}, []uint64{5}, []uint64{high | 5}},
		{Test{Op: Equal, Mask: 0xf, Value: 0x10}, nil, []uint64{0, 0x10, 0xf}},
		{Test{Op: NotEqual, Mask: 0xf, Value: 0x10}, []uint64{0, 0x10, 0xf}, nil},
	} {
		for index := range 6 {
			tt.test.Index = index
			m := machine(t, Filter{Rules: []Rule{{Calls: []string{"mmap"}, When: []Test{tt.test}, Action: eperm}}, Default: Allow})
			for _, arg := range append(slices.Clone(tt.yes), tt.no...) {
				want := slices.Contains(tt.yes, arg)
				if got := tt.test.Holds(arg); got != want {
					t.Errorf("%+v holds for %#x: %v", tt.test, arg, got)
				}
				c := Call{ABI: ABIX86_64, Number: 9}
				c.Args[index] = arg
				if got := simulate(t, m, c) == eperm; got != want {
					t.Errorf("the program of %+v holds for %#x: %v", tt.test, arg, got)
				}
			}
		}
	}
}

func TestWhatCannotBeCompiled(t *testing.T) {
	var many []Test
	for range 100 {
		many = append(many, Test{Op: Greater, Value: 1})
	}
	for name, when := range map[string][]Test{
		"no such argument":  {{Index: 6}},
		"negative":          {{Index: -1}},
		"order with a mask": {{Op: Greater, Mask: 1}},
		"too many tests":    many,
	} {
		f := Filter{Rules: []Rule{{Calls: []string{"read"}, When: when, Action: eperm}}}
		if _, err := Compile(f, ABIX86_64); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := Compile(Filter{}, "s390x"); err == nil {
		t.Error("an unknown ABI: no error")
	}
	if _, err := NewMachine(Program{"x", []bpf.Instruction{}}); err == nil {
		t.Error("an empty program: no error")
	}
	if _, err := machine(t, Filter{Default: Allow}).Simulate(Call{ABI: "s390x"}); err == nil {
		t.Error("a call of an unknown ABI: no error")
	}
}

// TestStrictestFilterWins holds what the kernel does with several filters.
func TestStrictestFilterWins(t *testing.T) {
	deny := func(a Action) Filter {
		return Filter{Rules: []Rule{{Calls: []string{"read"}, Action: a}}, Default: Allow}
	}
	for _, tt := range []struct {
		older, newer, want Action
	}{
		{Allow, eperm, eperm}, {eperm, Allow, eperm}, {eperm, eacces, eacces}, {eacces, eperm, eperm},
		{KillProcess, eperm, KillProcess}, {eperm, KillProcess, KillProcess}, {KillThread, eperm, KillThread},
		{KillThread, KillProcess, KillProcess}, {Log, eperm, eperm}, {Allow, Log, Log}, {Allow, Allow, Allow},
	} {
		if got := simulate(t, machine(t, deny(tt.older), deny(tt.newer)), Call{ABI: ABIX86_64}); got != tt.want {
			t.Errorf("%v, then %v: %v; want %v", tt.older, tt.newer, got, tt.want)
		}
	}
}

// TestModelAndProgramAgree draws filters, and for each a thousand calls: the
// compiled program says what the model says. It draws 100,000 calls.
func TestModelAndProgramAgree(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := aFilter(rt)
		programs, err := Compile(f, allABIs...)
		if err != nil {
			rt.Fatal(err)
		}
		m, err := NewMachine(programs...)
		if err != nil {
			rt.Fatal(err)
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		for range 1000 {
			c := aCall(random)
			got, err := m.Simulate(c)
			if err != nil {
				rt.Fatal(err)
			}
			if want := f.Verdict(c); got != want {
				rt.Fatalf("%+v: the program says %v, the model %v", c, got, want)
			}
		}
	})
}

// interesting are values that arguments and tests share, so that they meet.
var interesting = []uint64{0, 1, 2, 3, 4, 6, 7, 0x10, 1 << 31, 1 << 32, 1<<32 | 1, 1 << 40, 3 << 32, ^uint64(0), 0xffffffff}

func aFilter(t *rapid.T) Filter {
	actions := rapid.SampledFrom([]Action{Allow, eperm, eacces, KillProcess, KillThread, Log, Errno(4095)})
	value := rapid.SampledFrom(interesting)
	test := rapid.Custom(func(t *rapid.T) Test {
		test := Test{Index: rapid.IntRange(0, 5).Draw(t, "index"), Op: Op(rapid.IntRange(0, int(HasAll)).Draw(t, "op")), Value: value.Draw(t, "value")}
		if test.Op == Equal || test.Op == NotEqual {
			test.Mask = value.Draw(t, "mask")
			if test.Mask != 0 && test.Mask != ^uint64(0) {
				test.Mask &= 0x1_0000_0003 // few bits: each is a comparison
			}
		}
		if test.Op == HasAll {
			test.Value &= 0xf_0000_000f
		}
		return test
	})
	rule := rapid.Custom(func(t *rapid.T) Rule {
		r := Rule{Action: actions.Draw(t, "action"), When: rapid.SliceOfN(test, 0, 2).Draw(t, "when")}
		names := Names(rapid.SampledFrom(allABIs).Draw(t, "abi"))
		from := rapid.IntRange(0, len(names)).Draw(t, "from")
		r.Calls = names[from:min(len(names), from+rapid.SampledFrom([]int{1, 5, 450}).Draw(t, "calls"))]
		if len(r.When) > 0 {
			r.Calls = r.Calls[:min(len(r.Calls), 5)]
		}
		return r
	})
	return Filter{Rules: rapid.SliceOfN(rule, 0, 5).Draw(t, "rules"), Default: actions.Draw(t, "default")}
}

func aCall(random *rand.Rand) Call {
	c := Call{ABI: allABIs[random.IntN(len(allABIs))], Number: random.IntN(600)}
	for i := range c.Args {
		switch random.IntN(4) {
		case 0:
			c.Args[i] = random.Uint64()
		case 1:
			c.Args[i] = random.Uint64N(600) // may be taken for a number
		default:
			c.Args[i] = interesting[random.IntN(len(interesting))]
		}
	}
	return c
}

func TestActions(t *testing.T) {
	for action, want := range map[Action]string{
		Allow: "allow", Log: "log", KillProcess: "killed", KillThread: "killed", eperm: "EPERM", Errno(4095): "errno 4095",
	} {
		if got := action.String(); got != want {
			t.Errorf("%#x is %s; want %s", uint32(action), got, want)
		}
		if got := action.Allows(); got != (want == "allow" || want == "log") {
			t.Errorf("%s allows: %v", want, got)
		}
	}
	if n, ok := eacces.Errno(); n != 13 || !ok {
		t.Errorf("the errno of EACCES is %d, %v", n, ok)
	}
	if _, ok := Allow.Errno(); ok {
		t.Error("allow has an errno")
	}
}

func TestErrnos(t *testing.T) {
	for name, want := range map[string]uint16{"EPERM": 1, "EAGAIN": 11, "EWOULDBLOCK": 11, "ENOSYS": 38, "EHWPOISON": 133} {
		if got, ok := ErrnoNumber(name); got != want || !ok {
			t.Errorf("%s: %d, %v", name, got, ok)
		}
	}
	for _, name := range []string{"", "EWHAT", "eperm"} {
		if got, ok := ErrnoNumber(name); ok {
			t.Errorf("%q: %d", name, got)
		}
	}
	if ErrnoName(0) != "" || ErrnoName(41) != "" || ErrnoName(4095) != "" || ErrnoName(13) != "EACCES" {
		t.Error("names of errnos")
	}
}
