// SPDX-License-Identifier: Apache-2.0

// Package report writes what suggest found: as a drop-in with its evidence, as
// systemd-run properties, as JSON, and in words.
//
// Everything in a trace is hostile input. What is written for people passes
// through Printable; what is written for systemd through suggest/systemd.
package report
