// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"
	"time"

	"github.com/sbxprof/sbxprof/trace"
)

// TestPrivateTmpAndOthers: the directories for temporary files are the unit's own only
// if it shares nothing there.
func TestPrivateTmpAndOthers(t *testing.T) {
	at := func(o trace.Observation, second int) trace.Observation {
		o.First = time.Unix(int64(second), 0)
		o.Last = o.First
		return o
	}
	create := func(name string) trace.Observation { return at(file(trace.OpCreate, name), 1) }
	remove := func(name string) trace.Observation { return at(file(trace.OpRemove, name), 2) }
	folded := create("/tmp/*")
	folded.File.Folded = true
	fifo := at(file(trace.OpMknod, "/var/tmp/pipe"), 1)
	fifo.File.Type = trace.TypeFIFO
	for _, test := range []struct {
		name    string
		o       []trace.Observation
		private bool
	}{
		{"nothing", nil, true},
		{"a file that it leaves", []trace.Observation{create("/tmp/status")}, false},
		{"one that it removes", []trace.Observation{create("/tmp/status"), remove("/tmp/status")}, true},
		{"one that it makes again", []trace.Observation{at(file(trace.OpRemove, "/tmp/status"), 0), create("/tmp/status")}, false},
		{"one that it moves to a name", []trace.Observation{create("/tmp/status.new"), at(file(trace.OpRenameFrom, "/tmp/status.new"), 2), at(file(trace.OpRenameTo, "/tmp/status"), 2)}, false},
		{"one of mkstemp", []trace.Observation{create("/tmp/web-a8Kd0Q")}, true},
		{"one in a directory of mkdtemp", []trace.Observation{at(dirs(trace.OpMkdir, "/tmp/web-LPU3OI"), 0), create("/tmp/web-LPU3OI/status")}, true},
		{"one of a process", []trace.Observation{create("/tmp/web.4711")}, true},
		{"too many to tell apart", []trace.Observation{folded}, true},
		{"a pipe", []trace.Observation{fifo}, false},
		{"a socket", []trace.Observation{at(file(trace.OpBind, "/tmp/web.sock"), 1)}, false},
		{"a file of others", []trace.Observation{file(trace.OpRead, "/tmp/others")}, false},
		{"its own file elsewhere", []trace.Observation{create("/run/status")}, true},
	} {
		e := evidenceFor(t, "252", "", test.o...)
		denied := len(e.Violations([]trace.Setting{{Name: "PrivateTmp", Value: "yes"}}, 1)) > 0
		if denied == test.private {
			t.Errorf("%s: PrivateTmp=yes denies something: %v", test.name, denied)
		}
	}
}

func TestTemporaryNames(t *testing.T) {
	for name, want := range map[string]bool{"tmp.9xQz1Lk0aB": true, "systemd-private-abc-web.service-k2JdQe": true, "sess_0a1b2c3d": true, "web.123": true, "lighttpd-upload-LPU3OI": true,
		"status": false, "web.sock": false, "php.socket-0": false, "README": false, "MySQL": false, "hsperfdata_root": false} {
		if got := temporary(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
