// SPDX-License-Identifier: Apache-2.0

package main

import "context"

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
