// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

func TestIdentity(t *testing.T) {
	pam := owned(trace.OpMapExec, "/usr/lib/libpam.so.0", roots644, roots755)
	shared := owned(trace.OpMapExec, "/usr/lib/systemd/libsystemd-shared-257.so", roots644, roots755)
	other := call(7, "read")
	there := owned(trace.OpMkdir, "/var/lib/web", roots755, roots755)
	there.Outcome = "EEXIST"
	for _, test := range []struct {
		name string
		o    []trace.Observation
		// has and not are lines, steps ("step: …") and reasons ("keeps: …"), the
		// beginning of each.
		has, not []string
	}{
		{"becomes a user", []trace.Observation{drops()}, []string{"User=www-data", "Group=www-data"}, []string{"AmbientCapabilities=", "DynamicUser=", "note: shares"}},
		{"becomes two", []trace.Observation{drops(), other}, []string{"keeps: it becomes 2 different users (7 in web and www-data in web), and must be root"}, []string{"User="}},
		{"becomes five", []trace.Observation{drops(), other, call(8, "read"), call(9, "read"), call(10, "read")},
			[]string{"keeps: it becomes 5 different users (7 in web, 8 in web, 9 in web, 10 in web and others), and"}, []string{"User="}},
		{"becomes nobody", []trace.Observation{call(0, "read")}, []string{"DynamicUser=yes"}, []string{"User="}},
		{"sessions", []trace.Observation{drops(), pam}, []string{"keeps: it checks passwords or opens sessions for other users (web uses PAM)"}, []string{"User="}},
		{"a script that runs systemd's programs", []trace.Observation{drops(), as("/usr/bin/systemctl", pam), as("/usr/bin/systemctl", shared)}, []string{"User="}, []string{"keeps:"}},
		{"a script that runs others", []trace.Observation{drops(), as("/usr/bin/login", pam), as("/usr/bin/systemctl", shared)}, []string{"keeps: it checks passwords or opens sessions for other users (login uses PAM)"}, nil},
		{"a user's look at its own password", []trace.Observation{drops(), by(daemonUID, pam)}, []string{"User="}, []string{"keeps:"}},
		{"a user without a name", []trace.Observation{other}, []string{"keeps: user 7 "}, []string{"User="}},

		{"a capability stays", []trace.Observation{drops(), capable("CAP_NET_BIND_SERVICE")}, []string{"AmbientCapabilities=CAP_NET_BIND_SERVICE"}, nil},
		{"becoming needs none", []trace.Observation{drops(), capable("CAP_SETUID"), capable("CAP_CHOWN")}, []string{"User="}, []string{"AmbientCapabilities="}},
		{"as good as root", []trace.Observation{drops(), capable("CAP_SYS_ADMIN")}, []string{"keeps: it needs CAP_SYS_ADMIN in bind"}, []string{"User="}},
		{"a look at others' processes", []trace.Observation{drops(), inCall("CAP_SYS_PTRACE", "readlinkat")}, []string{"User="}, []string{"keeps:", "AmbientCapabilities="}},
		{"reading others' memory", []trace.Observation{drops(), inCall("CAP_SYS_PTRACE", "process_vm_readv")}, []string{"keeps: it needs CAP_SYS_PTRACE"}, []string{"User="}},
		{"looking at others' processes as root", []trace.Observation{inCall("CAP_SYS_PTRACE", "readlinkat")}, []string{"keeps: it needs CAP_SYS_PTRACE"}, []string{"DynamicUser="}},
		{"what ps looks at", []trace.Observation{as("/usr/bin/ps", inCall("CAP_SYS_PTRACE", "openat")), as("/usr/bin/ps", owned(trace.OpRead, "/proc/[pid]/environ", "0:0 400", "0:0 555"))}, []string{"DynamicUser="}, []string{"keeps:"}},
		{"whose files another program looks at", []trace.Observation{owned(trace.OpRead, "/proc/[pid]/environ", "0:0 400", "0:0 555")}, []string{"keeps: it does what only root may with /proc/[pid]/environ"}, nil},
		{"what another program looks at", []trace.Observation{inCall("CAP_SYS_PTRACE", "openat")}, []string{"keeps: it needs CAP_SYS_PTRACE"}, []string{"DynamicUser="}},
		{"buffers that its user does without", []trace.Observation{drops(), inCall("CAP_NET_ADMIN", "setsockopt"), failed(call(daemonUID, "setsockopt"))}, []string{"User="}, []string{"AmbientCapabilities="}},
		{"options that its user does not try", []trace.Observation{drops(), inCall("CAP_NET_ADMIN", "setsockopt"), call(daemonUID, "setsockopt")}, []string{"AmbientCapabilities=CAP_NET_ADMIN"}, nil},
		{"buffers that it asked for without first", []trace.Observation{drops(), option(7), option(32), inCall("CAP_NET_ADMIN", "setsockopt")}, []string{"User="}, []string{"AmbientCapabilities="}},
		{"buffers that it insists on", []trace.Observation{drops(), option(32), inCall("CAP_NET_ADMIN", "setsockopt")}, []string{"AmbientCapabilities=CAP_NET_ADMIN"}, nil},
		{"a script that asks the manager", []trace.Observation{drops(), as("/usr/bin/systemctl", inCall("CAP_NET_ADMIN", "setsockopt")), as("/usr/bin/systemctl", owned(trace.OpConnect, "/run/systemd/private", "0:0 700", roots755))},
			[]string{"User="}, []string{"AmbientCapabilities=", "step:", "keeps:"}},
		{"a service that asks the manager", []trace.Observation{drops(), owned(trace.OpConnect, "/run/systemd/private", "0:0 700", roots755)}, []string{"keeps: it does what only root may with /run/systemd/private"}, []string{"step:"}},
		{"a low port", []trace.Observation{drops(), bound(80)}, []string{"AmbientCapabilities=CAP_NET_BIND_SERVICE", "CapabilityBoundingSet=CAP_NET_BIND_SERVICE"}, nil},
		{"a high port", []trace.Observation{drops(), bound(8080)}, []string{"User="}, []string{"AmbientCapabilities="}},

		{"everybody's file", []trace.Observation{drops(), owned(trace.OpRead, "/etc/web", roots644, roots755)}, []string{"User="}, []string{"step:"}},
		{"a group's file", []trace.Observation{drops(), owned(trace.OpRead, "/etc/web", "0:4 640", roots755)}, []string{"SupplementaryGroups=adm"}, []string{"step:"}},
		{"root's file", []trace.Observation{drops(), owned(trace.OpRead, "/etc/web", "0:0 600", roots755)}, []string{"step: let www-data read /etc/web"}, []string{"Supp"}},
		{"no powerful group", []trace.Observation{drops(), owned(trace.OpRead, "/etc/web", "0:42 640", roots755)}, []string{"step: let www-data read"}, []string{"Supp"}},
		{"passwords", []trace.Observation{drops(), owned(trace.OpRead, "/etc/shadow", "0:42 640", roots755)}, []string{"keeps: it does what only root may with /etc/shadow"}, nil},
		{"passwords that perl looks up", []trace.Observation{drops(), as("/usr/bin/perl", owned(trace.OpRead, "/etc/shadow", "0:42 640", roots755))}, []string{"User="}, []string{"step:", "keeps:"}},
		{"passwords that perl changes", []trace.Observation{drops(), as("/usr/bin/perl", owned(trace.OpWrite, "/etc/shadow", "0:42 640", roots755))}, []string{"keeps: it does what only root may with /etc/shadow"}, nil},
		{"a locked directory", []trace.Observation{drops(), owned(trace.OpRead, "/srv/a/b/c", roots644, roots755), owned(trace.OpRead, "/srv/a/x", roots644, "0:4 750")},
			[]string{"SupplementaryGroups=adm"}, nil},
		{"below root's home", []trace.Observation{drops(), owned(trace.OpExecute, "/root/bin/x", roots755, roots755)}, []string{"keeps: it does what only root may with /root/bin/x"}, []string{"User="}},
		{"below root's home that is open", []trace.Observation{drops(), owned(trace.OpExecute, "/root/bin/x", roots755, roots755), owned(trace.OpRead, "/root/y", roots644, roots755)}, []string{"User="}, []string{"keeps:"}},
		{"settings of the kernel", []trace.Observation{drops(), owned(trace.OpWrite, "/proc/sys/x", roots644, roots755)}, []string{"keeps: it does what only root may with /proc/sys/x"}, nil},
		{"its own process", []trace.Observation{drops(), owned(trace.OpWrite, "/proc/self/comm", roots644, roots755)}, []string{"User="}, []string{"keeps:"}},
		{"what its network has for root alone", []trace.Observation{drops(), owned(trace.OpRead, "/proc/self/net/nf_conntrack", "0:0 440", "0:0 555")},
			[]string{"keeps: it does what only root may with /proc/self/net/nf_conntrack"}, []string{"User="}},
		{"what its network has for all", []trace.Observation{drops(), owned(trace.OpRead, "/proc/self/net/tcp", "0:0 444", "0:0 555")}, []string{"User="}, []string{"keeps:"}},
		{"a device of a group", []trace.Observation{drops(), owned(trace.OpRead, "/dev/x", "0:4 660", roots755)}, []string{"SupplementaryGroups=adm"}, []string{"keeps:"}},
		{"a look", []trace.Observation{drops(), owned(trace.OpStat, "/root/.x", roots644, "0:0 700")}, []string{"User="}, []string{"step:", "keeps:"}},
		{"a question", []trace.Observation{drops(), owned(trace.OpAskWrite, "/etc/web", roots644, roots755)}, []string{"step: chown www-data /etc/web"}, []string{"keeps:"}},
		{"a question that all are answered", []trace.Observation{drops(), owned(trace.OpAskRead, "/etc/web", roots644, roots755)}, []string{"User="}, []string{"step:", "keeps:"}},
		{"a question in passing", []trace.Observation{drops(), owned(trace.OpAskWrite, "/usr/share/web", roots644, roots755)}, []string{"User="}, []string{"step:", "keeps:"}},
		{"Erlang's questions", []trace.Observation{drops(), as("/usr/lib/erlang/bin/beam.smp", owned(trace.OpAskWrite, "/etc/web", roots644, roots755))}, []string{"User="}, []string{"step:", "keeps:"}},

		{"a new file in /run", []trace.Observation{drops(), owned(trace.OpCreate, "/run/web.pid", roots644, roots755)},
			[]string{"RuntimeDirectory=web", "step: configure the service, and what else names it, to use /run/web/web.pid"}, nil},
		{"an old file in /run", []trace.Observation{drops(), owned(trace.OpWrite, "/run/web.pid", roots644, roots755)}, []string{"RuntimeDirectory=web", "step: configure"}, nil},
		{"a directory in /run", []trace.Observation{drops(), owned(trace.OpMkdir, "/run/web", roots755, roots755)}, []string{"RuntimeDirectory=web"}, []string{"step:"}},
		{"a directory in /run of a group", []trace.Observation{drops(), owned(trace.OpCreate, "/run/web/x", roots644, "0:0 2755"), already("/run/web")}, []string{"RuntimeDirectory=web", "RuntimeDirectoryMode=2755"}, nil},
		{"a directory in /run that was there", []trace.Observation{drops(), already("/run/web")}, []string{"RuntimeDirectory=web"}, []string{"step:"}},
		{"what root left in its directory in /run", []trace.Observation{drops(), owned(trace.OpWrite, "/run/web/x", roots644, users755)}, []string{"RuntimeDirectory=web"}, []string{"step:", "keeps:"}},
		{"another's directory in /run", []trace.Observation{drops(), already("/run/one")}, []string{"User="}, []string{"RuntimeDirectory="}},
		{"a directory in /var that was there", []trace.Observation{drops(), already("/var/lib/web")}, []string{"User="}, []string{"StateDirectory="}},
		{"files for somebody else", []trace.Observation{drops(), owned(trace.OpChown, "/run/web", "7:7 755", roots755)}, []string{"keeps: web gives /run/web to 7, which only root may"}, []string{"User="}},
		{"files for its user", []trace.Observation{drops(), owned(trace.OpChown, "/run/web", users755, roots755)}, []string{"User="}, []string{"keeps:"}},
		{"files for somebody else, if it is root", []trace.Observation{drops(), call(0, "geteuid"), owned(trace.OpChown, "/run/web", "7:7 755", roots755)}, []string{"User="}, []string{"keeps:"}},
		{"root by a program", []trace.Observation{drops(), owned(trace.OpExecute, "/usr/bin/become", "0:0 4755", roots755)}, []string{"keeps: it executes /usr/bin/become, which makes whoever executes it root"}, []string{"User="}},
		{"a group by a program", []trace.Observation{drops(), owned(trace.OpExecute, "/usr/bin/become", "0:4 2755", roots755)}, []string{"User="}, []string{"keeps:"}},
		{"it looks who it is, and may insist", []trace.Observation{drops(), call(0, "geteuid")}, []string{"User=www-data", "note: looks whether it is root (web)"}, []string{"keeps:"}},
		{"a script that looks who it is", []trace.Observation{drops(), as("/bin/sh", call(0, "geteuid"))}, []string{"User=www-data"}, []string{"note: looks"}},
		{"it insists", []trace.Observation{drops(), as("/usr/sbin/rpcbind", call(0, "getuid"))}, []string{"keeps: rpcbind does not start for anybody but root"}, []string{"User="}},
		{"a user of many", []trace.Observation{call(1, "read")}, []string{"User=daemon", "note: shares daemon with other programs"}, nil},
		{"a third user's directory in /run", []trace.Observation{drops(), owned(trace.OpCreate, "/run/web/x", roots644, "7:7 755")},
			[]string{"keeps: it needs /run/web (create /run/web/x), which is 7:7 with mode 0755 and made anew for others at each boot"}, []string{"RuntimeDirectory="}},
		{"a third user's log", []trace.Observation{drops(), owned(trace.OpCreate, "/var/log/web/x", roots644, "7:7 755")}, []string{"step: let www-data write to /var/log/web: setfacl"}, []string{"LogsDirectory="}},
		{"a log of its own", []trace.Observation{drops(), owned(trace.OpCreate, "/var/log/web/log", roots644, "0:4 750")},
			[]string{"LogsDirectory=web", "LogsDirectoryMode=0750", "note: has systemd give /var/log/web and all in it to www-data:www-data", "note: takes /var/log/web from the group adm"}, []string{"step:"}},
		{"a log in the user's directory", []trace.Observation{drops(), owned(trace.OpCreate, "/var/log/web/log", roots644, users755)},
			[]string{"step: chown www-data /var/log/web/log"}, []string{"note: has systemd give"}},
		{"a log that it gives to its user", []trace.Observation{drops(), owned(trace.OpCreate, "/var/log/web/log", roots644, users755), owned(trace.OpChown, "/var/log/web/log", "33:33 644", users755)}, []string{"User="}, []string{"step:"}},
		{"a log that it removes", []trace.Observation{drops(), owned(trace.OpCreate, "/var/log/web/log", roots644, users755), owned(trace.OpRemove, "/var/log/web/log", "", users755)}, []string{"User="}, []string{"step:"}},
		{"what root leaves elsewhere", []trace.Observation{drops(), owned(trace.OpCreate, "/srv/d/x", roots644, users755)}, []string{"step: chown www-data /srv/d/x"}, nil},
		{"what root leaves by another name", []trace.Observation{drops(), owned(trace.OpCreate, "/srv/d/x.new", roots644, users755), renamed("/srv/d/x.new", trace.OpRenameFrom, "/srv/d/x"), renamed("/srv/d/x", trace.OpRenameTo, "/srv/d/x.new")}, []string{"step: chown www-data /srv/d/x"}, []string{"step: chown www-data /srv/d/x.new"}},
		{"what root leaves where systemd gives it away", []trace.Observation{drops(), owned(trace.OpCreate, "/var/lib/web/x", roots644, roots755), owned(trace.OpMkdir, "/var/lib/web/d", roots755, roots755)},
			[]string{"StateDirectory=web"}, []string{"step:"}},
		{"what root leaves until the next boot", []trace.Observation{drops(), owned(trace.OpCreate, "/run/web/x", roots644, users755)}, []string{"User="}, []string{"step:"}},
		{"a log that is the user's", []trace.Observation{drops(), owned(trace.OpCreate, "/var/log/web/log", "33:33 644", users755)}, []string{"User="}, []string{"step:"}},
		{"a file elsewhere", []trace.Observation{drops(), owned(trace.OpWrite, "/srv/x", roots644, roots755)}, []string{"step: chown www-data /srv/x"}, nil},
		{"a hostile name", []trace.Observation{drops(), owned(trace.OpCreate, "/var/lib/a\n[Service]\nUser=root/x", roots644, roots755)}, []string{"step: let www-data write to /var/lib/a"}, []string{"StateDirectory="}},
		{"another program's directory", []trace.Observation{drops(), owned(trace.OpCreate, "/var/log/one/log", roots644, roots755)},
			[]string{"step: let www-data write to /var/log/one: setfacl --modify u:www-data:wx /var/log/one"}, []string{"LogsDirectory=", "step: chown"}},
		{"configuration of its own", []trace.Observation{drops(), owned(trace.OpCreate, "/etc/web/x", roots644, roots755)},
			[]string{"step: chown www-data /etc/web", "ConfigurationDirectory=web"}, []string{"step: let"}},
		{"another's configuration", []trace.Observation{drops(), owned(trace.OpCreate, "/etc/ssl/x", roots644, roots755)}, []string{"step: let www-data write to /etc/ssl: setfacl"}, []string{"step: chown"}},
		{"all configuration", []trace.Observation{drops(), owned(trace.OpCreate, "/etc/x", roots644, roots755)}, []string{"keeps: it writes to /etc (create /etc/x)"}, []string{"User="}},
		{"the directory, and the file in it", []trace.Observation{drops(), owned(trace.OpWrite, "/srv/d/x", "0:4 640", "0:4 750")}, []string{"SupplementaryGroups=adm", "step: chown www-data /srv/d/x"}, nil},
		{"a log that others make", []trace.Observation{drops(), owned(trace.OpRead, "/var/log/web/a", "0:4 640", "0:4 750"), owned(trace.OpWrite, "/var/log/web/log", "0:4 640", "0:4 750")},
			[]string{"LogsDirectory=web", "step: have what makes the files of /var/log/web (log rotation?) make them for www-data"}, []string{"SupplementaryGroups="}},
		{"a log that it made before", []trace.Observation{drops(), owned(trace.OpWrite, "/var/log/web/log", roots644, roots755)}, []string{"LogsDirectory=web"}, []string{"step: have what makes"}},
		{"namespaces", []trace.Observation{drops(), flagged("clone", 0x2000000), inCall("CAP_SYS_ADMIN", "clone")}, []string{"keeps: it needs CAP_SYS_ADMIN in clone, which is as good as being root"}, []string{"User="}},
		{"namespaces of a user's own", []trace.Observation{drops(), flagged("clone", 0x12000000)}, []string{"User="}, []string{"keeps:"}},
		{"a child", []trace.Observation{drops(), flagged("clone", 0x1200011)}, []string{"User="}, []string{"keeps:"}},
		{"a file by its handle", []trace.Observation{drops(), inCall("CAP_DAC_READ_SEARCH", "open_by_handle_at")}, []string{"AmbientCapabilities=CAP_DAC_READ_SEARCH"}, nil},
		{"a file by its name", []trace.Observation{drops(), inCall("CAP_DAC_READ_SEARCH", "open")}, []string{"User="}, []string{"AmbientCapabilities="}},
		{"what it kept when it dropped", []trace.Observation{drops(), by(daemonUID, capable("CAP_NET_RAW"))}, []string{"AmbientCapabilities=CAP_NET_RAW"}, nil},
		{"what it asks for as the user", []trace.Observation{drops(), asking(by(daemonUID, capable("CAP_NET_RAW")))}, []string{"AmbientCapabilities=CAP_NET_RAW"}, nil},
		{"what it asks for, having looked in vain", []trace.Observation{drops(), as("/usr/sbin/bird", call(0, "getuid")), as("/usr/sbin/bird", asking(by(daemonUID, capable("CAP_NET_RAW"))))},
			[]string{"AmbientCapabilities=CAP_NET_RAW"}, nil},
		{"what it asks for if it is root", []trace.Observation{drops(), call(0, "geteuid"), asking(by(daemonUID, capable("CAP_NET_RAW")))}, []string{"User="}, []string{"AmbientCapabilities="}},
		{"what a file carries", []trace.Observation{drops(), by(daemonUID, capable("CAP_NET_RAW")), carrying("/usr/sbin/web")},
			[]string{"User=", "CapabilityBoundingSet=CAP_NET_RAW"}, []string{"AmbientCapabilities=", "NoNewPrivileges="}},
		{"what another file carries", []trace.Observation{drops(), by(daemonUID, capable("CAP_NET_RAW")), carrying("/usr/lib/other")}, []string{"AmbientCapabilities=CAP_NET_RAW"}, nil},
		{"what it kept to become it", []trace.Observation{drops(), by(daemonUID, capable("CAP_SETGID"))}, []string{"User="}, []string{"AmbientCapabilities=", "CapabilityBoundingSet=CAP_"}},
		{"what a user does without", []trace.Observation{drops(), capable("CAP_IPC_LOCK"), refused("CAP_IPC_LOCK", trace.OutcomeOK)}, []string{"User="}, []string{"AmbientCapabilities="}},
		{"what is sent without, and refused in the answer", []trace.Observation{drops(), inCall("CAP_NET_ADMIN", "sendto"), refusedIn("CAP_NET_ADMIN", "sendto")}, []string{"AmbientCapabilities=CAP_NET_ADMIN"}, nil},
		{"what a user fails without", []trace.Observation{drops(), capable("CAP_IPC_LOCK"), refused("CAP_IPC_LOCK", "EPERM")}, []string{"AmbientCapabilities=CAP_IPC_LOCK"}, nil},
		{"who it is already", []trace.Observation{drops(), call(0, "geteuid"), call(0, "setgid"), call(0, "setgroups")}, []string{"SystemCallFilter=setgid setgid32"}, []string{"SystemCallFilter=setgid setgid32 setgroups"}},
		{"what is made of a name that moves", []trace.Observation{drops(), owned(trace.OpCreate, "/run/web.sock", roots644, roots755), owned(trace.OpCreate, "/run/web.sock.17.tmp", roots644, roots755)},
			[]string{"step: configure the service, and what else names it, to use /run/web/web.sock "}, []string{"step: configure the service, and what else names it, to use /run/web/web.sock.17"}},

		{"a list that lets it in", []trace.Observation{drops(), listed("/etc/web", "0:0 640", "user::rw-,user:33:r--,group::---,mask::r--,other::---")}, []string{"User="}, []string{"step:", "Supp"}},
		{"a list of another", []trace.Observation{drops(), listed("/etc/web", "0:0 640", "user::rw-,user:34:r--,group::---,mask::r--,other::---")},
			[]string{"step: let www-data read /etc/web: setfacl --modify u:www-data:r /etc/web"}, []string{"Supp"}},
		{"a list whose mask denies", []trace.Observation{drops(), listed("/etc/web", "0:0 600", "user::rw-,user:33:r--,group::---,mask::---,other::---")}, []string{"step: let www-data read"}, nil},
		{"a list that denies what all may", []trace.Observation{drops(), listed("/etc/web", "0:0 644", "user::rw-,user:33:---,group::r--,mask::r--,other::r--")}, []string{"step: let www-data read"}, nil},
		{"a list with a group", []trace.Observation{drops(), listed("/etc/web", "0:0 640", "user::rw-,group::---,group:4:r--,mask::r--,other::---")}, []string{"SupplementaryGroups=adm"}, []string{"step:"}},
		{"a list that its group is not enough for", []trace.Observation{drops(), listed("/etc/web", "0:4 640", "user::rw-,user:34:r--,group::---,mask::r--,other::---")}, []string{"step: let www-data read"}, []string{"Supp"}},
		{"no unit's name for it", []trace.Observation{drops(), owned(trace.OpCreate, "/run/a b", roots644, roots755)}, []string{"step: let the service write to another place"}, []string{"RuntimeDirectory="}},

		{"state of a user that is made up", []trace.Observation{owned(trace.OpCreate, "/var/lib/web/x", roots644, roots755)},
			[]string{"DynamicUser=yes", "StateDirectory=web", "note: has systemd move /var/lib/web to /var/lib/private/web"}, nil},
		{"a directory that was there", []trace.Observation{there, owned(trace.OpCreate, "/var/lib/web/x", roots644, roots755)}, []string{"DynamicUser=yes", "StateDirectory=web"}, nil},
		{"files elsewhere need a name", []trace.Observation{owned(trace.OpWrite, "/srv/x", roots644, roots755)},
			[]string{"User=web", "step: make the user: useradd", "step: chown web /srv/x"}, []string{"DynamicUser="}},
		{"a group instead of one's own", []trace.Observation{owned(trace.OpRead, "/var/log/x", "0:4 640", roots755)}, []string{"DynamicUser=yes", "Group=adm"}, []string{"Supp"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			checkIdentity(t, daemon(test.o...), Options{Drop: true, Level: directive.Standard}, test.has, test.not)
		})
	}
}

