#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A service that reads what only its access control list lets its user read.
mkdir -p /srv/listed
echo 'it works' >/srv/listed/data
chmod 640 /srv/listed/data
cat >/usr/local/bin/listed <<'P'
#!/usr/bin/python3
import os, socket
text = open("/srv/listed/data", "rb").read()
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(1)
    os.setuid(1)
s = socket.create_server(("127.0.0.1", 8091))
while True:
    c, _ = s.accept()
    c.sendall(text)
    c.close()
P
chmod 755 /usr/local/bin/listed
printf '[Service]\nExecStart=/usr/local/bin/listed\n' >/etc/systemd/system/listed.service
# user::rw- user:daemon:r-- group::--- mask::r-- other::---, as setfacl would write it
python3 -c '
import os, struct
entries = [(1, 6, -1), (2, 4, 1), (4, 0, -1), (16, 4, -1), (32, 0, -1)]
os.setxattr("/srv/listed/data", "system.posix_acl_access", struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *e) for e in entries))'
