// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/sbxprof/sbxprof/bpf"
)

// cgroups are those of the loop, and of nobody: paths below the cgroup2 mount.
type cgroups struct {
	own, other string
	ownDir     *os.File
	paths      []string
}

func newCgroups() (c *cgroups, err error) {
	mount, err := bpf.CgroupMount()
	if err != nil {
		return nil, err
	}
	c = &cgroups{}
	for _, name := range []*string{&c.own, &c.other} {
		path, err := os.MkdirTemp(mount, "sbxprof-bench-")
		if err != nil {
			return nil, errors.Join(err, c.remove())
		}
		c.paths = append(c.paths, path)
		*name = "/" + filepath.Base(path)
	}
	if c.ownDir, err = os.Open(c.paths[0]); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	return c, nil
}

// remove removes them; nothing runs in them any more.
func (c *cgroups) remove() error {
	errs := []error{c.ownDir.Close()}
	for _, path := range c.paths {
		errs = append(errs, os.Remove(path))
	}
	return errors.Join(errs...)
}
