// SPDX-License-Identifier: Apache-2.0

// Command conformance asks real systemds whether the model of package directive
// tells the truth. For every value of a table, and for combinations drawn at
// random, it runs all operations of package probes in a service that has just
// these settings, as root and as another user, and compares what each operation
// came to with what the model says: denied or not, and with which errno.
//
// It boots machines of package testbed, or with -vm a virtual machine with the
// suite's own kernel, prints what it tried and where model and system disagree, and
// ends with one line of figures; the exit status is 1 if they disagree anywhere. Run
// it with `make conformance`; it needs root.
//
// SUITE and SEED as below, on Linux 6.18 (2 CPUs, three to four minutes each):
//
//	systemd  make conformance       pairs    disagreements  exceptions
//	252      SUITE=bookworm SEED=1  922,168  0              2,401
//	257      SUITE=trixie SEED=1    931,322  0              2,272
//	257      SUITE=trixie SEED=2    931,322  0              2,055
//
// An exception is a pair that may differ; exceptions.go has all of them, with reasons.
package main
