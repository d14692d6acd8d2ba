#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does what a package upgrade does to the service: its libraries have other file names
# afterwards, and its program is another file of the same name.
# Argument: the unit.
set -eu
pid=$(systemctl show --property=MainPID --value "$1")
exe=$(readlink "/proc/$pid/exe")
cp -p "$exe" "$exe.new"
mv "$exe.new" "$exe"

renamed=0
for lib in $(sed -n 's,.* \(/usr/lib/.*\.so\..*\)$,\1,p' "/proc/$pid/maps" | sort -u); do
  links=$(find "$(dirname "$lib")" -maxdepth 1 -type l -lname "$(basename "$lib")")
  test -n "$links" || continue # its name has no version
  cp -p "$lib" "$lib.99"
  for link in $links; do
    ln -s "$(basename "$lib").99" "$link.new"
    mv -T "$link.new" "$link"
  done
  rm "$lib"
  ln -s "$(basename "$lib").99" "$lib" # some have their version as a name
  renamed=$((renamed + 1))
done
test $renamed -gt 0
