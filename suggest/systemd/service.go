// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// service is what `systemd-analyze security` looks at: the settings of a service as
// systemd has them after loading the unit, with what they imply.
type service struct {
	target              Target
	settings            []trace.Setting
	values              map[string]string // of what is no list, by name
	defaultDependencies bool
	dynamicUser         bool
	bounding, ambient   capabilitySet
	namespaces          map[string]bool // that it may make; nil is all
	families            filterList
	calls               filterList
	devices             []string
}

// readService reads the settings of a [Service] section.
func readService(settings []trace.Setting, t Target, o ExposureOptions) *service {
	s := &service{
		target: t, settings: settings, defaultDependencies: !o.NoDefaultDependencies,
		values:     make(map[string]string),
		bounding:   readCapabilities(settings, "CapabilityBoundingSet", allCapabilities()),
		ambient:    readCapabilities(settings, "AmbientCapabilities", capabilitySet{}),
		namespaces: readNamespaces(settings, t.Systemd),
		families:   readFamilies(settings, t.Systemd),
		calls:      readCalls(settings, t),
		devices:    Values(settings, "DeviceAllow"),
	}
	for _, set := range settings {
		if t.ValueKnown(set.Name, set.Value) { // the rest is ignored with a warning
			s.values[set.Name] = set.Value
		}
	}
	s.dynamicUser = s.isSet("DynamicUser")
	s.imply(o)
	return s
}

// imply adds what systemd derives from the settings.
func (s *service) imply(o ExposureOptions) {
	if s.dynamicUser {
		s.implyDynamicUser()
	}
	for _, d := range impliedDrops {
		if s.isSet(d.directive) && s.target.Systemd.AtLeast(d.since) {
			delete(s.bounding, d.capability)
		}
	}
	if s.isSet("PrivateDevices") && s.value("DevicePolicy") == "auto" {
		s.values["DevicePolicy"] = "closed"
	}
	listed := s.value("DevicePolicy") != "auto" || len(s.devices) > 0
	if s.isSet("ProtectClock") && (listed || !s.target.Systemd.AtLeast(252)) {
		s.devices = append(slices.Clip(s.devices), "char-rtc r")
	}
	if _, given := s.values["PrivateMounts"]; s.impliesMounts(o) && !(given && o.Offline) {
		s.values["PrivateMounts"] = "yes" // for a loaded unit even where it says no
	}
}

func (s *service) implyDynamicUser() {
	s.values["ProtectSystem"] = "strict"
	s.values["RemoveIPC"] = "yes"
	if !s.isSet("PrivateTmp") {
		s.values["PrivateTmp"] = "yes"
	}
	if !s.isSet("ProtectHome") {
		s.values["ProtectHome"] = "read-only"
	}
	if s.target.Systemd.AtLeast(242) {
		s.values["NoNewPrivileges"] = "yes"
		s.values["RestrictSUIDSGID"] = "yes"
	}
}

// impliesMounts tells whether PrivateMounts= counts as set without saying so.
func (s *service) impliesMounts(o ExposureOptions) bool {
	if o.Offline {
		return s.target.Systemd.AtLeast(254)
	}
	return s.value("RootImage") != "" || slices.ContainsFunc([]string{
		"PrivateDevices", "PrivateTmp", "ProtectControlGroups", "ProtectKernelTunables", "ProtectKernelModules",
		"ProtectHome", "ProtectSystem",
	}, s.isSet)
}

// value returns what a directive that is no list is set to, or its default.
func (s *service) value(name string) string {
	if v, ok := s.values[name]; ok {
		return v
	}
	return directiveByName()[name].Default
}

// isSet tells whether a boolean is yes, or an enumeration with "no" is anything else.
func (s *service) isSet(name string) bool {
	v := s.value(name)
	on, boolean := ParseBool(v)
	return v != "" && (on || !boolean)
}

// runsAsRoot tells whether the service is privileged by its user.
func (s *service) runsAsRoot() bool {
	user := s.value("User")
	return user == "root" || user == "0" || user == "" && !s.dynamicUser
}

// words returns the words of a list's assignments that add up, without prefixes.
func words(settings []trace.Setting, name string, v Version) []string {
	var all []string
	for _, value := range Values(settings, name) {
		list, _ := Words(value, ClassOf(name), v) // what comes after an error is ignored
		for _, w := range list {
			all = append(all, w.Text)
		}
	}
	return all
}

// eachAssignment calls do for every assignment of a list, with its words and whether
// "~" inverts it.
func eachAssignment(settings []trace.Setting, name string, v Version, do func(value string, words []string, inverted bool)) {
	for _, s := range settings {
		if s.Name != name {
			continue
		}
		list, _ := Words(s.Value, ClassOf(name), v) // what comes after an error is ignored
		plain := make([]string, len(list))
		for i, w := range list {
			plain[i] = w.Text
		}
		do(s.Value, plain, strings.HasPrefix(s.Value, "~"))
	}
}
