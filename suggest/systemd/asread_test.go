// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestAsRead(t *testing.T) {
	tests := []struct {
		name, version, unit, lines, want string
	}{
		{"what is known stays", "252", "a.service", "ProtectSystem=full", "ProtectSystem=full"},
		{"an unknown word leaves what was said before", "252", "a.service", "ProtectSystem=full|ProtectSystem=bogus", "ProtectSystem=full"},
		{"and so does one that came later", "252", "a.service", "PrivateUsers=yes|PrivateUsers=full", "PrivateUsers=yes"},
		{"once it has come it counts", "258", "a.service", "PrivateUsers=yes|PrivateUsers=full", "PrivateUsers=yes|PrivateUsers=full"},
		{"nothing is no boolean", "252", "a.service", "PrivateTmp=yes|PrivateTmp=", "PrivateTmp=yes"},
		{"nothing resets what may be left open", "254", "a.service", "PrivateMounts=yes|PrivateMounts=", "PrivateMounts=yes|PrivateMounts="},
		{"as it did not before", "253", "a.service", "PrivateMounts=yes|PrivateMounts=", "PrivateMounts=yes"},
		{"nor is it in all that are one of a few words", "257", "a.service", "ProtectHostname=yes|ProtectHostname=|MountFlags=slave|MountFlags=", "ProtectHostname=yes|MountFlags=slave|MountFlags="},
		{"empty is no word", "258", "a.service", "ProtectHostname=yes|ProtectHostname=empty|PrivateMounts=empty", "ProtectHostname=yes"},
		{"small letters", "252", "a.service", "RestrictAddressFamilies=af_unix AF_DECNET|RestrictAddressFamilies=~af_inet", "RestrictAddressFamilies=AF_UNIX AF_DECnet|RestrictAddressFamilies=~AF_INET"},
		{"none has no others", "252", "a.service", "RestrictAddressFamilies=None", "RestrictAddressFamilies=None"},
		{"a mode that is none", "252", "a.service", "UMask=0027|UMask=all", "UMask=0027"},
		{"numbers are no booleans", "252", "a.service", "TasksMax=1", "TasksMax=1"},
		{"one word for yes and no", "252", "a.service", "PrivateTmp=1|ProtectHome=off|ProtectSystem=full", "PrivateTmp=yes|ProtectHome=no|ProtectSystem=full"},
		{"a list may hold unknown words", "252", "a.service", "SystemCallFilter=bogus", "SystemCallFilter=bogus"},
		{"what systemd is built without", "252", "a.service", "SocketBindDeny=any|IPAddressDeny=any", "IPAddressDeny=any"},
		{"what the kernel is too old for", "252", "a.service", "ProtectProc=invisible|ProtectHome=yes", "ProtectHome=yes"},
		{"an unknown directive", "229", "a.service", "ProtectClock=yes", ""},
		{"an old name", "252", "a.service", "ReadOnlyDirectories=/srv", "ReadOnlyPaths=/srv"},
		{"an old name on an old systemd", "229", "a.service", "ReadOnlyDirectories=/srv", "ReadOnlyPaths=/srv"},
		{"a new name on an old systemd", "229", "a.service", "ReadOnlyPaths=/srv", ""},
		{"quotes around words", "252", "a.service", `RestrictAddressFamilies=~"AF_INET" AF_UNIX`, "RestrictAddressFamilies=~AF_INET AF_UNIX"},
		{"words that know none", "252", "a.service", `SystemCallFilter="bind"`, `SystemCallFilter="bind"`},
		{"one of two resets both", "252", "a.service", "BindPaths=/a|BindReadOnlyPaths=", "BindPaths=/a|BindReadOnlyPaths=|BindPaths="},
		{"a place", "252", "a.service", "ReadWritePaths=%t/x -%S", "ReadWritePaths=/run/x -/var/lib"},
		{"an instance", "252", "a-b@c-d.service", "ReadWritePaths=/%i/%I/%p/%j/%n", "ReadWritePaths=/c-d/c/d/a-b/b/a-b@c-d.service"},
		{"escapes", "252", `a@c\x2dd.service`, "ReadWritePaths=/%I", "ReadWritePaths=/c-d"},
		{"what would have to be quoted", "252", `a@c\x20d.service`, "ReadWritePaths=/%I", "ReadWritePaths=/%I"},
		{"two marks are one", "252", "a.service", "ReadWritePaths=/%%t", "ReadWritePaths=/%%t"},
		{"what the host tells", "252", "a.service", "ReadWritePaths=/%H", "ReadWritePaths=/%H"},
		{"no unit has a name", "252", "", "ReadWritePaths=/%n", "ReadWritePaths=/%n"},
		{"no specifiers before 233", "232", "a.service", "ReadWritePaths=/%t", "ReadWritePaths=/%t"},
		{"commands are said again as they are", "252", "a.service", "ExecReload=/bin/kill %t", "ExecReload=/bin/kill %t"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := ParseVersion(tt.version)
			if err != nil {
				t.Fatal(err)
			}
			var settings []trace.Setting
			for line := range strings.SplitSeq(tt.lines, "|") {
				name, value, _ := strings.Cut(line, "=")
				settings = append(settings, trace.Setting{Name: name, Value: value})
			}
			var got []string
			target := Target{Systemd: v, Features: Features{"BPF_FRAMEWORK": false}, Kernel: KernelVersion{5, 4}}
			for _, s := range AsRead(settings, target, tt.unit) {
				got = append(got, s.Name+"="+s.Value)
			}
			if text := strings.Join(got, "|"); text != tt.want {
				t.Errorf("got %s, want %s", text, tt.want)
			}
		})
	}
}
