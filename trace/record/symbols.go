// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bufio"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// symbols are the names of the kernel's functions by their addresses, sorted.
type symbols []symbol

type symbol struct {
	address uint64
	name    string
}

// readSymbols reads /proc/kallsyms; without the right to see addresses
// (kernel.kptr_restrict) there are none.
func readSymbols() symbols {
	f, err := os.Open("/proc/kallsyms")
	if err != nil {
		return nil
	}
	defer f.Close()
	return parseSymbols(f)
}

// parseSymbols reads lines of "ADDRESS TYPE NAME [MODULE]".
func parseSymbols(r io.Reader) symbols {
	var all symbols
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 3 || !strings.ContainsAny(fields[1], "tTwW") {
			continue
		}
		address, err := strconv.ParseUint(fields[0], 16, 64)
		if err != nil || address == 0 {
			continue
		}
		all = append(all, symbol{address, fields[2]})
	}
	slices.SortStableFunc(all, func(a, b symbol) int {
		if a.address < b.address {
			return -1
		}
		if a.address > b.address {
			return 1
		}
		return 0
	})
	return all
}

// checkFunctions are the innermost functions of a stack that leads to a check, from
// where on it says nothing about the reason.
var checkFunctions = []string{"cap_capable", "security_capable"}

// callers are the functions that led to a check, innermost first, without the
// recorder's own program and the check itself.
func (s symbols) callers(stack []uint64) []string {
	var names []string
	for _, address := range stack {
		name := s.name(address)
		if slices.Contains(checkFunctions, name) {
			names = names[:0]
			continue
		}
		names = append(names, name)
	}
	return names
}

// name is the function that an address lies in, or the address itself.
func (s symbols) name(address uint64) string {
	i, found := slices.BinarySearchFunc(s, address, func(s symbol, a uint64) int {
		if s.address < a {
			return -1
		}
		if s.address > a {
			return 1
		}
		return 0
	})
	if !found {
		i--
	}
	if i < 0 {
		return "0x" + strconv.FormatUint(address, 16)
	}
	return s[i].name
}
