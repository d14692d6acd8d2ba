// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrUnitName is wrapped by the errors about a name that no unit can have.
var ErrUnitName = errors.New("not the name of a unit")

const (
	storeForRoot = "/var/lib/sbxprof"
	// commandFolder holds the traces of commands that were recorded without a
	// unit. A unit's name has a dot, so that it is no unit's folder.
	commandFolder = "command"
	suffix        = ".trace"
	// timeLayout sorts as the times do.
	timeLayout = "20060102T150405.000000Z"
)

// Store is the folder that keeps the traces of all units: UNIT/TIME.trace. Its
// folders and files can be read by their owner alone, since a trace tells what a
// service did.
type Store struct {
	Dir string
}

// DefaultStore returns the store of the user who runs this: /var/lib/sbxprof for
// root, $XDG_STATE_HOME/sbxprof or ~/.local/state/sbxprof for others.
func DefaultStore() (Store, error) {
	if os.Geteuid() == 0 {
		return Store{storeForRoot}, nil
	}
	return storeOfUser()
}

func storeOfUser() (Store, error) {
	// The XDG specification says to ignore a path that is not absolute.
	if state := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return Store{filepath.Join(state, "sbxprof")}, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return Store{}, fmt.Errorf("finding the folder for traces (use --store): %w", err)
	}
	return Store{filepath.Join(home, ".local", "state", "sbxprof")}, nil
}

// Path returns where a trace of a unit (its full name, or "" for a command
// without a unit) that began then is kept.
func (s Store) Path(unit string, begin time.Time) (string, error) {
	folder, err := s.folder(unit)
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, begin.UTC().Format(timeLayout)+suffix), nil
}

// Save writes a trace, compressed, to its place in the store, and returns its
// path. It replaces an earlier trace of the same run alone.
func (s Store) Save(t *Trace) (string, error) {
	path, err := s.Path(t.Header.Unit.Name, t.Header.Begin)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("making the folder for the unit's traces: %w", err)
	}
	removeAbandoned(filepath.Dir(path), time.Now().Add(-abandonedAfter))
	if path, err = freePath(path, t.Header.Run); err != nil {
		return "", err
	}
	return path, WriteFile(path, t, WriteOptions{Zstd: true})
}

// abandonedAfter is the age of a temporary file whose writer was killed.
const abandonedAfter = 24 * time.Hour

// removeAbandoned removes the temporary files in a unit's folder that were written to
// before then. One that stays is in nobody's way.
func removeAbandoned(folder string, then time.Time) {
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		temporary, _ := filepath.Match(temporaryPattern, e.Name()) // the pattern is right
		if !temporary || !e.Type().IsRegular() {
			continue
		}
		if info, err := e.Info(); err == nil && info.ModTime().Before(then) {
			_ = os.Remove(filepath.Join(folder, e.Name()))
		}
	}
}

// freePath returns path, or, where that has the trace of another run already, the
// same with a number before its suffix.
func freePath(path, run string) (string, error) {
	free := path
	for i := 2; ; i++ {
		there, err := readHeader(free)
		if errors.Is(err, fs.ErrNotExist) || err == nil && run != "" && there.Run == run {
			return free, nil
		}
		if err != nil && !errors.Is(err, ErrNotATrace) && !errors.Is(err, ErrVersion) {
			return "", err
		}
		free = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(path, suffix), i, suffix)
	}
}

// List returns the paths of a unit's traces, oldest first.
func (s Store) List(unit string) ([]string, error) {
	folder, err := s.folder(unit)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("looking for the traces of %s: %w", unit, err)
	}
	var paths []string
	for _, entry := range entries {
		if entry.Type().IsRegular() && isTraceFile(entry.Name()) {
			paths = append(paths, filepath.Join(folder, entry.Name()))
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return compareNames(filepath.Base(a), filepath.Base(b)) })
	return paths, nil
}

// compareNames orders the names of trace files as they were made: TIME.trace is before
// TIME-2.trace, and that before TIME-10.trace.
func compareNames(a, b string) int {
	timeA, numberA := splitName(a)
	timeB, numberB := splitName(b)
	return cmp.Or(strings.Compare(timeA, timeB), cmp.Compare(numberA, numberB), strings.Compare(a, b))
}

// splitName returns the time in the name of a trace file, and the number after it.
func splitName(name string) (begin string, number int) {
	begin = strings.TrimSuffix(name, suffix)
	if before, after, ok := strings.Cut(begin, "-"); ok {
		if n, err := strconv.Atoi(after); err == nil {
			return before, n
		}
	}
	return begin, 1
}

// Latest returns the unit whose latest trace is the latest of all, and whether
// there is any; "" is a command without a unit.
func (s Store) Latest() (unit string, found bool, err error) {
	folders, err := os.ReadDir(s.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", false, fmt.Errorf("looking for the unit that was recorded last: %w", err)
	}
	latest := ""
	for _, folder := range folders {
		name, ok := unitOf(folder)
		if !ok {
			continue
		}
		traces, err := s.List(name)
		if err != nil {
			return "", false, err
		}
		if len(traces) == 0 {
			continue
		}
		if last := filepath.Base(traces[len(traces)-1]); compareNames(last, latest) > 0 {
			unit, latest = name, last
		}
	}
	return unit, latest != "", nil
}

func (s Store) folder(unit string) (string, error) {
	if unit == "" {
		return filepath.Join(s.Dir, commandFolder), nil
	}
	if err := checkUnitName(unit); err != nil {
		return "", err
	}
	return filepath.Join(s.Dir, unit), nil
}

// unitOf returns the unit whose traces are in a folder of the store.
func unitOf(folder fs.DirEntry) (unit string, ok bool) {
	if folder.Name() == commandFolder {
		return "", folder.IsDir()
	}
	return folder.Name(), folder.IsDir() && checkUnitName(folder.Name()) == nil
}

func isTraceFile(name string) bool {
	return !strings.HasPrefix(name, ".") && strings.HasSuffix(name, suffix)
}

var unitSuffixes = []string{
	".service", ".socket", ".device", ".mount", ".automount", ".swap", ".target", ".path", ".timer", ".slice", ".scope",
}

// HasUnitSuffix tells whether a name ends as the name of some kind of unit does:
// ".service", ".socket" and so on.
func HasUnitSuffix(name string) bool { return slices.Contains(unitSuffixes, filepath.Ext(name)) }

// checkUnitName returns an error unless systemd takes the name for that of a unit
// (unit_name_is_valid in src/basic/unit-name.c). None of these leaves a folder:
// they have no slash, and more than dots.
func checkUnitName(unit string) error {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@"
	ext := filepath.Ext(unit)
	switch {
	case len(unit) > 255:
		return fmt.Errorf("%.40q… is %w: it is longer than 255 bytes", unit, ErrUnitName)
	case !HasUnitSuffix(unit):
		return fmt.Errorf("%q is %w: it has no suffix such as .service", unit, ErrUnitName)
	case unit == ext || strings.HasPrefix(unit, "@"):
		return fmt.Errorf("%q is %w: there is no name before the suffix", unit, ErrUnitName)
	case strings.ContainsFunc(unit, func(r rune) bool { return !strings.ContainsRune(allowed, r) }):
		return fmt.Errorf("%q is %w: it has a character that is not allowed in one", unit, ErrUnitName)
	}
	return nil
}
