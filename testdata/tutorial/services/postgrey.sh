#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What Postfix asks of it.
. "$(dirname "$0")/retry.sh"
asks() {
  python3 -c '
import socket
s = socket.create_connection(("127.0.0.1", 10023), 5)
about = {"request": "smtpd_access_policy", "protocol_state": "RCPT", "protocol_name": "SMTP", "client_address": "192.0.2.9",
         "client_name": "x.test", "helo_name": "x", "sender": "a@x.test", "recipient": "b@y.test"}
s.sendall(("".join("%s=%s\n" % one for one in about.items()) + "\n").encode())
assert s.recv(4096).startswith(b"action=")'
}
soon asks
