// SPDX-License-Identifier: Apache-2.0

// Package suggest puts the model's question to a trace: which is the strictest
// value of every directive that denies nothing that was observed (Suggest), which
// observations would a unit have denied (Check), and which keep a directive from
// being stricter (Explain).
//
// It is pure: a function of the trace and the target.
package suggest
