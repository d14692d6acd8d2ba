/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef SBX_LOSSES_H
#define SBX_LOSSES_H

/* Counts by enum sbx_loss; the Go side reads them at the end. */
__u64 losses[SBX_LOSS_MAX];

static __always_inline void lost(enum sbx_loss why)
{
	__sync_fetch_and_add(&losses[why], 1);
}

#endif
