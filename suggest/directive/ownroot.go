// SPDX-License-Identifier: Apache-2.0

package directive

// A unit with RootDirectory= or RootImage= has another root directory than the host.
// The paths in its trace are those that it sees. ReadWritePaths= and its like name
// paths of the host, which it does not see, unless they have the prefix "+"; BindPaths=
// mounts something of the host, and StateDirectory= and its like a directory of the
// host (src/core/namespace.c, append_access_mounts() and append_bind_mounts()).

// ownRoot tells whether a unit has a root directory of its own.
func (u *Unit) ownRoot() bool {
	return isOwnRoot(last(u.Values("RootDirectory"))) || isOwnRoot(last(u.Values("RootImage")))
}

// ownRoot tells whether the recorded unit has a root directory of its own.
func (e *Evidence) ownRoot() bool {
	return isOwnRoot(e.Unit("RootDirectory")) || isOwnRoot(e.Unit("RootImage"))
}

func isOwnRoot(value string) bool { return value != "" && value != "/" }