// checkIdentity fails unless the suggestion says all of has and nothing of not.
func checkIdentity(t *testing.T, tr *trace.Trace, o Options, has, not []string) {
	t.Helper()
	p, err := Suggest(tr, o)
	if err != nil {
		t.Fatal(err)
	}
	said := everything(p)
	for _, want := range has {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("missing %q", want)
		}
	}
	for _, no := range not {
		if i := slices.IndexFunc(said, func(s string) bool { return strings.HasPrefix(s, no) }); i >= 0 {
			t.Errorf("there is %q", said[i])
		}
	}
	if t.Failed() {
		t.Logf("all that is said: %q", said)
	}
}

// everything is what a profile says: lines, notes, steps and why not.
func everything(p *Profile) []string {
	var said []string
	for _, l := range p.Lines {
		said = append(said, l.Name+"="+l.Value)
		for _, n := range l.Notes {
			said = append(said, "note: "+n)
		}
	}
	for _, s := range p.Steps {
		said = append(said, "step: "+s.Text)
	}
	if p.KeepsIdentity != "" {
		said = append(said, "keeps: "+p.KeepsIdentity)
	}
	return said
}

// TestIdentityOfUnit are rules about the unit's own lines.
func TestIdentityOfUnit(t *testing.T) {
	pid := owned(trace.OpCreate, "/run/web.pid", roots644, roots755)
	for _, test := range []struct {
		name     string
		unit     []trace.Setting
		o        []trace.Observation
		dynamic  bool
		has, not []string
	}{
		{"its PID file", lines("PIDFile=/var/run/web.pid"), []trace.Observation{drops(), pid}, false, []string{"PIDFile=/run/web/web.pid"}, nil},
		{"another PID file", lines("PIDFile=/run/web.pid2"), []trace.Observation{drops(), pid}, false, nil, []string{"PIDFile="}},
		{"all Exec lines of a sort", lines("ExecStop=/bin/a", "ExecStop=/bin/rm %t/web.pid"), []trace.Observation{drops(), pid}, false,
			[]string{"ExecStop=", "ExecStop=/bin/a", "ExecStop=/bin/rm /run/web/web.pid"}, nil},
		{"variables add up", lines("Environment=A=/run/web.pid", "Environment=B=2"), []trace.Observation{drops(), pid}, false, []string{"Environment=A=/run/web/web.pid"}, []string{"Environment=B"}},
		{"helpers as root", lines("PermissionsStartOnly=yes"), []trace.Observation{drops()}, false, []string{"PermissionsStartOnly=no"}, nil},
		{"helpers as the user", lines("PermissionsStartOnly=no"), []trace.Observation{drops()}, false, []string{"User="}, []string{"PermissionsStartOnly="}},
		{"what root started goes on", lines("KillMode=process", "ExecStop=/etc/init.d/web stop"), []trace.Observation{drops()}, false, []string{"step: stop the service before the other steps and systemctl daemon-reload"}, nil},
		{"what root started ends", lines("KillMode=mixed", "ExecStop=/etc/init.d/web stop"), []trace.Observation{drops()}, false, []string{"User="}, []string{"step:"}},
		{"a user already", lines("User=www-data"), []trace.Observation{drops()}, false, []string{"keeps: it runs as www-data already"}, []string{"DynamicUser="}},
		{"a user that is made up", lines("User=www-data"), []trace.Observation{drops()}, true, []string{"User=", "DynamicUser=yes"}, nil},
		{"a user of the unit's name", lines("User=web"), []trace.Observation{by(8, call(8, "read"))}, true, []string{"User=web-dynamic", "DynamicUser=yes"}, nil},
		{"a user of another name", lines("User=www-data"), []trace.Observation{drops()}, true, []string{"User=", "DynamicUser=yes"}, []string{"User=web", "note: is not www-data"}},
		{"a user with state", lines("User=www-data"), []trace.Observation{by(daemonUID, owned(trace.OpCreate, "/var/lib/web/x", "33:33 644", roots755))}, true, []string{"DynamicUser=yes", "StateDirectory=web", "note: is not www-data any more"}, nil},
		{"a lock that is left", lines("User=www-data", "RuntimeDirectory=web lock/web", "RuntimeDirectoryPreserve=yes"), []trace.Observation{drops()}, true, []string{"DynamicUser=yes", "step: stop the service, and remove /run/lock/web before"}, nil},
		{"a lock that is not", lines("User=www-data", "RuntimeDirectory=web lock/web"), []trace.Observation{drops()}, true, []string{"DynamicUser=yes"}, []string{"step:"}},
		{"what is left where it can be moved", lines("User=www-data", "RuntimeDirectory=web", "RuntimeDirectoryPreserve=yes"), []trace.Observation{drops()}, true, []string{"DynamicUser=yes"}, []string{"step:"}},
		{"a user with files", lines("User=www-data"), []trace.Observation{by(daemonUID, owned(trace.OpWrite, "/srv/x", "33:33 644", users755))}, true,
			[]string{"keeps: DynamicUser=yes is not for it: it has files outside"}, []string{"DynamicUser="}},
		{"made up already", lines("DynamicUser=yes"), []trace.Observation{drops()}, true, []string{"keeps: it has a user that systemd makes up already"}, []string{"DynamicUser="}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tr := daemon(test.o...)
			tr.Header.Unit.Settings = test.unit
			if slices.Contains(test.unit, trace.Setting{Name: "User", Value: "web"}) {
				tr.Header.Unit.Users[8] = "web"
			}
			checkIdentity(t, tr, Options{Drop: true, DynamicUser: test.dynamic, Level: directive.Standard}, test.has, test.not)
		})
	}
}

