/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's keyrings; what is added to the process's own ends with it. */
#include <linux/keyctl.h>

#include "probe.h"

OPERATION(add_key)
{
	return call(SYS_add_key, "user", "probe", "secret", 6, KEY_SPEC_PROCESS_KEYRING);
}

OPERATION(request_key)
{
	return call(SYS_request_key, "user", "probe-none", 0, KEY_SPEC_PROCESS_KEYRING);
}

OPERATION(keyctl_keyring_id)
{
	return call(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1);
}

OPERATION(keyctl_join_session)
{
	return call(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0);
}

OPERATION(keyctl_describe)
{
	long key = TRY(call(SYS_add_key, "user", "probe", "secret", 6, KEY_SPEC_PROCESS_KEYRING));
	char text[128];

	return call(SYS_keyctl, KEYCTL_DESCRIBE, key, text, sizeof(text));
}

OPERATION(keyctl_read)
{
	long key = TRY(call(SYS_add_key, "user", "probe", "secret", 6, KEY_SPEC_PROCESS_KEYRING));
	char secret[8];

	return call(SYS_keyctl, KEYCTL_READ, key, secret, sizeof(secret));
}

OPERATION(keyctl_revoke)
{
	long key = TRY(call(SYS_add_key, "user", "probe", "secret", 6, KEY_SPEC_PROCESS_KEYRING));

	return call(SYS_keyctl, KEYCTL_REVOKE, key);
}
