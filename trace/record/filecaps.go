// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// fileCapabilities are the capabilities that a file carries, and whether it carries any.
func fileCapabilities(name string) (*trace.FileCapabilities, bool) {
	var value [64]byte // version 3 has 24
	n, err := unix.Getxattr(name, "security.capability", value[:])
	if err != nil { // none, or a file system that has no attributes
		return nil, errors.Is(err, unix.ERANGE)
	}
	return decodeFileCapabilities(value[:n]), true
}

// revisionSizes are the sizes of struct vfs_cap_data by its version (linux/capability.h).
// The kernel gives version 3 as version 2 where who must be root is root here.
var revisionSizes = map[uint32]int{0x01000000: 12, 0x02000000: 20, 0x03000000: 24}

// decodeFileCapabilities reads the attribute as the kernel gives it; nil for anything
// else.
func decodeFileCapabilities(raw []byte) *trace.FileCapabilities {
	const revision, effective, withRootID = 0xff000000, 1, 24
	if len(raw) < 4 {
		return nil
	}
	magic := binary.LittleEndian.Uint32(raw)
	if size := revisionSizes[magic&revision]; size == 0 || len(raw) != size {
		return nil
	}
	c := &trace.FileCapabilities{Effective: magic&effective != 0}
	for word := range (len(raw) - 4) / 8 { // of permitted and inheritable
		pair := raw[4+8*word:]
		c.Permitted = append(c.Permitted, namesOf(binary.LittleEndian.Uint32(pair), 32*word)...)
		c.Inheritable = append(c.Inheritable, namesOf(binary.LittleEndian.Uint32(pair[4:]), 32*word)...)
	}
	if len(raw) == withRootID {
		c.RootID = binary.LittleEndian.Uint32(raw[20:])
	}
	return c
}

// namesOf are the names of the capabilities in a mask, from the number first on.
func namesOf(mask uint32, first int) []string {
	var names []string
	for n := range 32 {
		if mask>>n&1 != 0 {
			names = append(names, capabilityName(first+n))
		}
	}
	return names
}
