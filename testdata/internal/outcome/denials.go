// SPDX-License-Identifier: Apache-2.0

package outcome

import (
	"regexp"
	"strings"
)

// denial is what systemd, the kernel and programs say when a sandbox denies them
// something, or when systemd ignores a line of it.
var denial = regexp.MustCompile(strings.Join([]string{
	`[Oo]peration not permitted`,
	`[Pp]ermission denied`,
	`[Rr]ead-only file system`,
	`(status|signal)=(31|SYS)|31/SYS|SIGSYS|[Bb]ad system call`,
	`type=1326|SECCOMP|seccomp`,
	`dumped core|code=dumped|core-dump`,
	`[Ff]ailed at step|status=2[0-4][0-9]/`,
	`[Ff]unction not implemented`,
	`[Uu]nknown (key|lvalue|section)|[Ff]ailed to parse|, ignoring`,
}, "|"))

// Denials returns the lines of said that tell of a denial.
func Denials(said string) []string {
	var found []string
	for line := range strings.Lines(said) {
		if denial.MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}

// number is what may be different in a line that says the same again: times, process
// ids, ports, and names made of them.
var number = regexp.MustCompile(`[0-9][0-9a-fA-F:.+-]*`)

// NewDenials returns the denials in said of which before tells nothing, each once:
// some services complain without a sandbox, and some complain a thousand times.
func NewDenials(before, said string) []string {
	known := map[string]bool{}
	for _, line := range Denials(before) {
		known[number.ReplaceAllString(line, "0")] = true
	}
	var found []string
	for _, line := range Denials(said) {
		if key := number.ReplaceAllString(line, "0"); !known[key] {
			known[key] = true
			found = append(found, line)
		}
	}
	return found
}
