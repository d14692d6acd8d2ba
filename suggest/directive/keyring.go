// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"github.com/sbxprof/sbxprof/trace"
)

func keyringFamily() Family {
	return Family{
		Name: "KeyringMode",
		Directives: []Directive{{
			Name: "KeyringMode", Denies: "the keys of the user that the service runs as", Read: readKeyringMode,
		}},
		Propose: proposeKeyringMode,
	}
}

// readKeyringMode: private takes away the user's keyring, and denies no call: they go on
// with a session keyring of the unit's own. Whether that is enough depends on whose keys a
// service asks for, which a trace does not tell; so it is proposeKeyringMode that keeps
// away from services that ask for any.
func readKeyringMode(values []string, _ *Unit) []Rule {
	if last(values) != "private" {
		return nil
	}
	return []Rule{&CallRule{}}
}

// proposeKeyringMode: private is what system services have from v235 on unless
// they say otherwise, so that writing it down changes nothing for those.
func proposeKeyringMode(e *Evidence) []Candidate {
	if mode := e.Unit("KeyringMode"); mode != "" && mode != "private" && e.usesKeys() {
		return nil
	}
	if !e.Target.Enforces("KeyringMode", "private") {
		return nil
	}
	return []Candidate{{Settings: []trace.Setting{{Name: "KeyringMode", Value: "private"}}}}
}

func (e *Evidence) usesKeys() bool {
	for _, o := range e.Of(trace.KindSyscall) {
		switch o.Syscall.Name {
		case "add_key", "request_key", "keyctl":
			return true
		}
	}
	return false
}
