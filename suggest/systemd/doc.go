// SPDX-License-Identifier: Apache-2.0

// Package systemd is what each systemd version knows: its system call groups,
// the keys and values its parser accepts, how unit files are read, quoted and
// written, and how `systemd-analyze security` scores a service. It covers v229
// to v262.
//
// Everything is decided for a Target, the systemd a suggestion is for, which need
// not be the one of this host. The tables in data/ are the project's own; each
// says in its head from which of systemd's sources it was taken. Where a live
// host can be asked (its features line, its `systemd-analyze syscall-filter`), what
// it says beats the tables: see Target.WithGroups.
//
// The package is pure: it builds and tests on any operating system.
package systemd
