// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"testing"
)

func TestMainStatus(t *testing.T) {
	for want, err := range map[int]error{0: nil, 1: errors.New("it did not work"), 2: fmt.Errorf("parsing: %w", flag.ErrHelp)} {
		if got := Main("test", func(context.Context, []string, io.Writer) error { return err }); got != want {
			t.Errorf("after %v the status is %d, want %d", err, got, want)
		}
	}
}
