// SPDX-License-Identifier: Apache-2.0

package systemd

import "strings"

// Features are the options a systemd was built with, by the names that
// `systemctl --version` prints: "SECCOMP", "BPF_FRAMEWORK". What it does not name
// is unknown; a nil Features knows nothing.
type Features map[string]bool

// ParseFeatures reads the features line of `systemctl --version`:
// "+PAM +SECCOMP -BPF_FRAMEWORK default-hierarchy=unified". Words that are
// neither on nor off are passed over.
func ParseFeatures(line string) Features {
	f := Features{}
	for _, w := range strings.Fields(line) {
		switch {
		case len(w) > 1 && w[0] == '+':
			f[w[1:]] = true
		case len(w) > 1 && w[0] == '-':
			f[w[1:]] = false
		}
	}
	if len(f) == 0 {
		return nil
	}
	return f
}

// usualFeatures are those that may be taken for granted of a build whose features
// line is not known: no distribution leaves them out. BPF_FRAMEWORK is not among
// them (Debian 12 is built without it).
var usualFeatures = Features{"SECCOMP": true}

// Has tells whether the feature is built in; one that the line does not mention
// counts only if every distribution builds it in (SECCOMP).
func (f Features) Has(feature string) bool {
	if on, said := f[feature]; said {
		return on
	}
	return usualFeatures[feature]
}
