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
// What was measured: all values and 500 combinations (60 for 247 and 262) on Linux
// 6.18, in one to four minutes on two CPUs, and a few values in virtual machines.
//
//	systemd  kernel  with                        pairs    disagreements  exceptions
//	247.3    6.18    -suite bullseye -combinations 60
//	                                             336,160  0              652
//	252.39   6.18    -suite bookworm             922,168  0              2,401
//	257.13   6.18    -suite trixie               931,322  0              2,272
//	257.13   6.18    -suite trixie -seed 2       931,322  0              2,055
//	262.1    6.18    -suite sid -combinations 60 374,098  0              478
//	247.3    5.10    -vm -suite bullseye (1)     10,464   0              28
//	262.1    7.2     -vm -suite sid (2)          11,774   2 (3)          37
//
//	(1) -combinations 0 -only '^(ProtectSystem|PrivateDevices|ProtectClock|User|RestrictRealtime)='
//	(2) -combinations 0 -only '^(ProtectSystem|PrivateDevices|User|PrivateBPF|PrivatePIDs|RestrictRealtime)='
//	(3) pushing input into a terminal, which a sysctl of that kernel refuses with another errno: an exception since
//
// An exception is a pair that may differ; exceptions.go has all of them, with reasons.
package main
