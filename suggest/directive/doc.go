// SPDX-License-Identifier: Apache-2.0

// Package directive is the model: what every sandboxing directive denies.
//
// A directive's assignments are read into rules (Directive.Read); a rule says
// whether it would have denied an observation (Rule.Denies), and with which
// outcome. A Sandbox is the rules of all settings of a unit together. Everything
// else is a use of that one question:
//
//   - suggesting asks it of the candidates that a Family proposes, from the
//     strictest on, and takes the first that denies nothing;
//   - checking asks it of the settings of a unit file;
//   - explaining asks which observations a value would have denied.
//
// What is suggested is judged as the text that is printed: a candidate is nothing
// but settings, read by the same functions that read a unit file.
//
// To add a directive, add a row to the table of the family's file. Package systemd knows
// every key up to its newest version, and when each came; a newer key, or values that
// came later than their key, are one row in its data/directives.csv.
package directive
