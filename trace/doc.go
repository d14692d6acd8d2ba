// SPDX-License-Identifier: Apache-2.0

// Package trace is what was seen: the Trace of a training run and its
// Observations, with reading, writing, merging and comparing them.
//
// A trace is a header (where, when, with which sources, how complete) and a set
// of observations. An observation is one distinct fact about a unit: an actor
// did something, with an outcome. How often, and when first and last, are
// carried along and are no part of its identity; merging two traces is the
// union of their observations.
//
// On disk a trace is a text file: one line of JSON for the header and one for
// each observation, optionally compressed with zstd. The format is described in
// testdata/trace.schema.json.
//
// The package is pure: it builds on any operating system and imports nothing
// else of this project.
package trace
