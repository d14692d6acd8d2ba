// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// Operation is one thing that the program can do.
type Operation struct {
	// Name is what it is called on the program's command line.
	Name string
	// Does says what it does, as the rest of a sentence: "opens a file for
	// reading".
	Does string
	// Harmless says why a call that looks dangerous is not.
	Harmless string
	// Needs are the files that must have been made before each run of it.
	Needs []Item
	// Capability is the one that decides the outcome for root, or several separated
	// by "|" of which one is enough; "" is none.
	Capability string
	// Root and User are the outcomes without a sandbox as uid 0 and as another
	// user: "ok", the name of an errno, or several separated by "|", the usual one
	// first, where that depends on the kernel or its settings. Empty is "ok", and
	// for User what Root is.
	Root, User string
	// Kernel is the first version that knows what the operation does, or the
	// configuration it needs; the outcomes after the first are of kernels without.
	Kernel string
	// Expect are the observations that a trace of it as root holds, system calls
	// in their order. An empty Outcome is the operation's. Empty fields of a File
	// and arguments that are not listed decide nothing.
	Expect []trace.Observation
	// Perhaps is what a trace may hold besides, whatever its outcome: checks for
	// capabilities without which the operation succeeds all the same, and what
	// other kernels do.
	Perhaps []trace.Observation
	// Behind is what a trace holds besides if the recorder had the source uring_files,
	// which shows the files behind io_uring, and does not hold otherwise.
	Behind []trace.Observation
}

// Seen returns the operation with what is expected of a recording with these sources.
func (o Operation) Seen(sources []trace.Source) Operation {
	there := func(s trace.Source) bool { return s.Name == "uring_files" && s.Missing == "" }
	if slices.ContainsFunc(sources, there) {
		o.Expect = slices.Concat(o.Expect, o.Behind)
	}
	return o
}

// Outcomes returns the outcomes that the operation may have without a sandbox.
func (o Operation) Outcomes(root bool) []string {
	outcomes := o.Root
	if !root && o.User != "" {
		outcomes = o.User
	}
	if outcomes == "" {
		outcomes = "ok"
	}
	return strings.Split(outcomes, "|")
}

// Find returns the operation of that name.
func Find(name string) (Operation, bool) {
	i := slices.IndexFunc(Table, func(o Operation) bool { return o.Name == name })
	if i < 0 {
		return Operation{}, false
	}
	return Table[i], true
}
