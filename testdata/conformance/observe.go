// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/trace"
	"github.com/sbxprof/sbxprof/trace/record"
)

// step is one system call of an operation with all that was observed of it, the
// call itself first.
type step []trace.Observation

// observe returns the steps of an operation as a recording of it, run without a
// sandbox as uid and with that outcome, would have them. The files must be there as
// they were before the operation.
func observe(root *os.Root, op probes.Operation, uid int, outcome trace.Outcome) []step {
	var steps []step
	for _, o := range expected(op) {
		ends := o.Outcome == ""
		if ends {
			o.Outcome = outcome
		}
		o.Actor = trace.Actor{Exe: probes.Program, UID: uint32(uid), GID: uint32(uid), Line: "ExecStart", Phase: trace.PhaseService}
		if o.File != nil {
			if isUnknown(op, outcome, ends) {
				continue // it looks at no file
			}
			o.File = describe(root, op, o.File, uid)
		}
		if o.Syscall != nil || len(steps) == 0 {
			steps = append(steps, nil)
		}
		steps[len(steps)-1] = append(steps[len(steps)-1], o)
	}
	for i := range steps {
		nameEachOther(steps[i])
	}
	if uid == 0 && string(outcome) == op.Outcomes(true)[0] {
		at := deciding(op)
		for _, name := range asked(root, op) {
			steps[at] = append(steps[at], granted(name, steps[at][0]))
		}
	}
	return steps
}

// isUnknown tells whether there is no such call, or no such thing that a ring can do; what
// an operation did before the call that ends it there is.
func isUnknown(op probes.Operation, outcome trace.Outcome, ends bool) bool {
	ring := strings.HasPrefix(op.Name, "ring_")
	return outcome == "ENOSYS" && (ends || ring) || outcome == "EINVAL" && ring
}

// asked are the capabilities that the kernel asks for in an operation on this machine.
func asked(root *os.Root, op probes.Operation) []string {
	var list []string
	if first, _, _ := strings.Cut(op.Capability, "|"); first != "" {
		list = append(list, first)
	}
	for _, a := range askedByMachine {
		if slices.Contains(a.operations, op.Name) && a.here(root) {
			list = append(list, a.capability)
		}
	}
	return list
}

// askedByMachine are those that are asked for on some machines only.
var askedByMachine = []struct {
	capability string
	operations []string
	here       func(root *os.Root) bool
}{
	{"CAP_SYS_ADMIN", []string{"perf_event_open", "perf_event_open_kernel"}, isParanoid},
	{"CAP_DAC_OVERRIDE", []string{"cgroup_mkdir"}, hasRootCgroup},
}

// isParanoid tells whether only an administrator may use perf_event_open(2), as by default
// on Debian, whose kernels know 3 in addition to what others know.
func isParanoid(root *os.Root) bool {
	text, err := root.ReadFile("proc/sys/kernel/perf_event_paranoid")
	level, convErr := strconv.Atoi(strings.TrimSpace(string(text)))
	return err == nil && convErr == nil && level > 2
}

// hasRootCgroup tells whether /sys/fs/cgroup is the kernel's root cgroup, which nobody may
// write without a capability: its mode is 0555.
func hasRootCgroup(root *os.Root) bool {
	info, err := root.Stat("sys/fs/cgroup")
	return err == nil && info.Mode()&0o200 == 0
}

// expected is what the table says of an operation, with what only some recorders show
// of a ring's files.
func expected(op probes.Operation) []trace.Observation {
	return slices.Concat(op.Expect, op.Behind)
}

// variants are the ways in which an operation of several calls can have failed for a
// user that goes well for root: the table does not tell which call it was.
func variants(steps []step, op probes.Operation, uid int, outcome trace.Outcome) [][]step {
	all := [][]step{steps}
	if uid == 0 || outcome == trace.OutcomeOK || op.Outcomes(true)[0] != string(trace.OutcomeOK) {
		return all
	}
	for i := range steps {
		failed := slices.Clone(steps[:i+1])
		failed[i] = slices.Clone(failed[i])
		for j := range failed[i] {
			failed[i][j].Outcome = outcome
		}
		all = append(all, failed)
	}
	return all
}

// node is a device that an operation makes.
type node struct {
	kind trace.FileType
	dev  string
}

// nodes are the devices that operations make, by operation.
var nodes = map[string]node{
	"mknod_char": {trace.TypeCharDev, "1:3"}, "mknodat_char": {trace.TypeCharDev, "1:3"}, "dev_mknod": {trace.TypeCharDev, "1:3"},
	"mknod_block": {trace.TypeBlockDev, "8:240"},
}

