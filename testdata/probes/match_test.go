// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// sample is a recording of bind_tcp_80 that is exact.
func sample() []trace.Observation {
	frame := byABI("x86_64", "exit_group", nil)
	frame.Outcome = trace.OutcomeUnfinished
	recorded := append(succeeded(bound(tcp, "0.0.0.0", 80)), frame, capable("CAP_NET_BIND_SERVICE"),
		ok(call("execve")), ok(file(trace.OpExecute, "/probe")))
	for i := range recorded {
		recorded[i].Actor = trace.Actor{Exe: "/probe", Phase: trace.PhaseService}
	}
	return recorded
}

func TestMatch(t *testing.T) {
	op, _ := Find("bind_tcp_80")
	other := sample()[2]
	for name, c := range map[string]struct {
		recorded []trace.Observation
		want     string // what the only difference begins with; "" is none
	}{
		"exact":           {sample(), ""},
		"of setup":        {append(sample(), inSetup(call("open"))), ""},
		"unexpected call": {append(sample(), inService(ok(call("open")))), `unexpected: syscall {"abi":"x86_64","nr":0,"name":"open"}: ok`},
		"unexpected file": {append(sample(), inService(ok(file(trace.OpRead, "/x")))), `unexpected: file {"path":"/x","op":"read"}: ok`},
		"unexpected capability": {append(sample(), inService(capable("CAP_SYS_ADMIN"))),
			`unexpected: capability {"name":"CAP_SYS_ADMIN"}: ok`},
		"capability missing": {without(sample(), trace.KindCapability), "missing: a check that grants CAP_NET_BIND_SERVICE"},
		"address missing":    {without(sample(), trace.KindAddress), "missing: address"},
		"address only in setup": {append(without(sample(), trace.KindAddress), inSetup(other)),
			"missing: address"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Match(op, c.recorded)
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], c.want)) {
				t.Errorf("differences: %q, want %q", got, c.want)
			}
		})
	}
}

// TestMatchFields changes one field at a time of what is otherwise exact.
func TestMatchFields(t *testing.T) {
	op, _ := Find("bind_tcp_80")
	for name, change := range map[string]func(*trace.Observation){
		"outcome":  func(o *trace.Observation) { o.Outcome = "EACCES" },
		"argument": func(o *trace.Observation) { onCall(o, "socket", func(s *trace.Syscall) { s.Args[0].Value++ }) },
		"ABI":      func(o *trace.Observation) { onCall(o, "bind", func(s *trace.Syscall) { s.ABI = "i386" }) },
		"filtered": func(o *trace.Observation) { onCall(o, "bind", func(s *trace.Syscall) { s.Filtered = true }) },
		"port":     func(o *trace.Observation) { onAddress(o, func(a *trace.Address) { a.Port++ }) },
		"IP":       func(o *trace.Observation) { onAddress(o, func(a *trace.Address) { a.IP = "127.0.0.1" }) },
	} {
		t.Run(name, func(t *testing.T) {
			recorded := sample()
			for i := range recorded {
				change(&recorded[i])
			}
			if len(Match(op, recorded)) == 0 {
				t.Error("it was not noticed")
			}
		})
	}
}

func onCall(o *trace.Observation, name string, change func(*trace.Syscall)) {
	if o.Syscall != nil && o.Syscall.Name == name {
		change(o.Syscall)
	}
}

func onAddress(o *trace.Observation, change func(*trace.Address)) {
	if o.Address != nil {
		change(o.Address)
	}
}

func inService(o trace.Observation) trace.Observation {
	o.Actor = trace.Actor{Exe: "/probe", Phase: trace.PhaseService}
	return o
}

func inSetup(o trace.Observation) trace.Observation {
	o.Actor = trace.Actor{Exe: "/usr/lib/systemd/systemd", Phase: trace.PhaseSetup}
	return o
}

func without(recorded []trace.Observation, kind trace.Kind) []trace.Observation {
	var rest []trace.Observation
	for _, o := range recorded {
		if o.Kind != kind {
			rest = append(rest, o)
		}
	}
	return rest
}
