// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/cilium/ebpf"
)

// cgroupMount is where the cgroup2 hierarchy is mounted.
type cgroupMount string

// CgroupMount returns where the cgroup2 hierarchy is mounted: not always at
// /sys/fs/cgroup.
func CgroupMount() (string, error) {
	m, err := findCgroups()
	return string(m), err
}

func findCgroups() (cgroupMount, error) {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "", fmt.Errorf("looking for the cgroup2 hierarchy: %w", err)
	}
	defer f.Close()
	return findCgroupsIn(f)
}

// findCgroupsIn looks in a mountinfo.
func findCgroupsIn(mountinfo io.Reader) (cgroupMount, error) {
	lines := bufio.NewScanner(mountinfo)
	for lines.Scan() {
		// "36 35 98:0 /root /mount/point options … - type source options"
		before, after, found := strings.Cut(lines.Text(), " - ")
		fields := strings.Fields(before)
		if found && len(fields) > 4 && strings.HasPrefix(after, "cgroup2 ") {
			return cgroupMount(unescapeMount(fields[4])), nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", fmt.Errorf("looking for the cgroup2 hierarchy: %w", err)
	}
	return "", fmt.Errorf("%w: no cgroup2 hierarchy is mounted; boot with systemd.unified_cgroup_hierarchy=1", ErrUnsupported)
}

// unescapeMount undoes mountinfo's octal escapes.
func unescapeMount(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// addCgroup adds one cgroup by its id, which is the inode number of its directory.
func (r *Recorder) addCgroup(dir string, c sbxSbxCgroup) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for a cgroup: %w", err)
	}
	id := info.Sys().(*syscall.Stat_t).Ino
	if err := r.maps.Maps[sbxMapCgroups].Update(id, c, ebpf.UpdateAny); err != nil {
		return fmt.Errorf("telling the kernel which cgroups to watch: %w", err)
	}
	return nil
}
