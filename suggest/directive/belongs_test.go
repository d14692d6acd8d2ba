// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestBelongs(t *testing.T) {
	u := trace.Unit{Name: "php8.2-fpm@a.service", Commands: []trace.Command{{Line: "ExecStart", Argv: []string{"/usr/sbin/mysqld", "x"}}}}
	for dir, want := range map[string]bool{
		"/run/php": true, "/run/php8.2-fpm": true, "/var/lib/mysql": true, "/var/lib/mysqld": true, "/var/lib/MySQL": true, "/var/cache/bind": true,
		"/var/lib/other": false, "/run/p": false, "/var/lib/my": false, "/var/lib/mysqldump": false, "/var/log/x": false, "/var/lib/binder": false,
	} {
		if got := Belongs(&u, dir, "bind", ""); got != want {
			t.Errorf("%s: %v, want %v", dir, got, want)
		}
	}
}

// TestOwnDirectories: what systemd makes, and what is only opened.
func TestOwnDirectories(t *testing.T) {
	at := func(op trace.FileOp, path string, owner trace.Owner) trace.Observation {
		o := file(op, path)
		o.File.Parent = &owner
		return o
	}
	root, other := trace.Owner{Mode: 0o755}, trace.Owner{UID: 33, Mode: 0o755}
	made := dirs(trace.OpMkdir, "/var/lib/made")
	made.File.Owner, made.File.Parent = &root, &root
	for _, test := range []struct {
		name    string
		o       []trace.Observation
		has, no string
	}{
		{"of its name", []trace.Observation{at(trace.OpCreate, "/var/log/daemon/x", root)}, "LogsDirectory=daemon", "ReadWritePaths=-/var/log/daemon"},
		{"another's", []trace.Observation{at(trace.OpCreate, "/var/log/one/x", root)}, "ReadWritePaths=-/var/log/one", "LogsDirectory="},
		{"of its name, and another owner's", []trace.Observation{at(trace.OpCreate, "/var/log/daemon/x", other)}, "ReadWritePaths=-/var/log/daemon", "LogsDirectory="},
		{"made by itself", []trace.Observation{made, at(trace.OpCreate, "/var/lib/made/x", root)}, "StateDirectory=made", "ReadWritePaths="},
		{"configuration", []trace.Observation{at(trace.OpCreate, "/etc/daemon/x", trace.Owner{Mode: 0o750})}, "ConfigurationDirectory=daemon", "ReadWritePaths="},
		{"its mode", []trace.Observation{at(trace.OpCreate, "/etc/daemon/x", trace.Owner{Mode: 0o750})}, "ConfigurationDirectoryMode=0750", "ReadWritePaths="},
		{"a part of the configuration", []trace.Observation{at(trace.OpCreate, "/etc/daemon/a/b/x", root)}, "ConfigurationDirectory=daemon/a/b", "ReadWritePaths="},
		{"another's configuration", []trace.Observation{at(trace.OpCreate, "/etc/other/x", root)}, "ReadWritePaths=-/etc/other", "ConfigurationDirectory="},
		{"all configuration", []trace.Observation{at(trace.OpCreate, "/etc/x", root)}, "ReadWritePaths=/etc", "ConfigurationDirectory="},
		{"one file of the configuration", []trace.Observation{at(trace.OpWrite, "/etc/daemon/x", root)}, "ReadWritePaths=-/etc/daemon/x", "ConfigurationDirectory="},
	} {
		e := evidenceFor(t, "252", "", test.o...)
		e.AllowList = false
		chosen := firstThatDeniesNothing(e)
		if !hasWord(chosen, test.has) || hasWord(chosen, test.no) {
			t.Errorf("%s: %q, want %s and no %s", test.name, chosen, test.has, test.no)
		}
	}
}
