// SPDX-License-Identifier: Apache-2.0

package record

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// filesystems are the names of file systems by their magic numbers (statfs(2)).
// One number stands for ext2, ext3 and ext4.
var filesystems = map[uint32]string{
	unix.PROC_SUPER_MAGIC:      "proc",
	unix.SYSFS_MAGIC:           "sysfs",
	unix.CGROUP2_SUPER_MAGIC:   "cgroup2",
	unix.CGROUP_SUPER_MAGIC:    "cgroup",
	unix.TMPFS_MAGIC:           "tmpfs",
	unix.EXT4_SUPER_MAGIC:      "ext",
	unix.XFS_SUPER_MAGIC:       "xfs",
	unix.BTRFS_SUPER_MAGIC:     "btrfs",
	unix.F2FS_SUPER_MAGIC:      "f2fs",
	unix.OVERLAYFS_SUPER_MAGIC: "overlay",
	unix.NFS_SUPER_MAGIC:       "nfs",
	unix.SQUASHFS_MAGIC:        "squashfs",
	unix.EROFS_SUPER_MAGIC_V1:  "erofs",
	unix.RAMFS_MAGIC:           "ramfs",
	unix.DEVPTS_SUPER_MAGIC:    "devpts",
	unix.DEBUGFS_MAGIC:         "debugfs",
	unix.TRACEFS_MAGIC:         "tracefs",
	unix.SECURITYFS_MAGIC:      "securityfs",
	unix.SELINUX_MAGIC:         "selinuxfs",
	unix.BPF_FS_MAGIC:          "bpf",
	unix.PSTOREFS_MAGIC:        "pstore",
	unix.EFIVARFS_MAGIC:        "efivarfs",
	unix.HUGETLBFS_MAGIC:       "hugetlbfs",
	unix.MSDOS_SUPER_MAGIC:     "vfat",
	unix.AUTOFS_SUPER_MAGIC:    "autofs",
	unix.BINFMTFS_MAGIC:        "binfmt_misc",
	unix.NSFS_MAGIC:            "nsfs",
	unix.FUSE_SUPER_MAGIC:      "fuse",
	0x19800202:                 "mqueue",
	0x62656570:                 "configfs",
	0x9fa2:                     "usbdevfs",
	0x2fc12fc1:                 "zfs",
}

// FileSystem returns the name that a recording has for the file system with a magic
// number; "" for an unknown one.
func FileSystem(magic uint32) string { return filesystems[magic] }

// typeOf is the type of a file by its mode.
func typeOf(mode uint32) trace.FileType {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return trace.TypeRegular
	case unix.S_IFDIR:
		return trace.TypeDirectory
	case unix.S_IFCHR:
		return trace.TypeCharDev
	case unix.S_IFBLK:
		return trace.TypeBlockDev
	case unix.S_IFIFO:
		return trace.TypeFIFO
	case unix.S_IFSOCK:
		return trace.TypeSocket
	case unix.S_IFLNK:
		return trace.TypeSymlink
	}
	return ""
}
