// SPDX-License-Identifier: Apache-2.0

package directive

// What is hidden of the file system when only what was used is left of it. Of /usr that
// is nothing: it is the same on every system, and what is executed there is the matter of
// ExecPaths=. Of /run and /etc it is single names: much in them is everybody's, and comes
// and goes while services run, like the sockets of D-Bus and of name services.

// belongsToOthers are directories in which every service or user has something of its
// own. Homes are the matter of ProtectHome=.
var belongsToOthers = []string{"/boot", "/efi", "/media", "/mnt", "/opt", "/srv", "/var/backups", "/var/cache", "/var/lib",
	"/var/local", "/var/log", "/var/mail", "/var/opt", "/var/spool", "/var/www"}

// secrets are what of /etc only administrators and single services read. A file that is
// replaced while the unit runs, as by passwd(1), is seen again until its next start.
var secrets = []string{"/etc/NetworkManager/system-connections", "/etc/apt/auth.conf", "/etc/apt/auth.conf.d", "/etc/cron.d",
	"/etc/credstore", "/etc/credstore.encrypted", "/etc/crypttab", "/etc/docker", "/etc/gshadow", "/etc/gshadow-", "/etc/ipsec.d",
	"/etc/ipsec.secrets", "/etc/iscsi", "/etc/krb5.keytab", "/etc/kubernetes", "/etc/letsencrypt", "/etc/netplan", "/etc/openvpn",
	"/etc/pki/tls/private", "/etc/polkit-1", "/etc/ppp", "/etc/security/opasswd", "/etc/shadow", "/etc/shadow-", "/etc/ssh",
	"/etc/ssl/private", "/etc/sudoers", "/etc/sudoers.d", "/etc/swanctl", "/etc/wireguard", "/etc/wpa_supplicant"}

// controls are where those listen that do what they are told as root, and what of /run
// holds what others said. Credentials of others systemd hides by itself.
var controls = []string{"/run/buildkit", "/run/containerd", "/run/crio", "/run/docker", "/run/docker.sock", "/run/incus", "/run/libvirt",
	"/run/log/journal", "/run/podman", "/run/snapd.socket", "/run/sudo"}