// deciding is the index of the step whose outcome is the operation's.
func deciding(op probes.Operation) int {
	at := -1
	for _, o := range op.Expect {
		if o.Syscall != nil {
			at++
		}
		if o.Outcome == "" {
			break
		}
	}
	return max(at, 0)
}

func granted(name string, call trace.Observation) trace.Observation {
	c := &trace.Capability{Name: name, Result: call.Outcome}
	if call.Syscall != nil {
		c.ABI, c.Syscall = call.Syscall.ABI, call.Syscall.Name
	}
	return trace.Observation{Kind: trace.KindCapability, Actor: call.Actor, Capability: c, Outcome: trace.OutcomeOK}
}

// nameEachOther gives both names of a rename or a link the other one.
func nameEachOther(s step) {
	var from, to *trace.File
	for _, o := range s {
		switch {
		case o.File == nil:
		case o.File.Op == trace.OpRenameFrom || o.File.Op == trace.OpLinkFrom:
			from = o.File
		case o.File.Op == trace.OpRenameTo || o.File.Op == trace.OpLinkTo:
			to = o.File
		}
	}
	if from != nil && to != nil {
		from.Peer, to.Peer = to.Path, from.Path
	}
}

// describe completes an operation on a file with what a recorder sees of it.
func describe(root *os.Root, op probes.Operation, known *trace.File, uid int) *trace.File {
	f := *known
	f.Path = place(op, f.Path, uid)
	if f.Given != "" {
		f.Given = place(op, f.Given, uid)
	}
	t, dev, owner := look(root, string(f.Path))
	f.Owner = owner
	switch made, ok := nodes[op.Name]; {
	case f.Op == trace.OpMknod && ok:
		f.Type, f.Dev = made.kind, made.dev
	case owner == nil && f.Type == "":
		f.Type = trace.TypeRegular
	case f.Type == "" || f.Type == t:
		f.Type, f.Dev = t, dev
	}
	_, _, f.Parent = look(root, path.Dir(string(f.Path)))
	f.FS = fileSystem(root, string(f.Path))
	return &f
}

// place is a path of the table as the machine has it.
func place(op probes.Operation, p trace.Path, uid int) trace.Path {
	switch {
	case p == "":
		return trace.Path(path.Join(probes.Area, op.Name))
	case !strings.HasPrefix(string(p), "/"):
		return trace.Path(path.Join(probes.Area, string(p)))
	case uid != 0 && path.Base(string(p)) == "new-root":
		return trace.Path(path.Join(path.Dir(string(p)), "new-user"))
	}
	return p
}

// look returns what a path leads to; the owner is nil if that is nothing.
func look(root *os.Root, name string) (trace.FileType, string, *trace.Owner) {
	info, err := root.Stat(path.Join(".", name))
	if err != nil {
		info, err = root.Lstat(path.Join(".", name))
	}
	if err != nil {
		return "", "", nil
	}
	st := info.Sys().(*syscall.Stat_t)
	owner := &trace.Owner{UID: st.Uid, GID: st.Gid, Mode: st.Mode & 0o7777}
	return fileType(info.Mode()), device(info.Mode(), st.Rdev), owner
}

// fileSystem is the type of the file system that a path leads to, or that what is there
// of it leads to.
func fileSystem(root *os.Root, name string) string {
	if path.Base(path.Dir(name)) == "ns" {
		return "nsfs" // what is in /proc/PID/ns is not where it seems to be
	}
	f, err := root.OpenFile(path.Join(".", name), unix.O_PATH, 0)
	if err != nil {
		if name == "/" || name == "." {
			return ""
		}
		return fileSystem(root, path.Dir(name))
	}
	defer f.Close()
	var st unix.Statfs_t
	if unix.Fstatfs(int(f.Fd()), &st) != nil {
		return ""
	}
	return record.FileSystem(uint32(st.Type))
}

func fileType(m fs.FileMode) trace.FileType {
	switch {
	case m.IsRegular():
		return trace.TypeRegular
	case m.IsDir():
		return trace.TypeDirectory
	case m&fs.ModeCharDevice != 0:
		return trace.TypeCharDev
	case m&fs.ModeDevice != 0:
		return trace.TypeBlockDev
	case m&fs.ModeNamedPipe != 0:
		return trace.TypeFIFO
	case m&fs.ModeSocket != 0:
		return trace.TypeSocket
	}
	return trace.TypeSymlink
}

func device(m fs.FileMode, rdev uint64) string {
	if m&fs.ModeDevice == 0 {
		return ""
	}
	return fmt.Sprintf("%d:%d", unix.Major(rdev), unix.Minor(rdev))
}
