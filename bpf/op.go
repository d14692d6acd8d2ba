// SPDX-License-Identifier: Apache-2.0

package bpf

// Op is what a system call does to a file or with a socket address. The kernel
// side passes it through; it knows the first five.
type Op uint8

// The operations.
const (
	OpExecute Op = iota + 1
	OpBind
	OpListen
	OpStat
	OpAccess // for what, Event.Flags tells: R_OK, W_OK and X_OK
	OpOpen   // for what, Event.Flags and Event.Opened tell
	OpMkdir
	OpMknod
	OpUnlink // Event.Flags tells whether it was a directory (AT_REMOVEDIR)
	OpRmdir
	OpRenameFrom
	OpRenameTo
	OpLinkFrom
	OpLinkTo
	OpSymlink
	OpTruncate
	OpChmod
	OpChown
	OpUtime
	OpXattr
	OpChdir
	OpChroot
	OpWatch
	OpMount
	OpMapExec
	OpIoctl
	OpConnect
	OpSend
	OpAccept
)
