// SPDX-License-Identifier: Apache-2.0

package directive

import "github.com/sbxprof/sbxprof/trace"

const setUserID, setGroupID = 0o4000, 0o2000 // S_ISUID, S_ISGID

// becoming returns who may have executed a program with a set-id bit and become another
// user or group by it; w is whose the program is. A recording names who called execve(2)
// as who he was, and the program that was executed as who it then is.
func (s *Scene) becoming(w *trace.Owner, program trace.Actor) []trace.Actor {
	if w == nil || w.Mode&setID == 0 {
		return nil
	}
	var list []trace.Actor
	if setIDs(w, program) != program { // it is named as its caller: in a log of another program
		list = append(list, program)
	}
	if s == nil {
		return list
	}
	for caller := range s.callers {
		if is := setIDs(w, caller); is != caller && is == (trace.Actor{UID: program.UID, GID: program.GID, Line: program.Line}) {
			list = append(list, caller)
		}
	}
	return list
}

// neededGroup tells whether root, who joined a group by executing a program, was let at
// files by it: at what is not root's own and not for all, as Postfix's maildrop.
func (s *Scene) neededGroup(program, root trace.Actor) bool {
	if program.UID != 0 {
		return true
	}
	alone := accessRule{who: person{groups: []uint32{root.GID}}, scene: s}
	for i := range s.observations {
		o := &s.observations[i]
		same := o.Actor.UID == program.UID && o.Actor.GID == program.GID && o.Actor.Line == program.Line && Charged(o)
		if same && o.File != nil && alone.Denies(o) != allowed {
			return true
		}
	}
	return false
}

// setIDs returns who an actor is once it has executed a program with set-id bits.
func setIDs(w *trace.Owner, a trace.Actor) trace.Actor {
	if w.Mode&setUserID != 0 {
		a.UID = w.UID
	}
	if w.Mode&setGroupID != 0 {
		a.GID = w.GID
	}
	return a
}
