// SPDX-License-Identifier: Apache-2.0

// Package record is a training run: it finds the units, attaches the kernel side
// (package bpf), starts what is to be watched and turns what the kernel saw into
// traces.
//
// Run does all of it:
//
//	result, err := record.Run(ctx, record.Options{Units: []string{"lighttpd"}, Restart: true})
//
// Ending ctx ends the recording and is no error. Whenever recording had begun, the
// result is there, also beside an error (a unit that did not start).
package record
