// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
	"github.com/sbxprof/sbxprof/trace/unit"
)

// tracesOptions say which traces a command is about when it is given none.
type tracesOptions struct {
	unit, store string
	// fold is set where directories count and no single names: see
	// trace.ReadFolded.
	fold bool
}

func (o *tracesOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVarP(&o.unit, "unit", "u", "", "the traces of this `UNIT` in the store (default: of the unit recorded last)")
	addStoreFlag(flags, &o.store)
}

func addStoreFlag(flags *pflag.FlagSet, dir *string) {
	flags.StringVar(dir, "store", "", "the `DIR` that keeps the traces (default: /var/lib/sbxprof for root, else $XDG_STATE_HOME/sbxprof)")
}

func openStore(dir string) (trace.Store, error) {
	if dir != "" {
		return trace.Store{Dir: dir}, nil
	}
	return trace.DefaultStore()
}

// load reads and merges the traces in files, or if there are none those in the
// store.
func (o *tracesOptions) load(files []string) (*trace.Trace, error) {
	if len(files) == 0 {
		var err error
		if files, err = o.stored(); err != nil {
			return nil, err
		}
	}
	read := trace.ReadFile
	if o.fold {
		read = trace.ReadFileFolded
	}
	traces := make([]*trace.Trace, len(files))
	for i, file := range files {
		t, err := read(file)
		if err != nil {
			return nil, err
		}
		traces[i] = t
	}
	if err := sameUnit(traces); err != nil {
		return nil, err
	}
	return trace.Merge(traces...), nil
}

// sameUnit returns an error if traces are of several units: their union is what no
// unit does.
func sameUnit(traces []*trace.Trace) error {
	first := traces[0].Header.Unit.Name
	for _, t := range traces[1:] {
		if other := t.Header.Unit.Name; other != first {
			return usagef("the traces are of several units, %q and %q: name those of one", first, other)
		}
	}
	return nil
}

// stored returns the files of all traces of the unit.
func (o *tracesOptions) stored() ([]string, error) {
	store, err := openStore(o.store)
	if err != nil {
		return nil, err
	}
	name, found := unit.FullName(o.unit), true
	if o.unit == "" {
		name, found, err = store.Latest()
	}
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("there is no trace in %s: name a file, or record one with 'sbxprof record'", store.Dir)
	}
	files, err := store.List(name)
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("there is no trace of %s in %s: record one with 'sbxprof record --unit %s'", name, store.Dir, o.unit)
	}
	return files, err
}

// warnIncomplete says what is missing in a trace. Its error decides the exit status.
func warnIncomplete(w io.Writer, why []string) error {
	for _, reason := range why {
		fmt.Fprintf(w, "sbxprof: the trace is incomplete: %s\n", systemd.Printable(reason))
	}
	if len(why) == 0 {
		return nil
	}
	return toldError{trace.ErrIncomplete}
}
