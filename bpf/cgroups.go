// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	lines := bufio.NewScanner(f)
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

// Unwatched is the unit of a cgroup that is only on the way to a watched one.
const unwatched = -1

// watch tells the kernel side the paths of the units' cgroups, as a trie of names
// below the root of the mount, so that a cgroup is known when it is made.
func (r *Recorder) watch(paths []string) error {
	const root = 1
	last := uint32(root)
	nodes := map[sbxSbxNodeKey]sbxSbxCgroup{}
	if err := r.addCgroup(string(r.cgroups), sbxSbxCgroup{Node: root, Unit: unwatched}); err != nil {
		return err
	}
	for unit, path := range paths {
		parent := uint32(root)
		names := strings.Split(strings.Trim(filepath.Clean(path), "/"), "/")
		for i, name := range names {
			key := sbxSbxNodeKey{Parent: parent}
			if copy(key.Name[:len(key.Name)-1], name) < len(name) || name == "" {
				return fmt.Errorf("the cgroup %q has a name that cannot be", path)
			}
			node, known := nodes[key]
			if !known {
				last++
				node = sbxSbxCgroup{Node: last, Unit: unwatched}
			}
			if i == len(names)-1 {
				node.Unit = int32(unit)
			}
			nodes[key], parent = node, node.Node
		}
	}
	for key, node := range nodes {
		if err := r.maps.Maps[sbxMapNodes].Put(key, node); err != nil {
			return fmt.Errorf("telling the kernel which units to watch: %w", err)
		}
	}
	return r.addExisting(sbxSbxCgroup{Node: root, Unit: unwatched}, string(r.cgroups), nodes)
}

// addExisting adds the cgroups below dir that exist already and are on the way to
// a unit's, or below it. Those that appear or go meanwhile the programs see.
func (r *Recorder) addExisting(parent sbxSbxCgroup, dir string, nodes map[sbxSbxNodeKey]sbxSbxCgroup) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENODEV) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the cgroups: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		found := parent
		if parent.Unit == unwatched {
			key := sbxSbxNodeKey{Parent: parent.Node}
			copy(key.Name[:len(key.Name)-1], e.Name())
			var known bool
			if found, known = nodes[key]; !known {
				continue
			}
		}
		path := filepath.Join(dir, e.Name())
		if err := r.addCgroup(path, found); err != nil {
			return err
		}
		if err := r.addExisting(found, path, nodes); err != nil {
			return err
		}
	}
	return nil
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
