// SPDX-License-Identifier: Apache-2.0

package directive

import "github.com/sbxprof/sbxprof/trace"

// CallRules are the sandbox's rules about system calls, for the test that compiles them.
func (s *Sandbox) CallRules() []Rule {
	var list []Rule
	for _, r := range s.rules[trace.KindSyscall] {
		rule := r.rule
		if c, ok := rule.(capabilityCall); ok {
			rule = c.CallRule
		}
		list = append(list, rule)
	}
	return list
}

// Permitted are the ABIs that are not killed.
func (r *abiRule) Permitted() []string { return r.permitted }

// Calls are the calls that are answered with ENOSYS.
func (r *cloneRule) Calls() []string {
	if !r.filtered {
		return nil
	}
	return []string{"clone3"}
}
