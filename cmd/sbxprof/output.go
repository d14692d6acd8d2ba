// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"
)

func addOutputFlag(flags *pflag.FlagSet, file *string) {
	flags.StringVarP(file, "output", "o", "", "write to `FILE`, and make its directory, instead of standard output")
}

// writeOutput writes a result to a file, or to out if none is named. A result that
// could not be made leaves the file as it was.
func writeOutput(file string, out io.Writer, write func(io.Writer) error) error {
	if file == "" {
		return write(out)
	}
	var result bytes.Buffer
	if err := write(&result); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("making the directory of the output: %w", err)
	}
	if err := os.WriteFile(file, result.Bytes(), 0o644); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}