func lines(list ...string) []trace.Setting {
	var all []trace.Setting
	for _, l := range list {
		name, value, _ := strings.Cut(l, "=")
		all = append(all, trace.Setting{Name: name, Value: value})
	}
	return all
}

// TestIdentityOfCommand is about commands that User= does not apply to.
func TestIdentityOfCommand(t *testing.T) {
	for prefix, want := range map[string]string{
		"!": "keeps: ExecStart=!/usr/sbin/web starts as root, whatever the user is", "-!": "keeps: ExecStart=-!/usr/sbin/web starts", "+": "keeps: ExecStart=+/usr/sbin/web starts",
		"": "User=www-data", "!!": "User=www-data", "-@": "User=www-data",
	} {
		tr := daemon(drops())
		tr.Header.Unit.Commands = []trace.Command{{Line: "ExecStart", Argv: []string{"/usr/sbin/web"}, Prefix: prefix}, {Line: "ExecStop", Argv: []string{"/bin/rm"}, Prefix: "!"}}
		checkIdentity(t, tr, Options{Drop: true, Level: directive.Standard}, []string{want}, nil)
	}
}

// Whatever the trace, a change of identity ends in a suggestion that denies nothing of
// the trace as it would have been, and nothing that it writes is more than one line.
func TestIdentityOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := traces().Draw(t, "trace")
		p, err := Suggest(tr, Options{Level: levels(t), Drop: true, DynamicUser: rapid.Bool().Draw(t, "dynamic")})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range p.Settings() {
			if strings.ContainsAny(s.Value, "\n\r\x00") {
				t.Fatalf("%s=%q", s.Name, s.Value)
			}
		}
	})
}
