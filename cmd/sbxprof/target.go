// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// thisHost is the --systemd that asks the systemd which runs here.
const thisHost = "host"

func addSystemdFlag(flags *pflag.FlagSet, version *string) {
	flags.StringVar(version, "systemd", "", "the systemd of the target: a `VERSION` such as 237 or 252.39, or host (default: the recorded one)")
}

// checkSystemdFlag finds a wrong --systemd before anything is read.
func checkSystemdFlag(value string) error {
	if value == thisHost {
		return nil
	}
	_, err := parseVersion("systemd", value)
	return err
}

// parseVersion reads the version that a flag was given; "" is the newest.
func parseVersion(flag, value string) (systemd.Version, error) {
	if value == "" {
		return systemd.Version{}, nil
	}
	v, err := systemd.ParseVersion(value)
	if err != nil {
		return v, usagef("--%s: %w", flag, err)
	}
	return v, nil
}

// targetFor returns the target that --systemd asks for; nil is the system on which
// the trace was recorded. Of another version only the machine's architecture is the
// same as the recorded one's: its features and kernel are not known.
func targetFor(ctx context.Context, value string, recorded trace.Host) (*systemd.Target, error) {
	switch {
	case value == "" && recorded.Systemd == "":
		return nil, usagef("the trace does not tell its systemd's version: name one with --systemd VERSION, or --systemd host")
	case value == "":
		return nil, nil
	case value == thisHost:
		return hostTarget(ctx)
	}
	v, err := parseVersion("systemd", value)
	return &systemd.Target{Systemd: v, Arch: recorded.Arch}, err
}
