// SPDX-License-Identifier: Apache-2.0

// Command roundtrip asks the one question that counts on real services: does a
// service still work under what sbxprof suggests for it? Each of the services of
// Debian in the folder services is recorded in a machine of the test bed while its
// clients use it. Then, at every level, it has to do the same under the suggestion:
// after a restart, where it starts for the very first time, and after a reboot. Its
// checks pass, the journal tells of no denial, and a recording in the sandbox shows
// no refusal that the training run did not show.
//
//	roundtrip                             every service, every level
//	roundtrip -only nginx -levels strict -keep /tmp/nginx
//	roundtrip -keep /tmp/all -resume      what did not work yet, and the table of all
//
// It prints a table and ends with one line of figures, and with status 1 when
// anything broke. Run it with `make roundtrip`.
//
// A service is a folder in services: service.conf says what it is (see [service]),
// setup configures it as an administrator would, workload uses it and writes a line
// for each check. The scripts have the functions of lib.sh.
package main
