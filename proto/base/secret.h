/* SPDX-License-Identifier: Apache-2.0
 *
 * Key memory: pages of its own, locked (mlock), left out of cores (MADV_DONTDUMP), zero in a child
 * (MADV_WIPEONFORK), between guard pages, wiped when freed. Never printed, never copied into
 * ordinary memory except into a cipher's own context.
 */
#ifndef VRX_BASE_SECRET_H
#define VRX_BASE_SECRET_H

#include "base/bytes.h"
#include "base/result.h"

struct vrx_secret {
    uint8_t *ptr;
    size_t len;
};

/* len bytes of zero in locked pages. Errors: VRX_OUT_OF_MEMORY when pages cannot be had or locked
 * (raise RLIMIT_MEMLOCK); VRX_INPUT_RANGE when len is 0 or above VRX_LIMIT_SECRET. */
struct vrx_result vrx_secret_new(size_t len, struct vrx_secret **ret_secret);

/* Accepts NULL; wipes, sets *secret to NULL. Its pages may serve the next secret. */
void vrx_secret_free(struct vrx_secret **secret);

static inline struct vrx_view vrx_secret_view(const struct vrx_secret *secret) {
    return (struct vrx_view){secret->ptr, secret->len};
}

#endif
