// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOutsideLines(t *testing.T) {
	helpers := []string{"ExecCondition", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost"}
	for _, test := range []struct {
		name, version, unit string
		want                []string
	}{
		{"none", "252", "ExecStart=/bin/a\nExecReload=/bin/b", nil},
		{"one", "252", "ExecStart=/bin/a\nExecReload=+/bin/b", []string{"ExecReload"}},
		{"one of two commands", "252", "ExecStartPre=+/bin/a\nExecStartPre=/bin/b", nil},
		{"a name with a plus", "230", "ExecReload=+/bin/b", nil},
		{"only the start is inside", "252", "ExecStart=/bin/a\nPermissionsStartOnly=yes", helpers},
		{"so it was long ago", "229", "ExecStart=/bin/a\nPermissionsStartOnly=yes", helpers},
		{"all are inside", "252", "ExecReload=/bin/b\nPermissionsStartOnly=no", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := newUnit(settings(test.unit), target(t, test.version), nil).outside()
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
