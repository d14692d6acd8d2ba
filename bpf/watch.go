// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/cilium/ebpf"
)

// Slice is a slice of which every service is a unit of its own, those that are made
// later as well. They are reported by events of the kind EventUnit.
type Slice struct {
	// Cgroup is the slice's, relative to the root of the cgroup2 mount.
	Cgroup string
	// Prefix is how the services' names begin. Of a long one only the beginning is
	// compared.
	Prefix string
}

// watcher tells the kernel side what to watch: the paths of cgroups as a trie of
// names below the root of the mount, so that a cgroup is known when it is made.
type watcher struct {
	r     *Recorder
	nodes map[sbxSbxNodeKey]sbxSbxCgroup
	last  uint32
	units uint16
	// found are the services of slices that are there already.
	found []*Event
}

const (
	rootNode = 1
	// unwatched is the unit of a cgroup that is only on the way to a watched one.
	unwatched = -1
	// unitMade is the first index of a unit that the kernel side found by itself.
	unitMade  = 0x4000
	maxPrefix = 64
)

func (r *Recorder) watch(paths []string, slices []Slice) error {
	w := &watcher{r: r, nodes: map[sbxSbxNodeKey]sbxSbxCgroup{}, last: rootNode, units: uint16(len(paths))}
	if len(paths) >= unitMade {
		return fmt.Errorf("%d units are too many: %d can be watched", len(paths), unitMade-1)
	}
	for unit, path := range paths {
		if _, err := w.add(path, func(c *sbxSbxCgroup) { c.Unit = int32(unit) }); err != nil {
			return err
		}
	}
	root := sbxSbxCgroup{Node: rootNode, Unit: unwatched}
	for _, s := range slices {
		node, err := w.add(s.Cgroup, func(c *sbxSbxCgroup) { c.Below = 1 })
		if err != nil {
			return err
		}
		if node == rootNode {
			root.Below = 1
		}
		if err := w.putPrefix(node, s.Prefix); err != nil {
			return err
		}
	}
	if err := w.spread(rootNode, root.Below != 0); err != nil {
		return err
	}
	for key, node := range w.nodes {
		if err := r.maps.Maps[sbxMapNodes].Put(key, node); err != nil {
			return fmt.Errorf("telling the kernel which units to watch: %w", err)
		}
	}
	if err := r.addCgroup(string(r.cgroups), root); err != nil {
		return err
	}
	err := w.addExisting(root, string(r.cgroups))
	r.found = w.found
	return err
}

// add adds a path to the trie, and sets what its last node is.
func (w *watcher) add(path string, set func(*sbxSbxCgroup)) (node uint32, err error) {
	parent := uint32(rootNode)
	path = strings.Trim(filepath.Clean("/"+path), "/")
	if path == "" {
		return rootNode, nil
	}
	names := strings.Split(path, "/")
	for i, name := range names {
		key, ok := nodeKey(parent, name)
		if !ok {
			return 0, fmt.Errorf("the cgroup %q has a name that cannot be", path)
		}
		node, known := w.nodes[key]
		if !known {
			w.last++
			node = sbxSbxCgroup{Node: w.last, Unit: unwatched}
		}
		if i == len(names)-1 {
			set(&node)
		}
		w.nodes[key], parent = node, node.Node
	}
	return parent, nil
}

// spread lets what holds for a slice hold for those below it that are on the way to
// something else.
func (w *watcher) spread(parent uint32, below bool) error {
	for key, node := range w.nodes {
		if key.Parent != parent || node.Unit != unwatched {
			continue
		}
		if below {
			node.Below = 1
			w.nodes[key] = node
			if err := w.inheritPrefix(node.Node, parent); err != nil {
				return err
			}
		}
		if err := w.spread(node.Node, node.Below != 0); err != nil {
			return err
		}
	}
	return nil
}

func (w *watcher) inheritPrefix(node, parent uint32) error {
	var p sbxSbxPrefix
	if err := w.r.maps.Maps[sbxMapPrefixes].Lookup(parent, &p); err != nil {
		return fmt.Errorf("telling the kernel which units to watch: %w", err)
	}
	return w.putPrefix(node, string(p.Text[:p.Len]))
}

// putPrefix tells the kernel side how names of services below a slice begin: what all
// patterns for that slice have in common.
func (w *watcher) putPrefix(node uint32, prefix string) error {
	var known sbxSbxPrefix
	if w.r.maps.Maps[sbxMapPrefixes].Lookup(node, &known) == nil {
		prefix = commonPrefix(prefix, string(known.Text[:known.Len]))
	}
	if len(prefix) > maxPrefix {
		prefix = prefix[:maxPrefix]
	}
	p := sbxSbxPrefix{Len: uint32(len(prefix))}
	copy(p.Text[:], prefix)
	if err := w.r.maps.Maps[sbxMapPrefixes].Put(node, p); err != nil {
		return fmt.Errorf("telling the kernel which units to watch: %w", err)
	}
	return nil
}

func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

func nodeKey(parent uint32, name string) (sbxSbxNodeKey, bool) {
	key := sbxSbxNodeKey{Parent: parent}
	n := copy(key.Name[:len(key.Name)-1], name)
	return key, n == len(name) && n > 0
}

// addExisting adds the cgroups below dir that exist already and are on the way to
// a unit's, or below it. Those that appear or go meanwhile the programs see.
func (w *watcher) addExisting(parent sbxSbxCgroup, dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENODEV) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the cgroups: %w", err)
	}
	for _, e := range entries {
		found, ok := w.find(parent, e)
		if !ok {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if err := w.r.addCgroup(path, found); err != nil {
			return err
		}
		if err := w.addExisting(found, path); err != nil {
			return err
		}
	}
	return nil
}

// find tells what an existing cgroup is; false if nothing that is watched.
func (w *watcher) find(parent sbxSbxCgroup, e fs.DirEntry) (sbxSbxCgroup, bool) {
	if !e.IsDir() {
		return parent, false
	}
	if parent.Unit != unwatched {
		return parent, true
	}
	key, _ := nodeKey(parent.Node, e.Name())
	var node sbxSbxCgroup
	if w.r.maps.Maps[sbxMapNodes].Lookup(key, &node) == nil {
		return node, true
	}
	switch {
	case parent.Below == 0:
		return parent, false
	case strings.HasSuffix(e.Name(), ".slice"):
		return parent, true
	case !strings.HasSuffix(e.Name(), ".service") || !w.begins(parent.Node, e.Name()) || w.units >= unitMade:
		return parent, false
	}
	node = sbxSbxCgroup{Unit: int32(w.units)}
	if err := w.r.maps.Maps[sbxMapNodes].Update(key, node, ebpf.UpdateNoExist); err != nil {
		// Made again this moment: the program was faster.
		return node, w.r.maps.Maps[sbxMapNodes].Lookup(key, &node) == nil
	}
	w.found = append(w.found, &Event{Kind: EventUnit, Who: Who{Unit: w.units}, Given: []byte(e.Name())})
	w.units++
	return node, true
}

func (w *watcher) begins(node uint32, name string) bool {
	var p sbxSbxPrefix
	return w.r.maps.Maps[sbxMapPrefixes].Lookup(node, &p) != nil || strings.HasPrefix(name, string(p.Text[:p.Len]))
}
