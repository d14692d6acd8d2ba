// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

var addressOps = map[bpf.Op]trace.AddressOp{
	bpf.OpBind:    trace.AddressBind,
	bpf.OpListen:  trace.AddressListen,
	bpf.OpConnect: trace.AddressConnect,
	bpf.OpSend:    trace.AddressSend,
	bpf.OpAccept:  trace.AddressAccept,
}

// addressOf is the observation of an event on a socket address; false if the
// address is too short to be one.
func addressOf(e *bpf.Event) (trace.Observation, bool) {
	a := &trace.Address{
		Op:       addressOps[e.Op],
		Family:   familyName(e.Socket.Family),
		Type:     socketTypeName(e.Socket.Type),
		Protocol: uint32(e.Socket.Protocol),
		V6Only:   e.Socket.V6Only,
	}
	if len(e.Given) < 2 || e.Socket.Family == 0 && e.Errno == 0 {
		return trace.Observation{}, false
	}
	family := binary.NativeEndian.Uint16(e.Given)
	if e.Op == bpf.OpConnect && family == unix.AF_UNSPEC {
		return trace.Observation{}, false // it takes a connection back, and names no peer
	}
	if e.Socket.Family == 0 || family != unix.AF_UNSPEC {
		a.Family = familyName(family)
	}
	readAddress(a, family, e.Given)
	switch e.Op {
	case bpf.OpBind:
		// What the kernel chose is another one each time: that it did is what counts.
		a.Asked0 = a.Port == 0 && (family == unix.AF_INET || family == unix.AF_INET6)
	case bpf.OpListen:
		a.Port = e.Socket.Port
		a.Asked0 = a.Port == 0 && (e.Socket.Family == unix.AF_INET || e.Socket.Family == unix.AF_INET6)
	}
	return trace.Observation{Kind: trace.KindAddress, Address: a, Outcome: outcomeOf(e.Errno, false, false)}, true
}

// readAddress reads a struct sockaddr.
func readAddress(a *trace.Address, family uint16, raw []byte) {
	switch {
	case family == unix.AF_INET && len(raw) >= 8:
		a.Port = binary.BigEndian.Uint16(raw[2:])
		a.IP = netip.AddrFrom4([4]byte(raw[4:8])).String()
	case family == unix.AF_INET6 && len(raw) >= 24:
		a.Port = binary.BigEndian.Uint16(raw[2:])
		a.IP = netip.AddrFrom16([16]byte(raw[8:24])).String()
	case family == unix.AF_UNIX && len(raw) > 3 && raw[2] == 0:
		a.Abstract = trace.Path(bytes.TrimRight(raw[3:], "\x00"))
	case family == unix.AF_PACKET && len(raw) >= 8:
		a.Interface = binary.NativeEndian.Uint32(raw[4:])
	}
}

// coarsenPeer lets a peer stand for its network. That is as small as any that a
// suggestion would name: nobody's peers are the only ones of their network.
func coarsenPeer(a *trace.Address) {
	ip, err := netip.ParseAddr(a.IP)
	if err != nil || a.Op == trace.AddressBind || a.Op == trace.AddressListen {
		return
	}
	bits := 24
	if ip.Is6() {
		bits = 64
	}
	if ip.Is4In6() {
		bits = 96 + 24
	}
	a.Port, a.IP = 0, netip.PrefixFrom(ip, bits).Masked().Addr().String()
}

// families are the names of address families (linux/socket.h).
var families = []string{
	"AF_UNSPEC", "AF_UNIX", "AF_INET", "AF_AX25", "AF_IPX", "AF_APPLETALK", "AF_NETROM", "AF_BRIDGE", "AF_ATMPVC", "AF_X25",
	"AF_INET6", "AF_ROSE", "AF_DECnet", "AF_NETBEUI", "AF_SECURITY", "AF_KEY", "AF_NETLINK", "AF_PACKET", "AF_ASH", "AF_ECONET",
	"AF_ATMSVC", "AF_RDS", "AF_SNA", "AF_IRDA", "AF_PPPOX", "AF_WANPIPE", "AF_LLC", "AF_IB", "AF_MPLS", "AF_CAN",
	"AF_TIPC", "AF_BLUETOOTH", "AF_IUCV", "AF_RXRPC", "AF_ISDN", "AF_PHONET", "AF_IEEE802154", "AF_CAIF", "AF_ALG", "AF_NFC",
	"AF_VSOCK", "AF_KCM", "AF_QIPCRTR", "AF_SMC", "AF_XDP", "AF_MCTP",
}

func familyName(n uint16) string {
	if int(n) < len(families) {
		return families[n]
	}
	return strconv.Itoa(int(n))
}

func socketTypeName(n uint16) string {
	switch n {
	case 0:
		return ""
	case unix.SOCK_STREAM:
		return "SOCK_STREAM"
	case unix.SOCK_DGRAM:
		return "SOCK_DGRAM"
	case unix.SOCK_RAW:
		return "SOCK_RAW"
	case unix.SOCK_RDM:
		return "SOCK_RDM"
	case unix.SOCK_SEQPACKET:
		return "SOCK_SEQPACKET"
	case unix.SOCK_PACKET:
		return "SOCK_PACKET"
	}
	return strconv.Itoa(int(n))
}
