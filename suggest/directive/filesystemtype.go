// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

func fileSystemTypeFamily() Family {
	return Family{
		Name:       "file system types",
		Directives: []Directive{{Name: "RestrictFileSystems", Denies: "opening files on other types of file systems", Read: readFileSystems}},
		Propose:    proposeFileSystems,
	}
}

// fileSystemSets are systemd's sets of file systems, as `systemd-analyze filesystems` of
// 257 prints them; of @known only what is in no other set, as far as a trace tells them
// apart.
var fileSystemSets = map[string][]string{
	"@basic-api":        {"cgroup", "cgroup2", "devpts", "devtmpfs", "mqueue", "proc", "sysfs"},
	"@anonymous":        {"anon_inodefs", "pipefs", "sockfs"},
	"@application":      {"autofs", "fuse", "overlay"},
	"@auxiliary-api":    {"binfmt_misc", "configfs", "efivarfs", "fusectl", "hugetlbfs", "rpc_pipefs", "securityfs"},
	"@common-block":     {"btrfs", "erofs", "exfat", "ext4", "f2fs", "iso9660", "ntfs3", "squashfs", "udf", "vfat", "xfs"},
	"@historical-block": {"ext2", "ext3", "minix"},
	"@network":          {"afs", "ceph", "cifs", "gfs", "gfs2", "ncp", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb3", "smbfs"},
	"@privileged-api":   {"bpf", "debugfs", "pstore", "tracefs"},
	"@security":         {"apparmorfs", "selinuxfs", "smackfs"},
	"@temporary":        {"ramfs", "tmpfs"},
	"@known":            {"cpuset", "fuseblk", "msdos", "nsfs", "pidfs", "usbdevfs"},
}

// sameMagic are file systems that the kernel program, which compares magic numbers,
// cannot tell from another: under the name that a trace has for all of them.
var sameMagic = map[string]string{
	"cpuset": "cgroup", "devtmpfs": "tmpfs", "ext2": "ext", "ext3": "ext", "ext4": "ext", "fuseblk": "fuse", "msdos": "vfat", "nfs4": "nfs",
}

// fileSystemsIn returns the file systems that words stand for, by a trace's names.
func fileSystemsIn(words []string) []string {
	var list []string
	for _, w := range words {
		names, set := fileSystemSets[w]
		switch {
		case w == "@known":
			for _, members := range fileSystemSets {
				names = append(names, members...)
			}
		case !set:
			names = []string{w}
		}
		for _, n := range names {
			if same := sameMagic[n]; same != "" {
				n = same
			}
			list = append(list, n)
		}
	}
	return list
}

// fileSystemRule denies opening files (security_file_open(), by a BPF program, v250; as
// seen on 257 and 262 with Linux 6.12 and 7.2).
type fileSystemRule struct {
	names []string
	deny  bool // names are what is denied
}

func (r *fileSystemRule) Kind() trace.Kind { return trace.KindFile }

func (r *fileSystemRule) ops() []trace.FileOp {
	return []trace.FileOp{trace.OpRead, trace.OpWrite, trace.OpCreate, trace.OpList, trace.OpExecute}
}

func (r *fileSystemRule) Denies(o *trace.Observation) trace.Outcome {
	f := o.File
	if !slices.Contains(r.ops(), f.Op) || f.FS == "" || !r.denies(f.FS) {
		return allowed
	}
	device := f.Type == trace.TypeCharDev || f.Type == trace.TypeBlockDev
	if o.Outcome == trace.OutcomeOK || device && reachesDriver(o.Outcome) {
		return eperm
	}
	return allowed
}

func (r *fileSystemRule) denies(name string) bool { return slices.Contains(r.names, name) == r.deny }

// calls are the rules for system calls that open what has no path: message queues,
// namespaces, and what stands for processes, which is a file system of its own from Linux
// 6.9 on.
func (r *fileSystemRule) calls(u *Unit) []Rule {
	var rules []Rule
	if r.denies("mqueue") {
		rules = append(rules, call("mq_open"))
	}
	if r.denies("nsfs") {
		rules = append(rules, call("setns")) // what it joins was opened before
	}
	if r.denies("pidfs") && hasPidfs(u.Target) {
		const clonePidfd = 0x1000
		rules = append(rules, call("pidfd_open"),
			&CallRule{Calls: []string{"clone"}, Outcome: eperm, Entered: true, When: []ArgTest{{Index: 0, Op: HasAny, Values: []uint64{clonePidfd}}}},
			&CallRule{Calls: []string{"clone3"}, Outcome: eperm, Entered: true, When: []ArgTest{{Fact: "flags", Op: HasAny, Values: []uint64{clonePidfd}}}})
	}
	return rules
}

// hasPidfs tells whether the target's kernel has pidfs, or may.
func hasPidfs(t systemd.Target) bool {
	return t.Kernel.Unknown() || t.Kernel.AtLeast(systemd.KernelVersion{Major: 6, Minor: 9})
}

// readFileSystems: an allow-list, or with "~" a deny-list, as the first line decides.
func readFileSystems(values []string, u *Unit) []Rule {
	r := &fileSystemRule{}
	for i, v := range sinceReset(values) {
		words, inverted := strings.CutPrefix(v, "~")
		if i == 0 {
			r.deny = inverted
		}
		names := fileSystemsIn(strings.Fields(words))
		if inverted == r.deny {
			r.names = append(r.names, names...)
		} else {
			r.names = slices.DeleteFunc(r.names, func(n string) bool { return slices.Contains(names, n) })
		}
	}
	if len(sinceReset(values)) == 0 {
		return nil
	}
	return append(r.calls(u), r)
}

// keepsFromTypes returns the directive beside which systemd cannot tell the kernel what
// RestrictFileSystems= says, and starts nothing (status 244, "Failed to create inner BPF
// map", as seen on 257 and 262); "" for none. It does so as the unit's user, when a filter is not
// the reason to keep capabilities (v255), and in the unit's user namespace.
func (u *Unit) keepsFromTypes() string {
	switch private := last(u.Values("PrivateUsers")); {
	case len(sinceReset(u.Values("RestrictFileSystems"))) == 0:
		return ""
	case private != "" && !isFalse(private):
		return "PrivateUsers"
	case u.hasUser() && (!u.Systemd.AtLeast(255) || u.filter() == ""):
		return "User"
	}
	return ""
}

// usualFileSystems are those that a service may find under any of its paths on the
// next host, and that do no harm; pidfs is behind calls that say nothing of a file.
func usualFileSystems(t systemd.Target) []string {
	usual := []string{"@basic-api", "@common-block", "@temporary"}
	if t.Systemd.AtLeast(257) { // older ones do not know the name
		usual = append(usual, "pidfs")
	}
	return usual
}

// proposeFileSystems allows the usual file systems and those that were seen. Of files
// whose file system is not known nothing can be said, nor of what io_uring opens.
func proposeFileSystems(e *Evidence) []Candidate {
	if e.Level < Strict || !e.Target.Enforces("RestrictFileSystems", "@basic-api") || e.Unit("RestrictFileSystems") != "" ||
		slices.ContainsFunc(e.Of(trace.KindIOUring), func(o *trace.Observation) bool { return strings.HasPrefix(o.IOUring.Op, "openat") }) {
		return nil
	}
	words := usualFileSystems(e.Target)
	known := fileSystemsIn(words)
	var reasons []*trace.Observation
	opens := (&fileSystemRule{}).ops()
	for _, o := range e.Of(trace.KindFile) {
		f := o.File
		if o.Outcome != trace.OutcomeOK || !slices.Contains(opens, f.Op) || slices.Contains(known, f.FS) {
			continue
		}
		if !slices.Contains(fileSystemsIn([]string{"@known"}), f.FS) {
			return nil // unknown, or without a name that systemd has
		}
		words, known, reasons = append(words, f.FS), append(known, f.FS), append(reasons, o)
	}
	joins := func(o *trace.Observation) bool { return o.Syscall.Name == "setns" && o.Outcome == trace.OutcomeOK }
	if at := slices.IndexFunc(e.Of(trace.KindSyscall), joins); at >= 0 && !slices.Contains(words, "nsfs") {
		words, reasons = append(words, "nsfs"), append(reasons, e.Of(trace.KindSyscall)[at])
	}
	if reasons == nil && len(e.ops(opens)) == 0 {
		return nil
	}
	slices.Sort(words)
	return []Candidate{{
		Settings: []trace.Setting{{Name: "RestrictFileSystems", Value: strings.Join(words, " ")}},
		Reasons:  map[int][]*trace.Observation{0: reasons},
		Notes:    []string{`does nothing where /sys/kernel/security/lsm does not name "bpf"`},
	}}
}
