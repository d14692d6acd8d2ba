#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sets lighttpd up as an administrator of Debian does: static files, CGI and an
# access log.
set -eu
lighty-enable-mod cgi accesslog >/dev/null

mkdir -p /var/www/html/css
echo '<!DOCTYPE html><title>sbxprof</title><link rel=stylesheet href=/css/site.css><p>It works.' >/var/www/html/index.html
echo 'body { max-width: 40em; margin: auto }' >/var/www/html/css/site.css
head -c 1048576 /dev/urandom >/var/www/html/download.bin

# Says what it got, so that a request can be checked to its last byte.
cat >/usr/lib/cgi-bin/echo <<'CGI'
#!/usr/bin/perl
use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
my $body = do { local $/; <STDIN> } // '';
print "Content-Type: text/plain\r\n\r\n";
print "$ENV{REQUEST_METHOD} $ENV{QUERY_STRING} ", length $body, ' ', md5_hex($body), "\n";
CGI
chmod 755 /usr/lib/cgi-bin/echo
