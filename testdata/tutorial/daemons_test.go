// SPDX-License-Identifier: Apache-2.0

package tutorial

import "testing"

// daemonPackages are what the daemons here and their workloads need. They are in a
// machine of their own, since some want the ports of others.
var daemonPackages = []string{"bind9", "haproxy", "apache2", "logrotate", "memcached", "exim4-daemon-light", "vsftpd", "curl", "dnsutils", "python3-minimal",
	"bird2", "postgrey", "opendkim", "opendkim-tools", "openssl", "miltertest", "mosquitto", "mosquitto-clients"} //nolint:misspell // that is its name

// daemons are services of all sorts that start as root and drop.
var daemons = []service{
	{unit: "named", user: "bind", flags: drop, lines: []string{"User=bind", "AmbientCapabilities=CAP_NET_BIND_SERVICE"}},
	{unit: "haproxy", user: "haproxy", flags: drop, lines: []string{"User=haproxy"}, livesWith: "setgroups"},
	{unit: "apache2", user: "www-data", flags: drop, lines: []string{"User=www-data", "AmbientCapabilities=CAP_NET_BIND_SERVICE", "LogsDirectory=apache2"},
		steps: []string{"have what makes the files of"}},
	{unit: "memcached", user: "memcache", flags: drop, lines: []string{"User=memcache", "CapabilityBoundingSet="},
		steps: []string{"systemd-memcached-wrapper insists on being root"}},
	{unit: "mosquitto", user: "mosquitto", flags: drop, lines: []string{"User=mosquitto", "RuntimeDirectory=mosquitto"}}, //nolint:misspell // that is its name
	// It becomes its user without a look, and ends where something of that is refused: on
	// Debian 13 that includes its groups.
	{unit: "bird", user: "bird", flags: drop, lines: []string{"User=bird", "AmbientCapabilities=CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_RAW"}, none: []string{"# Step 1:"}},
	// Mail: what serves mail servers, and is no one's but its own.
	{unit: "postgrey", user: "postgrey", flags: drop, lines: []string{"User=postgrey", "CapabilityBoundingSet="}},
	// It removes a file whose name is memory that it has given back (2.11.0).
	{unit: "opendkim", user: "opendkim", flags: drop, lines: []string{"User=opendkim", "CapabilityBoundingSet="}, livesWith: "opendkim\" was refused (EROFS)"},
}

// accessControlLists: what a list gives to the user is no obstacle.
func (c *course) accessControlLists(t *testing.T) {
	c.changes(t, service{unit: "listed", user: "daemon", flags: drop, lines: []string{"User=daemon", "Group=daemon"}, none: []string{"# Step 1:", "SupplementaryGroups="}})
}

// sessions are daemons that become whoever a message or a login is for.
var sessions = []struct{ unit, why string }{
	{"exim4", "it becomes"},
	{"vsftpd", "it checks passwords or opens sessions"},
}

func TestDaemons(t *testing.T) {
	for _, suite := range []string{"bookworm", "trixie"} {
		t.Run(suite, func(t *testing.T) {
			c := newCourse(t, suite, daemonPackages)
			c.copyScripts(t)
			for _, s := range daemons {
				t.Run(s.unit, func(t *testing.T) { c.changes(t, s) })
			}
			t.Run("listed", c.accessControlLists)
			for _, s := range sessions {
				t.Run(s.unit, func(t *testing.T) { c.stays(t, s.unit, s.why) })
			}
		})
	}
}
