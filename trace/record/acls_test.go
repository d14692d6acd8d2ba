// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/binary"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// rawACL is a list as the kernel has it, of tag, permissions and id each.
func rawACL(entries ...[3]uint32) []byte {
	raw := binary.LittleEndian.AppendUint32(nil, 2)
	for _, e := range entries {
		raw = binary.LittleEndian.AppendUint16(raw, uint16(e[0]))
		raw = binary.LittleEndian.AppendUint16(raw, uint16(e[1]))
		raw = binary.LittleEndian.AppendUint32(raw, e[2])
	}
	return raw
}

const nobodyID = 0xffffffff

func TestDecodeACL(t *testing.T) {
	full := rawACL([3]uint32{1, 6, nobodyID}, [3]uint32{2, 4, 33}, [3]uint32{4, 4, nobodyID}, [3]uint32{8, 7, 4}, [3]uint32{0x10, 5, nobodyID}, [3]uint32{0x20, 0, nobodyID})
	const want = "user::rw-,user:33:r--,group::r--,group:4:rwx,mask::r-x,other::---"
	if got := decodeACL(full); got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
	for name, raw := range map[string][]byte{"nothing": nil, "cut short": full[:9], "another version": append([]byte{3}, full[1:]...), "another tag": rawACL([3]uint32{3, 7, 0})} {
		if got := decodeACL(raw); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func FuzzDecodeACL(f *testing.F) {
	f.Add(rawACL([3]uint32{1, 6, nobodyID}, [3]uint32{2, 4, 33}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := decodeACL(raw).Entries(); err != nil {
			t.Error(err)
		}
	})
}

func TestACLsOfATrace(t *testing.T) {
	dir := t.TempDir()
	with, without := dir+"/with", dir+"/without"
	for _, name := range []string{with, without} {
		if err := os.WriteFile(name, nil, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	list := rawACL([3]uint32{1, 6, nobodyID}, [3]uint32{2, 4, 33}, [3]uint32{4, 0, nobodyID}, [3]uint32{0x10, 4, nobodyID}, [3]uint32{0x20, 0, nobodyID})
	if err := unix.Setxattr(with, "system.posix_acl_access", list, 0); err != nil {
		t.Skipf("SKIPPED: the file system of %s has no access control lists: %v", dir, err)
	}
	if err := unix.Setxattr(dir, "system.posix_acl_default", list, 0); err != nil {
		t.Fatal(err)
	}
	file := func(name string, phase trace.Phase, mode uint32) trace.Observation {
		f := &trace.File{Op: trace.OpRead, Path: trace.Path(name), Owner: aclOwner(t, name), Parent: aclOwner(t, dir)}
		f.Owner.Mode = mode
		return trace.Observation{Actor: trace.Actor{Phase: phase}, File: f}
	}
	tr := &trace.Trace{Observations: []trace.Observation{
		file(with, trace.PhaseService, 0o640), file(without, trace.PhaseService, 0o640), file(with, trace.PhaseSetup, 0o640), file(with, trace.PhaseService, 0o644),
	}}
	before := tr.Observations[0].File
	acls{}.add(tr)
	const access = "user::rw-,user:33:r--,group::---,mask::r--,other::---"
	for i, want := range []trace.ACL{access, "", "", ""} {
		if got := tr.Observations[i].File.Owner.ACL; got != want {
			t.Errorf("observation %d has the list %q, want %q", i, got, want)
		}
	}
	if p := tr.Observations[1].File.Parent; p.DefaultACL != access || p.ACL != "" {
		t.Errorf("its directory has %+v", p)
	}
	if before.Owner.ACL != "" || before.Parent.DefaultACL != "" {
		t.Error("what others may hold was changed")
	}
}

func aclOwner(t *testing.T, name string) *trace.Owner {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Lstat(name, &st); err != nil {
		t.Fatal(err)
	}
	return ownerOf(st.Uid, st.Gid, st.Mode)
}
