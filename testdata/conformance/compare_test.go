// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"
)

// What is left when the time is over is said, and nothing is lost without.
func TestFeed(t *testing.T) {
	all := []testCase{{name: "a"}, {name: "b"}, {name: "c"}}
	queue := make(chan testCase, len(all))
	if left := feed(queue, all, nil); len(left) != 0 || len(queue) != len(all) {
		t.Errorf("%d are left and %d in the queue without a limit, want 0 and %d", len(left), len(queue), len(all))
	}
	over := make(chan time.Time, 1)
	over <- time.Time{}
	queue = make(chan testCase) // nobody is ready for another
	if left := feed(queue, all, over); len(left) != len(all) {
		t.Errorf("%d are left when the time is over, want %d", len(left), len(all))
	}
	if _, more := <-queue; more {
		t.Error("there is more in the queue when the time is over")
	}
}
