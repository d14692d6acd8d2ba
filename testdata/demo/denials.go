// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
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

// denials returns the lines of said that tell of a denial.
func denials(said string) []string {
	var found []string
	for line := range strings.Lines(said) {
		if denial.MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}

// sinceInstalled returns what was said from the installation of the drop-in on:
// the whole journal, and lighttpd's own log.
func (d *demo) sinceInstalled(ctx context.Context) (string, error) {
	// Times are those of the host: all clocks here are one.
	const script = `since=$(stat -c %.Y "$1")
journalctl --no-pager --output=short-iso --since="@$since"
find /var/log/lighttpd -name 'error.log*' -newermt "@$since" | while read -r log; do
  case $log in
  *.gz) zcat "$log" ;;
  *) cat "$log" ;;
  esac
done`
	return d.m.Output(ctx, "sh", "-c", script, "sh", dropInPath)
}
