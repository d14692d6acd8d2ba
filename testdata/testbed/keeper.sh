# SPDX-License-Identifier: Apache-2.0
# Waits for the end of its input, which comes when the owner of the machine closes
# it or dies. Then ends every process of the cgroup and removes it.
# Argument: the folder of the cgroup.
cat >/dev/null
tries=0
while [ -d "$1" ]; do
  if [ $tries -eq 200 ]; then
    echo "still there after 20 s:"
    find "$1" -name cgroup.procs -exec cat {} +
    exit 1
  fi >&2
  # cgroup.kill is there since Linux 5.14. Removal is asynchronous: try again.
  echo 1 >"$1/cgroup.kill"
  find "$1" -depth -type d -exec rmdir {} + || sleep 0.1
  tries=$((tries + 1))
done 2>/dev/null
