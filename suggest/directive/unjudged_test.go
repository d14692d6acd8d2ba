// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnjudgedIn(t *testing.T) {
	for _, test := range []struct {
		name, version, unit string
		want                []string
	}{
		{"another root", "252", "RootDirectory=/srv", []string{"RootDirectory=/srv"}},
		{"the same root", "252", "RootDirectory=/", nil},
		{"a list", "252", "NetworkNamespacePath=/run/netns/a\nBPFProgram=device:/a\nBPFProgram=device:/b", []string{"NetworkNamespacePath=/run/netns/a", "BPFProgram=device:/a device:/b"}},
		{"and its reset", "252", "BPFProgram=device:/a\nBPFProgram=", nil},
		{"a policy", "252", "AppArmorProfile=x", []string{"AppArmorProfile=x"}},
		{"of what systemd is built without", "252", "SmackProcessLabel=x", nil},
		{"an interface", "260", "BindNetworkInterface=vrf0", []string{"BindNetworkInterface=vrf0"}},
		{"which older ones ignore", "252", "BindNetworkInterface=vrf0", nil},
		{"a limit", "252", "LimitNOFILE=64", []string{"LimitNOFILE=64"}},
		{"no limit", "252", "LimitNOFILE=infinity", nil},
		{"what the model knows", "252", "ProtectSystem=strict\nUser=daemon", nil},
		{"what restricts nothing", "252", "Nice=5\nEnvironment=A=b", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, u := range UnjudgedIn(settings(test.unit), target(t, test.version)) {
				if u.Why == "" || u.Why != WhyUnjudged(u.Name) {
					t.Errorf("%s= without a reason", u.Name)
				}
				got = append(got, u.Name+"="+u.Value)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Names of files that only the host tells cannot be judged.
func TestUnjudgedSpecifiers(t *testing.T) {
	for unit, want := range map[string]int{"ReadOnlyPaths=/srv/%H -/a": 1, "ReadOnlyPaths=%t/a /100%%": 0, "Environment=A=%H": 0} {
		if got := UnjudgedIn(settings(unit), target(t, "252")); len(got) != want {
			t.Errorf("%s: %v", unit, got)
		}
	}
}

// restrictsNothing are the keys of [Service] sections that take away nothing of what a
// service does: they say who and where it is, how it is started and ended and how well it
// is served, or give it something; and those that say more of others.
const restrictsNothing = `
	AllowedCPUs AllowedMemoryNodes BPFDelegateAttachments BPFDelegateCommands BPFDelegateMaps BPFDelegatePrograms BlockIOAccounting BlockIODeviceWeight
	BlockIOReadBandwidth BlockIOWeight BlockIOWriteBandwidth BusName BusPolicy CPUAccounting CPUAffinity CPUPressureThresholdSec CPUPressureWatch
	CPUQuota CPUQuotaPeriodSec CPUSchedulingPolicy CPUSchedulingPriority CPUSchedulingResetOnFork CPUSetPartition CPUShares CPUWeight
	CacheDirectoryAccounting CoredumpFilter CoredumpReceive DefaultMemoryLow DefaultMemoryMin DefaultStartupMemoryLow Delegate DelegateSubgroup
	DisableControllers Environment EnvironmentFile ExecCondition ExecReload ExecReloadPost ExecSearchPath ExecStart ExecStartPost ExecStartPre ExecStop
	ExecStopPost ExitType ExtensionImagePolicy FailureAction FileDescriptorStorePreserve FinalKillSignal GuessMainPID IOAccounting
	IODeviceLatencyTargetSec IODeviceWeight IOPressureThresholdSec IOPressureWatch IOReadBandwidthMax IOReadIOPSMax IOSchedulingClass
	IOSchedulingPriority IOWeight IOWriteBandwidthMax IOWriteIOPSMax IPAccounting IgnoreSIGPIPE ImportCredential KillMode KillSignal LUOSession
	LoadCredential LoadCredentialEncrypted LogExtraFields LogFilterPatterns LogLevelMax LogRateLimitBurst LogRateLimitIntervalSec
	LogsDirectoryAccounting ManagedOOMMemoryPressure ManagedOOMMemoryPressureDurationSec ManagedOOMMemoryPressureLimit
	ManagedOOMMemoryPressureLimitPercent ManagedOOMPreference ManagedOOMSwap MemoryAccounting MemoryKSM MemoryLow MemoryMin MemoryPressureThresholdSec
	MemoryPressureWatch MemoryTHP MemoryZSwapWriteback MountAPIVFS MountImagePolicy NUMAMask NUMAPolicy Nice NonBlocking NotifyAccess OOMPolicy OOMRules
	OOMScoreAdjust OpenFile PAMName PIDFile PassEnvironment Personality RebootArgument RefreshOnReload ReloadSignal RemainAfterExit Restart
	RestartForceExitStatus RestartKillSignal RestartMaxDelaySec RestartMode RestartPreventExitStatus RestartRandomizedDelaySec RestartSec RestartSteps
	RootDirectoryStartOnly RootEphemeral RootHash RootHashSignature RootImageOptions RootImagePolicy RootVerity RuntimeRandomizedExtraSec SendSIGHUP
	SendSIGKILL SetCredential SetCredentialEncrypted SetLoginEnvironment Slice Sockets StandardError StandardInput StandardInputData StandardInputText
	StandardOutput StartLimitAction StartLimitBurst StartLimitInterval StartupAllowedCPUs StartupAllowedMemoryNodes StartupBlockIOWeight
	StartupCPUShares StartupCPUWeight StartupIOWeight StartupMemoryLow StateDirectoryAccounting SuccessExitStatus SyslogFacility SyslogIdentifier
	SyslogLevel SyslogLevelPrefix TTYColumns TTYPath TTYReset TTYRows TTYVHangup TTYVTDisallocate TasksAccounting TimeoutAbortSec TimeoutCleanSec
	TimeoutSec TimeoutStartFailureMode TimeoutStartSec TimeoutStopFailureMode TimeoutStopSec TimerSlackNSec Type USBFunctionDescriptors
	USBFunctionStrings UnsetEnvironment UtmpIdentifier UtmpMode WatchdogSec WatchdogSignal WorkingDirectory
`

// readOtherwise are keys that count without a row of their own.
var readOtherwise = []string{"ReadWriteDirectories", "ReadOnlyDirectories", "InaccessibleDirectories", "PermissionsStartOnly"}

// TestEveryKeyIsKnown: of each key of a [Service] section that any systemd reads, the
// model judges what it denies, or says that it cannot, or there is nothing to judge.
func TestEveryKeyIsKnown(t *testing.T) {
	known := map[string]int{}
	for _, f := range NewModel().Families() {
		for _, d := range f.Directives {
			known[d.Name]++
		}
	}
	for _, row := range unjudged {
		for _, name := range row.names {
			known[name]++
		}
	}
	for _, name := range append(strings.Fields(restrictsNothing), readOtherwise...) {
		known[name]++
	}
	table, err := os.ReadFile("../systemd/data/directives.csv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		name, _, _ := strings.Cut(line, ",")
		if strings.HasPrefix(line, "#") || name == "directive" {
			continue
		}
		if known[name] != 1 {
			t.Errorf("%s= is known %d times, want once", name, known[name])
		}
		delete(known, name)
	}
	for name := range known {
		t.Errorf("no systemd knows %s=", name)
	}
}
