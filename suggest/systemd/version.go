// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"fmt"
	"regexp"
	"strconv"
)

// Oldest and Newest are the first and the last major version that the tables of
// this package describe.
const (
	Oldest = 229
	Newest = 262
)

// Version is a systemd version. The zero Version is unknown; the functions of
// this package then answer for the newest version they know.
type Version struct {
	// Major is the release, 252 in "252.39-1~deb12u2"; Point the stable
	// release, 39.
	Major, Point int
	// Suffix is what follows, "-1~deb12u2": the distribution's part, or a
	// candidate's "~rc1" or "-rc1".
	Suffix string
}

var versionPattern = regexp.MustCompile(`^(?:systemd )?(?:\d+ \()?v?(\d{1,4})(?:\.(\d{1,4}))?([-~+^][0-9A-Za-z.+~^:_-]*)?\)?$`)

// ParseVersion reads a version as systemd, a distribution or a user writes it:
// "257", "v245.9", "252.39-1~deb12u2", or the first line of `systemctl --version`,
// "systemd 252 (252.39-1~deb12u2)". A version older than Oldest is an error. One
// newer than Newest is not (see Version.Unlisted).
func ParseVersion(s string) (Version, error) {
	m := versionPattern.FindStringSubmatch(s)
	if m == nil {
		return Version{}, fmt.Errorf("%.40q is no systemd version: write it as in 252, 252.39 or 252.39-1~deb12u2", s)
	}
	major, _ := strconv.Atoi(m[1]) // the pattern allows four digits only
	point, _ := strconv.Atoi(m[2]) // "" gives 0
	if major < Oldest {
		return Version{}, fmt.Errorf("systemd %d is too old: versions from %d on are known", major, Oldest)
	}
	return Version{Major: major, Point: point, Suffix: m[3]}, nil
}

// String returns the version as ParseVersion reads it.
func (v Version) String() string {
	if v.Major == 0 {
		return "unknown"
	}
	if v.Point == 0 {
		return strconv.Itoa(v.Major) + v.Suffix
	}
	return fmt.Sprintf("%d.%d%s", v.Major, v.Point, v.Suffix)
}

// Unlisted tells that v is newer than the tables: it is treated as Newest, and
// the caller had better say so.
func (v Version) Unlisted() bool { return v.Major > Newest }

// AtLeast tells whether v is of the release major or of a later one. An unknown
// version is the newest.
func (v Version) AtLeast(major int) bool { return v.listed() >= major }

// Reaches tells whether v is at least the stable release major.point of its own
// branch, or of a later release: 252.39 reaches 252.23 and 251.0. Use it for what
// was back-ported to one branch.
func (v Version) Reaches(major, point int) bool {
	if v.Major == 0 || v.Unlisted() {
		return true
	}
	return v.Major > major || v.Major == major && v.Point >= point
}

// listed returns the major version to look up in the tables.
func (v Version) listed() int {
	if v.Major == 0 || v.Unlisted() {
		return Newest
	}
	return v.Major
}
