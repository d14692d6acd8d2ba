// SPDX-License-Identifier: Apache-2.0

// Package probes holds a program that performs one named operation per call, and
// a table that says of each operation what a recording of it must hold.
//
// The program (in c/) is freestanding: an operation is its one system call and
// those that this one needs, and nothing else happens in its process but the
// execve(2) that begins it and the exit_group(2) that ends it. Two tests hang on
// that: a trace of one operation holds exactly the expected observations, and for
// every (directive, operation) pair a real systemd can be asked whether it denies
// the operation, and with which errno.
//
// To use it: [Build] the program, [Prepare] a root file system (a directory, or
// /proc/PID/root of a running instance), [PrepareArea] before each run, and run
//
//	PROBE_AREA=/var/lib/probe PROBE_OUTSIDE=PID /usr/libexec/probe NAME…
//
// where PID is "probe --wait" of the user OtherID, outside of what is tested. It
// prints "NAME ok", "NAME ENOENT", "NAME SIGSYS", … a line. It forks and
// waits for each: where a sandbox forbids that, use "probe --exec NAME", whose
// exit status is 0 or the errno.
//
// Nothing harms the machine, though the test bed shares its kernel: see
// [Operation.Harmless].
package probes
