#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
cat >/usr/local/bin/tiny <<'P'
#!/usr/bin/perl
# A counter that is root for no reason: it answers with how often it was asked.
use strict;
use warnings;
use IO::Socket::INET;
mkdir '/var/lib/tiny';
my $file = '/var/lib/tiny/count';
open(my $log, '>>', '/var/log/tiny.log') or die "log: $!";
open(my $pid, '>', '/run/tiny.pid') or die "pid: $!";
print $pid "$$\n";
close $pid;
my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1:8090', Listen => 5, ReuseAddr => 1) or die "socket: $!";
while (my $client = $socket->accept) {
  my $n = 0;
  if (open my $in, '<', $file) { $n = <$in> // 0; close $in }
  open(my $out, '>', "$file.new") or die "state: $!";
  print $out $n + 1;
  close $out;
  rename "$file.new", $file or die "rename: $!";
  syswrite $log, "asked\n";
  print $client $n + 1, "\n";
  close $client;
}
P
chmod 755 /usr/local/bin/tiny
printf '[Service]\nExecStart=/usr/local/bin/tiny\n' >/etc/systemd/system/tiny.service
