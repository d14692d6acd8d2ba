#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a mail server asks of it: a message of the domain's comes back signed.
. "$(dirname "$0")/retry.sh"
cat >/tmp/sign.lua <<'L'
conn = mt.connect("local:/run/opendkim/opendkim.sock")
assert(conn, "no connection")
assert(mt.conninfo(conn, "localhost", "127.0.0.1") == nil)
mt.macro(conn, SMFIC_MAIL, "i", "test")
assert(mt.mailfrom(conn, "a@example.test") == nil)
assert(mt.rcptto(conn, "b@there.test") == nil)
for name, value in pairs({From = "a@example.test", To = "b@there.test", Subject = "test", Date = "Mon, 2 Mar 2026 12:00:00 +0000"}) do
  assert(mt.header(conn, name, value) == nil)
end
assert(mt.eoh(conn) == nil)
assert(mt.bodystring(conn, "A text.\r\n") == nil)
assert(mt.eom(conn) == nil)
assert(mt.eom_check(conn, MT_HDRINSERT, "DKIM-Signature"), "not signed")
mt.disconnect(conn)
L
signs() { miltertest -s /tmp/sign.lua; }
soon signs
systemctl reload opendkim
soon signs
