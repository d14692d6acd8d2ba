// SPDX-License-Identifier: Apache-2.0

package record

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

func newFiles(t *testing.T) files {
	t.Helper()
	r, err := newRoots()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return files{r}
}

// tree makes files, directories (a name that ends with "/") and links ("name -> to").
func tree(t *testing.T, names ...[2]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		name, to := filepath.Join(dir, n[0]), n[1]
		switch to {
		case "/":
			err = os.Mkdir(name, 0o755)
		case "":
			err = os.WriteFile(name, nil, 0o640)
		default:
			err = os.Symlink(to, name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLocate(t *testing.T) {
	dir := tree(t, [2]string{"d", "/"}, [2]string{"d/e", "/"}, [2]string{"d/e/file", ""},
		[2]string{"link", "d/e"}, [2]string{"d/flink", "e/file"}, [2]string{"broken", "nowhere"}, [2]string{"loop", "loop"})
	f := newFiles(t)
	for _, tt := range []struct {
		name   string
		follow bool
		want   string
		exists bool
	}{
		{"/d/e/file", true, "/d/e/file", true},
		{"/link/file", true, "/d/e/file", true},
		{"/link/file", false, "/d/e/file", true},
		{"/link", true, "/d/e", true},
		{"/link", false, "/link", true},
		{"/d/flink", true, "/d/e/file", true},
		{"/d/flink", false, "/d/flink", true},
		{"/link/../x", true, "/d/x", false}, // not /x
		{"/d/./e//file", true, "/d/e/file", true},
		{"/d/e/", true, "/d/e", true},
		{"/d/e/..", true, "/d", true},
		{"/link/none/of/these", true, "/d/e/none/of/these", false},
		{"/d/e/file/below", true, "/d/e/file/below", false},
		{"/broken", true, "/broken", false},
		{"/loop/x", true, "/loop/x", false},
	} {
		got := f.roots.locate(f.roots.self, dir+tt.name, tt.follow)
		if got.path != dir+tt.want || (got.stat != nil) != tt.exists {
			t.Errorf("locate(%s, %v) = %s (exists: %v), want %s (%v)", tt.name, tt.follow, got.path, got.stat != nil, tt.want, tt.exists)
		}
	}
}

// TestProgram: what the name of a command leads to.
func TestProgram(t *testing.T) {
	dir := tree(t, [2]string{"real", ""}, [2]string{"link", "real"})
	for name, want := range map[string]trace.Path{dir + "/real": "", dir + "/link": trace.Path(dir + "/real"), dir + "/absent": "", "link": ""} {
		if got := newFiles(t).program(&bpf.Event{PID: uint32(os.Getpid())}, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestLocateInAnotherRoot(t *testing.T) {
	dir := tree(t, [2]string{"jail", "/"}, [2]string{"jail/etc", "/"}, [2]string{"jail/etc/passwd", ""}, [2]string{"jail/link", "/etc"})
	f := newFiles(t)
	jail, err := openDir(filepath.Join(dir, "jail"))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(jail)
	for _, name := range []string{"/etc/passwd", "/link/passwd", "/../../etc/passwd"} {
		if got := f.roots.locate(jail, name, true); got.path != dir+"/jail/etc/passwd" || got.stat == nil {
			t.Errorf("locate(%s) = %+v", name, got)
		}
	}
}

// at is an event of the test's own process, on a name relative to base.
func at(op bpf.Op, base, given string, flags uint32) *bpf.Event {
	return &bpf.Event{Kind: bpf.EventFile, Op: op, ByName: true, Given: []byte(given), Flags: flags,
		Path: bpf.Path{Name: base, Root: "/"}}
}

func TestNamedFiles(t *testing.T) {
	dir := tree(t, [2]string{"d", "/"}, [2]string{"d/file", ""}, [2]string{"link", "d"}, [2]string{"flink", "d/file"})
	f := newFiles(t)
	for _, tt := range []struct {
		name  string
		event *bpf.Event
		path  string
		given string
		op    trace.FileOp
	}{
		{"relative", at(bpf.OpChmod, dir, "d/file", 0), "/d/file", "", trace.OpChmod},
		{"through a link", at(bpf.OpChmod, dir, "link/file", 0), "/d/file", "/link/file", trace.OpChmod},
		{"a link", at(bpf.OpChmod, dir, "flink", 0), "/d/file", "/flink", trace.OpChmod},
		{"a link itself", at(bpf.OpUnlink, dir, "flink", unix.AT_SYMLINK_NOFOLLOW), "/flink", "", trace.OpRemove},
		{"a directory", at(bpf.OpUnlink, dir, "d", unix.AT_REMOVEDIR|unix.AT_SYMLINK_NOFOLLOW), "/d", "", trace.OpRmdir},
		{"up", at(bpf.OpMkdir, dir+"/d", "../new", unix.AT_SYMLINK_NOFOLLOW), "/new", "/d/../new", trace.OpMkdir},
	} {
		got := f.observations(tt.event)
		if len(got) != 1 {
			t.Errorf("%s: %d observations, want 1", tt.name, len(got))
			continue
		}
		file := got[0].File
		wantGiven := trace.Path("")
		if tt.given != "" {
			wantGiven = trace.Path(dir + tt.given)
		}
		if file.Path != trace.Path(dir+tt.path) || file.Given != wantGiven || file.Op != tt.op {
			t.Errorf("%s: %+v, want %s, given as %q", tt.name, file, tt.path, tt.given)
		}
		if file.Parent == nil {
			t.Errorf("%s: its directory is not described", tt.name)
		}
	}
}

// opened is an event on a file that was opened.
func opened(mode bpf.FileMode, flags uint32, fileMode uint32) *bpf.Event {
	return &bpf.Event{Kind: bpf.EventFile, Op: bpf.OpOpen, Flags: flags, Opened: mode,
		Path: bpf.Path{Name: "/dir/file", Root: "/"}, File: bpf.Inode{Magic: unix.TMPFS_MAGIC, Mode: fileMode, UID: 3, GID: 4},
		Parent: bpf.Inode{Mode: unix.S_IFDIR | 0o1777}}
}

func TestWhatAnOpenIsFor(t *testing.T) {
	for _, tt := range []struct {
		name  string
		event *bpf.Event
		want  []trace.FileOp
	}{
		{"read", opened(bpf.FileMode{Read: true}, 0, unix.S_IFREG), []trace.FileOp{trace.OpRead}},
		{"write", opened(bpf.FileMode{Write: true}, unix.O_WRONLY|unix.O_CREAT, unix.S_IFREG), []trace.FileOp{trace.OpWrite}},
		{"both", opened(bpf.FileMode{Read: true, Write: true}, unix.O_RDWR, unix.S_IFREG), []trace.FileOp{trace.OpRead, trace.OpWrite}},
		{"create", opened(bpf.FileMode{Read: true, Write: true, Created: true}, unix.O_RDWR|unix.O_CREAT, unix.S_IFREG), []trace.FileOp{trace.OpCreate}},
		{"list", opened(bpf.FileMode{Read: true}, 0, unix.S_IFDIR), []trace.FileOp{trace.OpList}},
		{"path only", opened(bpf.FileMode{PathOnly: true}, unix.O_PATH, unix.S_IFDIR), []trace.FileOp{trace.OpStat}},
		{"no name", opened(bpf.FileMode{Write: true}, unix.O_TMPFILE|unix.O_WRONLY, unix.S_IFREG), []trace.FileOp{trace.OpCreate}},
	} {
		if got := opsOf(tt.event, tt.event.File.Mode == unix.S_IFDIR); !cmp.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	for flags, want := range map[uint32]trace.FileOp{
		unix.O_RDONLY: trace.OpRead, unix.O_RDWR: trace.OpWrite, unix.O_WRONLY | unix.O_CREAT: trace.OpCreate,
		unix.O_DIRECTORY: trace.OpList, unix.O_PATH: trace.OpStat,
	} {
		e := at(bpf.OpOpen, "/", "none", flags)
		e.Errno = uint16(unix.EACCES)
		if got := opsOf(e, false); !cmp.Equal(got, []trace.FileOp{want}) {
			t.Errorf("a failed open with the flags %#x: %v, want %s", flags, got, want)
		}
	}
}

func TestWhatIsAskedFor(t *testing.T) {
	for mode, want := range map[uint32][]trace.FileOp{
		unix.F_OK: {trace.OpStat}, unix.W_OK: {trace.OpAskWrite}, unix.R_OK | unix.W_OK: {trace.OpAskRead, trace.OpAskWrite},
		unix.X_OK | unix.AT_SYMLINK_NOFOLLOW: {trace.OpAskExecute},
	} {
		for _, errno := range []unix.Errno{0, unix.EACCES} {
			e := at(bpf.OpAccess, "/", "none", mode)
			e.Errno = uint16(errno)
			if got := opsOf(e, false); !cmp.Equal(got, want) {
				t.Errorf("access(2) with the mode %#x: %v, want %v", mode, got, want)
			}
		}
	}
}

func TestOpenedFile(t *testing.T) {
	f := newFiles(t)
	e := opened(bpf.FileMode{Read: true}, 0, unix.S_IFREG|0o4640)
	e.Given, e.Base = []byte("../link/file"), "/elsewhere"
	want := &trace.File{Path: "/dir/file", Given: "/elsewhere/../link/file", Type: trace.TypeRegular, FS: "tmpfs",
		Owner: &trace.Owner{UID: 3, GID: 4, Mode: 0o4640}, Parent: &trace.Owner{Mode: 0o1777}}
	if diff := cmp.Diff(want, f.fileOf(e)); diff != "" {
		t.Error(diff)
	}
	e.Path.Detached = true
	if got := f.observations(e); got != nil {
		t.Errorf("what is mounted nowhere is %+v", got)
	}
}

func TestSpecialFiles(t *testing.T) {
	f := newFiles(t)
	e := opened(bpf.FileMode{Read: true}, 0, unix.S_IFCHR|0o666)
	e.File.Major, e.File.Minor = 1, 3
	if got := f.fileOf(e); got.Dev != "1:3" || got.Type != trace.TypeCharDev {
		t.Errorf("a device is %+v", got)
	}
	e = opened(bpf.FileMode{Write: true}, unix.O_TMPFILE|unix.O_WRONLY, unix.S_IFREG)
	e.Path = bpf.Path{Name: "/dir/#4711", Root: "/", Unlinked: true}
	if got := f.fileOf(e); got.Path != "/dir/#[inode]" || !got.Unlinked {
		t.Errorf("a file without a name is %+v", got)
	}
	e = opened(bpf.FileMode{Read: true}, 0, unix.S_IFREG)
	e.Path.Root = "/jail"
	if got := f.fileOf(e); !got.Chroot {
		t.Errorf("a file in a chroot is %+v", got)
	}
	e.Path.Folded = true
	if got := f.observations(e)[0].File; got.Path != "/dir/*" || !got.Folded || got.Owner != nil || got.Op != trace.OpRead {
		t.Errorf("one of many files is %+v", got)
	}
}

func TestRenames(t *testing.T) {
	dir := tree(t, [2]string{"d", "/"}, [2]string{"d/new", ""}, [2]string{"link", "d"})
	f := newFiles(t)
	e := at(bpf.OpRenameTo, dir, "link/new", unix.AT_SYMLINK_NOFOLLOW)
	e.Peer, e.Base = []byte("../old"), dir+"/d"
	got := f.observations(e)
	if len(got) != 1 || got[0].File.Path != trace.Path(dir+"/d/new") || got[0].File.Peer != trace.Path(dir+"/old") {
		t.Errorf("a rename is %+v", got)
	}
	e.Flags |= unix.RENAME_EXCHANGE
	if got := f.observations(e); len(got) != 2 || got[0].File.Op != trace.OpRenameFrom || got[1].File.Op != trace.OpRenameTo {
		t.Errorf("an exchange is %+v", got)
	}
}

func TestCoarsen(t *testing.T) {
	for path, want := range map[trace.Path]trace.Path{
		"/a/b/c/d/e": "/a/b/c/*",
		"/a/b/c/d":   "/a/b/c/*",
		"/a/b/c":     "/a/b/*",
		"/a":         "/*",
	} {
		o := trace.Observation{File: &trace.File{Path: path, Op: trace.OpRead, Owner: &trace.Owner{}}}
		coarsen(&o)
		if o.File.Path != want || !o.File.Folded || o.File.Op != trace.OpRead || o.File.Owner != nil {
			t.Errorf("%s becomes %+v, want %s", path, o.File, want)
		}
	}
}

func TestCoarsenAddresses(t *testing.T) {
	for _, tt := range []struct{ before, after trace.Address }{
		{trace.Address{Op: trace.AddressSend, IP: "203.0.113.77", Port: 4711}, trace.Address{Op: trace.AddressSend, IP: "203.0.113.0"}},
		{trace.Address{Op: trace.AddressConnect, IP: "2001:db8:1:2:3:4:5:6", Port: 53}, trace.Address{Op: trace.AddressConnect, IP: "2001:db8:1:2::"}},
		{trace.Address{Op: trace.AddressAccept, IP: "::ffff:198.51.100.9"}, trace.Address{Op: trace.AddressAccept, IP: "::ffff:198.51.100.0"}},
		{trace.Address{Op: trace.AddressBind, IP: "203.0.113.77", Port: 53}, trace.Address{Op: trace.AddressBind, IP: "203.0.113.77", Port: 53}},
		{trace.Address{Op: trace.AddressConnect, Abstract: "x"}, trace.Address{Op: trace.AddressConnect, Abstract: "x"}},
	} {
		o := trace.Observation{Address: &tt.before}
		coarsen(&o)
		if *o.Address != tt.after {
			t.Errorf("it becomes %+v, want %+v", *o.Address, tt.after)
		}
	}
}

func TestWithoutPIDs(t *testing.T) {
	own := uint32(4711)
	for in, want := range map[trace.Path]trace.Path{
		"/proc/4711/status":         "/proc/self/status",
		"/proc/4712/status":         "/proc/[pid]/status",
		"/proc/4711/task/4713/comm": "/proc/self/task/[pid]/comm",
		"/proc/self/task/1/comm":    "/proc/self/task/[pid]/comm",
		"/proc/4711":                "/proc/self",
		"/proc/sys/4711":            "/proc/sys/4711",
		"/procfs/4711":              "/procfs/4711",
		"/proc/meminfo":             "/proc/meminfo",
	} {
		if got := withoutPIDs(in, own); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
}
