# SPDX-License-Identifier: Apache-2.0
#
# drive UNIT TRANSCRIPT LINE…: waits until a service that was started has done what it
# does, reloads it if it has that line, and stops it.
unit=$1 transcript=$2
shift 2

# until a line is done, or the service is gone
await() {
	tries=0
	until grep -qsx -e "-- end $1" "$transcript"; do
		case $(systemctl show --property=ActiveState --value "$unit") in
		failed | inactive) return ;;
		esac
		tries=$((tries + 1))
		[ "$tries" -lt 1500 ] || return
		sleep 0.02
	done
}

await ExecStart
for line; do
	[ "$line" != ExecReload ] || { systemctl reload "$unit" && await ExecReload; }
done
systemctl stop "$unit"
exit 0
