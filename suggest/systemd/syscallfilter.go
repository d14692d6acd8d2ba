// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

var memberPattern = regexp.MustCompile(`^@?[a-z0-9_][a-z0-9_-]*$`)

// ParseSyscallFilter reads what `systemd-analyze syscall-filter` prints (v235 and
// later): each group's name on a line of its own, its members indented below,
// comments after "#". For Target.WithGroups.
func ParseSyscallFilter(r io.Reader) ([]Group, error) {
	var groups []Group
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		name := strings.TrimSpace(line)
		indented := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		switch {
		case name == "" || name[0] == '#':
		case !memberPattern.MatchString(name), !indented && name[0] != '@', indented && len(groups) == 0:
			return nil, fmt.Errorf("line %d is not from systemd-analyze syscall-filter: %.60q", n, line)
		case !indented:
			groups = append(groups, Group{Name: name})
		default:
			g := &groups[len(groups)-1]
			g.Members = append(g.Members, name)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the system call groups: %w", err)
	}
	if len(groups) == 0 {
		return nil, errors.New("no system call group found: give it the output of systemd-analyze syscall-filter")
	}
	for _, g := range groups {
		slices.Sort(g.Members)
	}
	return groups, nil
}
