/* SPDX-License-Identifier: Apache-2.0
 *
 * The law that this municipality has decided by: every signed permit table that decided something,
 * by its digest, and of every directory when it was the one that keys and municipalities were
 * looked up in. So it can be shown years later under which text something left or was refused,
 * whatever the platform has kept.
 */
#ifndef VRX_STORE_LAW_TEXT_H
#define VRX_STORE_LAW_TEXT_H

#include "base/arena.h"
#include "objects/terms.h"
#include "store/tenant.h"

/* A signed table; the largest that a daemon reads (VRX_LIMIT_CBOR_BYTES). */
#define VRX_LIMIT_LAW_TEXT ((size_t)4 << 20)

struct vrx_law_text {
    enum vrx_law_kind kind;
    uint8_t digest[VRX_DIGEST]; /* SHA-256 of the signed object */
    uint64_t version;
    int64_t used_from;    /* the first decision by it */
    struct vrx_view text; /* the signed permit table; empty for a directory */
};

/* Nothing where it is there already. Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (text);
 * VRX_INPUT_RANGE (kind, a version that is not one, a directory with a text). */
struct vrx_result vrx_law_text_note(struct vrx_tenant *tenant, const struct vrx_law_text *law);

/* Errors: VRX_NOT_FOUND: nothing was decided by it here. */
struct vrx_result vrx_law_text_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t digest[VRX_DIGEST], struct vrx_law_text *ret_law);

/* The one of this kind that decisions of this instant went by. Errors: VRX_NOT_FOUND: none was
 * noted by then. */
struct vrx_result vrx_law_text_at(struct vrx_tenant *tenant, struct vrx_arena *arena,
    enum vrx_law_kind kind, int64_t time, struct vrx_law_text *ret_law);

#endif
