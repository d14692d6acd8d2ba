// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// ParseBool reads a boolean as systemd's parse_boolean does.
func ParseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "1", "yes", "y", "true", "t", "on":
		return true, true
	case "0", "no", "n", "false", "f", "off":
		return false, true
	}
	return false, false
}

// unknownWord returns the first word of a value that the target's parser does not
// know, or the whole of one that cannot be read, and whether there is any. An empty
// value is a reset, known to every list.
func (d Directive) unknownWord(value string, t Target) (string, bool) {
	words := d.words(value, t.Systemd)
	if single := d.kind == kindBool || d.kind == kindEnum; single && len(words) != 1 {
		return value, value != "" || !d.knowsReserved("empty", t.Systemd)
	}
	var known func(word string) bool
	switch d.kind {
	case kindBool:
		known = isBool
	case kindEnum, kindClosed:
		known = func(w string) bool { return d.knows(w, t.Systemd) }
	case kindOpen:
		known = func(w string) bool { return (!d.lists(w) || d.knows(w, t.Systemd)) && d.hasShape(w) }
	case kindCalls:
		known = t.knowsFilterWord
	default:
		return d.unknownForm(value, t.Systemd)
	}
	if i := slices.IndexFunc(words, func(w string) bool { return !known(w) }); i >= 0 {
		return words[i], true
	}
	return "", false
}

// words splits a value, as far as it can be read.
func (d Directive) words(value string, v Version) []string {
	if d.Class == ClassWordsQuoted {
		value = unquoted(value, v)
	}
	return strings.Fields(strings.TrimPrefix(value, "~"))
}

// shapes tell what a word of a directive can be; others are free.
var shapes = map[string]func(word string) bool{
	"CapabilityBoundingSet": isCapability, "AmbientCapabilities": isCapability,
	"IPAddressAllow": isNetwork, "IPAddressDeny": isNetwork,
	"SystemCallArchitectures": isArchitecture,
	"UMask":                   isMode, "RuntimeDirectoryMode": isMode, "StateDirectoryMode": isMode, "CacheDirectoryMode": isMode,
	"LogsDirectoryMode": isMode, "ConfigurationDirectoryMode": isMode,
}

func (d Directive) hasShape(word string) bool {
	shape, ok := shapes[d.Name]
	return !ok || shape(word)
}

// isCapability also takes the numbers of capabilities.
func isCapability(word string) bool {
	n, err := strconv.ParseUint(word, 10, 8)
	return err == nil && n < 64 || len(namedCapabilities([]string{word})) > 0
}

func isMode(word string) bool {
	mode, err := strconv.ParseUint(word, 8, 32)
	return err == nil && mode <= 0o7777
}

// isNetwork takes addresses, with or without the length of a prefix, and the words for
// some.
func isNetwork(word string) bool {
	if slices.Contains([]string{"any", "localhost", "link-local", "multicast"}, word) {
		return true
	}
	address, length, _ := strings.Cut(word, "/")
	ip, err := netip.ParseAddr(address)
	if length == "" {
		return err == nil && !strings.Contains(word, "/")
	}
	bits, failed := strconv.ParseUint(length, 10, 8)
	return err == nil && failed == nil && bits <= uint64(ip.BitLen())
}

// isArchitecture takes the names of seccomp_arch_from_string() in src/shared/seccomp-util.c.
func isArchitecture(word string) bool {
	return slices.Contains([]string{"native", "x86", "x86-64", "x32", "arm", "arm64", "loongarch64", "mips", "mips64", "mips64-n32",
		"mips-le", "mips64-le", "mips64-le-n32", "parisc", "parisc64", "ppc", "ppc64", "ppc64-le", "riscv64", "s390", "s390x"}, word)
}

func isBool(word string) bool {
	_, ok := ParseBool(word)
	return ok
}

// lists tells whether the table names the word among the directive's values.
func (d Directive) lists(word string) bool {
	_, listed := d.values[d.spelling(word)]
	return listed
}

// spelling returns the word as the table has it: capabilities may be written in
// either case, and so may address families, of which one has small letters of its own.
func (d Directive) spelling(word string) string {
	switch {
	case d.kind == kindOpen:
		return strings.ToLower(word)
	case d.Name == "RestrictAddressFamilies" && strings.EqualFold(word, "AF_DECnet"):
		return "AF_DECnet"
	case d.Name == "RestrictAddressFamilies" && word != "none":
		return strings.ToUpper(word)
	}
	return word
}

// knows tells whether the word is one of the directive's values in version v.
func (d Directive) knows(word string, v Version) bool {
	if d.Name == "ProtectHostname" {
		// v258 also takes the name to set: "private:HOSTNAME".
		name, _, named := strings.Cut(word, ":")
		if named && !v.AtLeast(258) {
			return false
		}
		word = name
	}
	if _, boolean := d.values["bool"]; boolean && isBool(word) {
		return true
	}
	return word != "bool" && word != "empty" && d.lists(word) && v.AtLeast(d.values[d.spelling(word)])
}

// knowsReserved tells whether the table has one of its own words among the directive's
// values, and whether that holds in version v.
func (d Directive) knowsReserved(word string, v Version) bool {
	since, listed := d.values[word]
	return listed && v.AtLeast(since)
}

// knowsFilterWord tells whether a word of a system call list is known: a group, a
// call, or from v236 on one of them with ":ERRNO", from v247 on with ":kill".
func (t Target) knowsFilterWord(word string) bool {
	name, action, acted := strings.Cut(word, ":")
	if acted && (!t.Systemd.AtLeast(236) || action == "kill" && !t.Systemd.AtLeast(247)) {
		return false
	}
	if strings.HasPrefix(name, "@") {
		return t.HasGroup(name)
	}
	return t.KnowsCall(name)
}

// unknownForm returns the first word that the directive cannot have, or that is written
// in a way that came with a later version than v.
func (d Directive) unknownForm(value string, v Version) (string, bool) {
	words, err := Words(value, d.Class, v)
	if err != nil {
		return value, true
	}
	if i := slices.IndexFunc(words, func(w Word) bool { return !d.hasShape(w.Text) }); i >= 0 {
		return words[i].Text, true
	}
	for _, w := range words {
		switch {
		case d.Class == ClassPathList && !w.Symbolic && !strings.HasPrefix(w.Text, "/"), // as is "+/…" before v233
			d.Class == ClassExecDir && len(w.Fields) > 1 && !v.AtLeast(257): // NAME:SYMLINK:ro
			return w.Text, true
		}
	}
	return "", false
}
