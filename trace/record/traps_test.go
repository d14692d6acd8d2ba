// SPDX-License-Identifier: Apache-2.0

package record

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// traps are what recorders before this one fell for, with the tests that fail for one
// that does: DIRECTORY.FUNCTION.
var traps = []struct{ trap, tests string }{
	// Scope
	{"the exact id of a cgroup misses those below it", "bpf.TestSubCgroups trace/record.checkDelegated"},
	{"a restart makes the cgroup again, with another id", "bpf.TestCgroupIsMadeAgain trace/record.checkRestarts"},
	{"the cgroup2 hierarchy is not always at /sys/fs/cgroup, or not there", "bpf.TestCgroupMount trace/unit.TestCheckCgroup"},
	{"a list of processes is out of date at once", "bpf.TestChildrenAreMembers bpf.TestOthersAreNot bpf.TestForkStorm bpf.TestThreadStorm"},
	{"processes leave the cgroup, and come into it", "bpf.TestMoveOut bpf.TestThreadsThatMoveIn"},
	{"systemd's own work between fork and exec looks like the service's", "bpf.TestPhases trace/record.checkLines testdata/mainjob.TestServicePhaseIsTheService"},
	{"lines with a plus need nothing, and others must be exercised", "trace/record.checkLines suggest.TestUnexercised"},
	// System calls
	{"an event for each call can be lost", "bpf.TestCallsAreCounted bpf.TestOpensOfFewFiles"},
	{"number -1 is no system call", "bpf.TestNumberMinusOne"},
	{"numbers of another ABI are other calls", "bpf.TestCompatABI bpf.TestSpecOfAnotherABI suggest/seccomp.TestABIsDiffer"},
	{"a filter answers before a call is entered", "bpf.TestFilteredCalls bpf.TestKilledByFilter trace/record.checkFilter"},
	{"a call that began before recording did, or ends after it, was answered by no filter", "bpf.TestRunningProcess bpf.TestNoCallSeemsFilteredAtTheEnd bpf.TestNoCallSeemsFilteredAtTheBeginning"},
	{"calls that never return, or are seen at the entry alone", "bpf.TestCallsAreCounted bpf.TestTheSameWithoutEntries"},
	{"the next C library makes another call for the same", "suggest/seccomp.TestFamily"},
	{"io_uring makes no system calls", "testdata/probes.TestExact trace.TestIncomplete"},
	{"the kernel leaves out a program that runs already", "bpf.TestTwoProgramsTakeTurns bpf.TestStackFits"},
	{"numbers without arguments decide little", "trace/record.TestCalls testdata/probes.TestExact"},
	{"a new task returns from the call that made it, and its arguments are gone", "bpf.TestFlagsOfClone3"},
	// Capabilities
	{"the check has other arguments on other kernels, and its tracepoint is new", "bpf.TestChooseASource testdata/probes.TestMachines"},
	{"a check that nobody audits, or that a call can do without, is no need", "trace/record.TestChecks suggest/directive.TestCapabilityUse"},
	{"granted is not needed, and neither is denied: how the call ended decides", "bpf.TestCapabilities suggest/directive.TestCapabilityUse"},
	{"the first verdict hides the others", "bpf.TestCapabilities"},
	{"checks with other credentials, and in a namespace of one's own", "bpf.TestChecksOfOthers"},
	{"checks that a tracer of the function does not see", "trace/record.TestInlinedChecks"},
	{"what is asked for with capset, and never checked", "trace/record.TestAskedCapabilities suggest/directive.TestCapset"},
	// Files
	{"names in the program's memory are not there yet at the entry", "bpf.TestUntouchedName"},
	{"names are relative, and lead through links", "trace/record.checkViews trace/record.TestLocate"},
	{"a path that is too long for the walk looks whole", "bpf.TestDeepPaths bpf.TestDecodePath"},
	{"what is changed without being opened", "bpf.TestFileOperations testdata/probes.TestExact"},
	{"an attempt that failed", "bpf.TestFailedOpenIsReported"},
	{"files that were open before", "trace/record.checkRunning"},
	{"paths in another mount namespace, or in a chroot", "bpf.TestBindMounts bpf.TestChroot trace/record.checkViews"},
	{"files that have no name any more, or never had one", "bpf.TestUnlinked"},
	{"an inode's number is used again", "bpf.TestManyFiles"},
	{"paths without end", "bpf.TestManyFiles bpf.TestManyNamesForEachOperation trace/record.TestManyFilesAreBounded trace/record.TestCoarsen"},
	{"a full map or ring says nothing", "bpf.TestLosses bpf.TestCgroupsFull bpf.TestQueueIsBounded trace/record.TestPeersAreBounded trace.TestIncomplete"},
	// Kernels
	{"helpers and maps that Linux 5.15 has not", "bpf.TestMapsNeedNoNewerKernelThanLinux515 bpf.TestRequiredProgramsNeedNoNewerHelperThanLinux515"},
	{"kprobes, tracefs and LSM may not be there", "bpf.TestProgramsAreWhereTheySayTheyAre bpf.TestMissingSources"},
	{"one program that does not load takes the others with it", "bpf.TestMissingSources"},
	{"a program loads and attaches, and never fires", "cmd/sbxprof.TestDoctorNamesWhatIsMissing testdata/vm/cmd/testvm.TestDiagnosisCheck"},
	{"threads are taken for processes, and groups for users", "bpf.TestRunningProcess bpf.TestIdentityChanges"},
	{"a killed recorder leaves its programs", "bpf.TestKilledRecorderLeavesNothing"},
	// The way of a recording
	{"recording is said to have begun before it has", "trace/record.TestInterrupted bpf.TestCgroupIsMadeAgain"},
	{"reading what there is takes it away", "bpf.TestStateChangesNothing"},
	{"a crash costs a week", "trace/record.TestKilledRecorder trace/record.TestCheckpointsAreDue trace/record.TestCheckpointHasMentions"},
	{"an incomplete trace looks complete", "trace.TestIncomplete trace.TestIncompleteMerged suggest/report.TestIncompleteFirst"},
	{"runs do not add up", "trace.TestMergeIsASetUnion suggest.TestUnionAllowsBoth"},
	{"a service that fails, crashes or is started again and again", "trace/record.checkFailure trace/record.checkCrashes trace/record.checkRestarts"},
	{"recording changes the service", "testdata/mainjob.TestRecordingChangesNothing"},
	{"names that the target does not know", "suggest/systemd.TestKnownGrows suggest.TestTargetKnowsAll"},
}

// TestEveryTrapHasATest holds that the tests which are said to be there are.
func TestEveryTrapHasATest(t *testing.T) {
	known := map[string]map[string]bool{}
	for _, trap := range traps {
		for _, test := range strings.Fields(trap.tests) {
			dir, function, _ := strings.Cut(test, ".")
			if known[dir] == nil {
				known[dir] = testsIn(t, filepath.Join("../..", dir))
			}
			if !known[dir][function] {
				t.Errorf("%s: there is no test %s", trap.trap, test)
			}
		}
	}
}

// testsIn are the functions of the tests in a directory.
func testsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}
