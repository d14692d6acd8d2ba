# SPDX-License-Identifier: Apache-2.0
#
#   make              build bin/sbxprof, a static binary
#   make test         the whole test suite; as root with the parts that need a kernel and a systemd
#                     (SBXPROF_TEST_STORMS=1: with ten million opens and a million files)
#   make demo         record, suggest, install and verify: lighttpd in a Debian of its own (root)
#   make conformance  ask a real systemd whether the model tells the truth (root)
#   make drawn        record services drawn at random, and have them work under every suggestion (root)
#   make roundtrip    record real services, and have them work under every suggestion (root, half an hour)
#   make test-vm      on Debian's kernels, each with its own systemd, in virtual machines (root, half an hour)
#   make bench        what recording costs, beside what other tracers cost (root)
#   make lint         linters, formatting, and the pure packages on another operating system
#   make generate     compile the kernel side anew (its objects are committed); needs clang 14

GO       ?= go
CLANG    ?= clang-14
CLANGFMT ?= clang-format-14
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null)

comma    := ,

# Everything here builds without a C compiler.
export CGO_ENABLED = 0

# The packages that a suggestion is made of: they build everywhere.
PURE = ./trace ./suggest ./suggest/directive/... ./suggest/systemd/... ./suggest/seccomp/... ./suggest/report/...

# ./... passes over what is below testdata.
BELOW_TESTDATA = $(shell find testdata -name '*.go' -printf './%h\n' | sort -u)

.PHONY: build test test-vm lint generate demo conformance drawn roundtrip bench

build:
	$(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/sbxprof ./cmd/sbxprof

test:
	.ci/install test
	.ci/test

# The demonstration installs what it needs, and says why.
demo: build
	$(GO) run ./testdata/demo

# SUITE=trixie asks systemd 257; SEED=2 draws other combinations; VM=1 asks in a virtual
# machine with the suite's own kernel, for an hour, or with ONE=1 for a quarter of one: one
# value of each directive, and another with the next SEED; ONLY=REGEXP tries the settings
# that match it; WITHIN=10m ends after that long and says what was left.
conformance:
	$(GO) run ./testdata/conformance -suite $(or $(SUITE),bookworm) -seed $(or $(SEED),1) $(if $(VM),-vm -combinations 25) $(if $(ONE),-one) $(if $(ONLY),-only '$(ONLY)') $(if $(WITHIN),-within $(WITHIN))

# SERVICES=20 draws so many, SEED=2 others, SUITE=trixie has systemd 257 start them; KEEP=DIR keeps
# their traces and drop-ins, and ONLY=drawn-2-17 tries this one.
drawn: build
	$(GO) run ./testdata/conformance -services $(or $(SERVICES),50) -machines 2 -suite $(or $(SUITE),bookworm) -seed $(or $(SEED),1) $(if $(KEEP),-keep $(KEEP)) $(if $(ONLY),-only '$(ONLY)')

# ONLY=nginx,redis tries these services; KEEP=DIR keeps their traces, drop-ins and results,
# and with RESUME=1 what works already is not tried again.
roundtrip: build
	$(GO) run ./testdata/roundtrip -suite $(or $(SUITE),bookworm) $(if $(ONLY),-only $(ONLY)) $(if $(KEEP),-keep $(KEEP)) $(if $(RESUME),-resume)

# SUITES=bookworm,sid tries these only.
test-vm: build
	$(GO) run ./testdata/vm/cmd/testvm $(if $(SUITES),-suites $(SUITES))
	$(GO) test -tags vm -count=1 -v -timeout 60m -run '^TestMachines$$$(if $(SUITES),/^($(subst $(comma),|,$(SUITES)))$$)' ./testdata/probes

# Leave the machine alone meanwhile.
bench: build
	.ci/install bench
	$(GO) run ./testdata/bench

# golangci-lint keeps its findings by the absolute path of the checkout they were of, and
# loses the exceptions made for them when that is gone: each checkout has a store of its own.
lint: export GOLANGCI_LINT_CACHE = $(CURDIR)/bin/lint-cache
lint:
	.ci/install lint
	$(GO) run $(GOLANGCI) run ./... $(BELOW_TESTDATA)
	GOOS=darwin $(GO) vet $(PURE)
	$(CLANGFMT) --dry-run -Werror bpf/c/*.[ch]

generate:
	.ci/install generate
	BPF2GO_CC=$(CLANG) $(GO) generate ./bpf
