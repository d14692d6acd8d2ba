// SPDX-License-Identifier: Apache-2.0

package record

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace/unit"
)

// wanted are the units that were asked for.
type wanted struct {
	// names are single units.
	names []string
	// patterns are of unit names, and inSlices are slices every service of which is
	// wanted: what fits is found as it appears.
	patterns []string
	inSlices []string
}

// whatIsWanted sorts what the user named.
func whatIsWanted(o *Options) (wanted, error) {
	var w wanted
	if o.All {
		w.inSlices = append(w.inSlices, "-.slice")
	}
	for _, name := range o.Units {
		switch {
		case strings.HasSuffix(name, ".slice"):
			w.inSlices = append(w.inSlices, name)
		case strings.ContainsAny(name, "*?["):
			pattern := unit.FullName(name)
			if _, err := path.Match(pattern, ""); err != nil {
				return w, fmt.Errorf("the pattern %q: %w", name, err)
			}
			w.patterns = append(w.patterns, pattern)
		default:
			w.names = append(w.names, name)
		}
	}
	if o.Restart && len(w.inSlices) > 0 {
		return w, errors.New("every service of a slice will not be restarted: name those that should be")
	}
	return w, nil
}

// slices are where services have to be looked for.
func (w *wanted) slices() []bpf.Slice {
	var list []bpf.Slice
	for _, s := range w.inSlices {
		list = append(list, bpf.Slice{Cgroup: unit.SlicePath(s)})
	}
	for _, p := range w.patterns {
		// Which slice an instance will be in is not known before it is there.
		list = append(list, bpf.Slice{Cgroup: "/", Prefix: p[:strings.IndexAny(p, "*?[")]})
	}
	return list
}

// fits tells whether a unit that was found, by its name and cgroup, was asked for.
func (w *wanted) fits(name, cgroup string) bool {
	for _, p := range w.patterns {
		if ok, _ := path.Match(p, name); ok {
			return true
		}
	}
	for _, s := range w.inSlices {
		if strings.HasPrefix(cgroup, unit.SlicePath(s)+"/") {
			return true
		}
	}
	return false
}

// mayFit tells whether a unit of which only the name is known may have been asked
// for. The kernel side finds nothing that is neither in a slice nor begins as a
// pattern does.
func (w *wanted) mayFit(name string) bool {
	return len(w.inSlices) > 0 || w.fits(name, "")
}
