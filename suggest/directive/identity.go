// SPDX-License-Identifier: Apache-2.0

package directive

func identityFamilies() []Family {
	return []Family{{
		Name:       "identity",
		Directives: []Directive{{Name: "User"}, {Name: "Group"}, {Name: "SupplementaryGroups"}, {Name: "DynamicUser"}},
		Propose:    func(*Evidence) []Candidate { return nil },
	}}
}
