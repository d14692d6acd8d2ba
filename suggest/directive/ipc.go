// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"github.com/sbxprof/sbxprof/trace"
)

// sharedMemory are the calls that make or find objects which live in an IPC
// namespace, and outlive processes.
var sharedMemory = []string{"shmget", "semget", "msgget", "mq_open", "ipc"}

func ipcFamilies() []Family {
	return []Family{
		single(Directive{
			Name: "PrivateIPC", Values: []Value{{"yes", Standard}},
			Denies: "System V IPC objects and POSIX message queues of others",
			Read: flag(func(*Unit) []Rule {
				return []Rule{&CallRule{Calls: sharedMemory, Outcome: Hidden}, hiddenMounts{}} // /dev/mqueue is mounted anew
			}),
		}),
		pidFamily(),
		{
			Name: "RemoveIPC",
			Directives: []Directive{{
				Name: "RemoveIPC", Denies: "IPC objects that outlive the service",
				Read: flag(func(*Unit) []Rule {
					return []Rule{&CallRule{Calls: sharedMemory, Outcome: Removed}, sharedFiles{}}
				}),
			}},
			Propose: proposeRemoveIPC,
		},
	}
}

// sharedFiles are POSIX shared memory and semaphores: files in /dev/shm.
type sharedFiles struct{}

func (sharedFiles) Kind() trace.Kind { return trace.KindFile }

func (sharedFiles) concerns(dir string) bool {
	return within(dir, "/dev/shm") || within("/dev/shm", dir)
}

func (sharedFiles) Denies(o *trace.Observation) trace.Outcome {
	_, makes := Writes(o.File)
	if !makes || !within(string(o.File.Path), "/dev/shm") || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	return Removed
}

// proposeRemoveIPC: it does nothing for root.
func proposeRemoveIPC(e *Evidence) []Candidate {
	user := e.Unit("User")
	if user == "" || user == "root" || user == "0" || isTrue(e.Unit("RemoveIPC")) || !e.Target.Enforces("RemoveIPC", "yes") {
		return nil
	}
	return []Candidate{{Settings: []trace.Setting{{Name: "RemoveIPC", Value: "yes"}}}}
}
