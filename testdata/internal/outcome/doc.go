// SPDX-License-Identifier: Apache-2.0

// Package outcome looks for what a sandbox broke: checks of a workload that failed,
// denials in a journal, and refusals in a trace that was recorded in the sandbox.
package outcome
