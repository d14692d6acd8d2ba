// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// Item is a file that an operation needs to be there.
type Item struct {
	// Path is absolute, or relative to the working area; "" is the operation's
	// name in the working area.
	Path string
	// Mode is the type and the permissions, as stat(2) has them. In the working
	// area 0 permissions are 0644 or, for a directory, 0755; elsewhere 0666 and
	// 0777, so that root needs no capability and a user no ownership.
	Mode uint32
	// Device is the number of a device node.
	Device uint64
	// Target is that of a symbolic link.
	Target string
	// Content is that of a regular file; "" is a line of text.
	Content string
	// Program makes it a copy of the program.
	Program bool
	// UID is the owner and group, if it is not the one who runs the program.
	UID int
	// Xattr is an extended attribute and its value.
	Xattr, Value string
}

// items is short for what an operation needs.
type items = []Item

func at(p []string) string {
	return path.Join(p...)
}

func regular(path ...string) Item {
	return Item{Path: at(path), Mode: unix.S_IFREG}
}

func directory(path ...string) Item {
	return Item{Path: at(path), Mode: unix.S_IFDIR}
}

func fifo(path ...string) Item {
	return Item{Path: at(path), Mode: unix.S_IFIFO}
}

func socket(path ...string) Item {
	return Item{Path: at(path), Mode: unix.S_IFSOCK}
}

func char(path string, major, minor uint32) Item {
	return Item{Path: path, Mode: unix.S_IFCHR, Device: unix.Mkdev(major, minor)}
}

func block(path string, major, minor uint32) Item {
	return Item{Path: path, Mode: unix.S_IFBLK, Device: unix.Mkdev(major, minor)}
}

func linkTo(target string, path ...string) Item {
	return Item{Path: at(path), Mode: unix.S_IFLNK, Target: target}
}

// program is a copy of the program with these permissions besides 0755.
func program(setID uint32, path ...string) Item {
	return Item{Path: at(path), Mode: unix.S_IFREG | 0o755 | setID, Program: true}
}

// carrying gives a program capabilities.
func (i Item) carrying(attribute string) Item {
	i.Xattr, i.Value = "security.capability", attribute
	return i
}

// of gives an item to somebody else.
func (i Item) of(uid int) Item {
	i.UID = uid
	return i
}

// with gives an item other permissions.
func (i Item) with(mode uint32) Item {
	i.Mode |= mode
	return i
}

func (i Item) isDir() bool {
	return i.Mode&unix.S_IFMT == unix.S_IFDIR
}

// outside tells that the item is not in the working area.
func (i Item) outside() bool {
	return strings.HasPrefix(i.Path, "/")
}

// withXattr gives an item the attribute that operations read or remove.
func (i Item) withXattr() Item {
	i.Xattr, i.Value = "user.prepared", "1"
	return i
}
