/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a signed directory or permit table may take the place of one that is held: by the
 * authority's signature, never an older one, never one whose time is over.
 */
#ifndef VRX_RULES_LAW_VERSION_H
#define VRX_RULES_LAW_VERSION_H

#include "base/arena.h"
#include "base/bytes.h"
#include "crypto/key.h"
#include "objects/terms.h"

struct vrx_law_version {
    uint64_t version;
    int64_t issued;
    int64_t expires;
};

/* Of a signed object, by the authority's key. Errors: vrx_object_verify_pinned's. */
struct vrx_result vrx_law_version_read(enum vrx_law_kind kind, struct vrx_view message,
    const struct vrx_public_key *authority, struct vrx_arena *arena,
    struct vrx_law_version *ret_version);

/* held: NULL where there is none. *ret_newer is false where it is the same version. Errors:
 * VRX_DIRECTORY_STALE (older than what is held), VRX_DIRECTORY_EXPIRED. */
struct vrx_result vrx_law_version_follows(enum vrx_law_kind kind,
    const struct vrx_law_version *held, const struct vrx_law_version *fresh, int64_t now,
    bool *ret_newer);

#endif
