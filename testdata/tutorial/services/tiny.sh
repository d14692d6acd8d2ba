#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
. "$(dirname "$0")/retry.sh"
asked() { perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new("127.0.0.1:8090") or exit 1; print scalar <$s>'; }
soon asked
before=$(asked)
test "$(asked)" -eq $((before + 1))
