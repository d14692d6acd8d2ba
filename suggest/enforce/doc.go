// SPDX-License-Identifier: Apache-2.0

// Package enforce brings a suggestion about on this system.
package enforce
