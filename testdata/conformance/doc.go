// SPDX-License-Identifier: Apache-2.0

// Command conformance asks real systemds whether the model of package directive
// tells the truth. For every value of a table, and for combinations drawn at
// random, it runs all operations of package probes in a service that has just
// these settings, as root and as another user, and compares what each operation
// came to with what the model says: denied or not, and with which errno.
//
// It boots machines of package testbed, prints what it tried and where model and
// system disagree, and ends with one line of figures; the exit status is 1 if they
// disagree anywhere. Run it with `make conformance`; it needs root.
package main
