// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"strconv"

	elastic "github.com/elastic/go-seccomp-bpf"
)

// Action is what a filter answers to a call: the value that its program returns to
// the kernel (seccomp(2), SECCOMP_RET_…).
type Action uint32

// The actions that systemd uses besides an errno.
const (
	Allow       = Action(elastic.ActionAllow)
	Log         = Action(elastic.ActionLog)
	KillThread  = Action(elastic.ActionKillThread)
	KillProcess = Action(elastic.ActionKillProcess)
)

const (
	actionBits = 0xffff0000
	dataBits   = 0x0000ffff
)

// Errno is the action of answering with an errno; number is from 1 to 4095.
func Errno(number uint16) Action {
	return Action(elastic.ActionErrno) | Action(number)
}

// Errno returns the number of the errno that the action answers with, and whether
// it answers with one.
func (a Action) Errno() (uint16, bool) {
	return uint16(a & dataBits), a&actionBits == Action(elastic.ActionErrno)
}

// Allows tells whether the call is made.
func (a Action) Allows() bool { return a&actionBits == Allow || a&actionBits == Log }

// String returns "allow", "log", "killed" or the name of the errno.
func (a Action) String() string {
	number, isErrno := a.Errno()
	switch {
	case isErrno && ErrnoName(number) != "":
		return ErrnoName(number)
	case isErrno:
		return "errno " + strconv.Itoa(int(number))
	case a == KillThread || a == KillProcess:
		return "killed"
	}
	return elastic.Action(a & actionBits).String()
}

// strictest returns what the kernel does when several filters answer: the action
// of the lowest signed value, and of filters that have that one the newest's data
// (seccomp_run_filters in kernel/seccomp.c). answers are in the order in which
// the filters were installed.
func strictest(answers []Action) Action {
	result := Allow
	for i := len(answers) - 1; i >= 0; i-- {
		if int32(answers[i]&actionBits) < int32(result&actionBits) {
			result = answers[i]
		}
	}
	return result
}
