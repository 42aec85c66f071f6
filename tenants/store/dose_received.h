/* SPDX-License-Identifier: Apache-2.0
 *
 * The destination's memory of what came: each dose of each answer, what became of it, and the
 * notices that its origin sent about it since. A notice may come before its answer, twice, or after
 * a later one: it is kept, and has its effect at most once and never after one that is later.
 */
#ifndef VRX_STORE_DOSE_RECEIVED_H
#define VRX_STORE_DOSE_RECEIVED_H

#include "base/arena.h"
#include "codes/municipality_code.h"
#include "objects/terms.h"
#include "store/tenant.h"

enum vrx_received_outcome {
    VRX_RECEIVED_NEW = 1,    /* put down; dose is the version */
    VRX_RECEIVED_KNOWN = 2,  /* it was here; dose is that version, 0 where it was put away before */
    VRX_RECEIVED_REVIEW = 3, /* an officer decides (review.h) */
};

struct vrx_dose_received {
    uint8_t query_id[VRX_ID];
    uint8_t as_sent[VRX_DIGEST]; /* vrx_dose_item_digest of what came */
    int64_t resident;
    enum vrx_received_outcome outcome;
    int64_t dose; /* the version that the exchange knows of; 0: none */
    bool has_review;
    uint8_t review[VRX_ID];
    uint64_t sequence; /* of the last notice that had its effect; 0: none */
};

/* Keeps it; again for the same dose of the same answer: nothing. Errors: VRX_NOT_FOUND (query,
 * resident, dose, review). */
struct vrx_result vrx_dose_received_put(
    struct vrx_tenant *tenant, const struct vrx_dose_received *received);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_dose_received_get(struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID],
    const uint8_t as_sent[VRX_DIGEST], struct vrx_dose_received *ret_received);

/* Writes outcome, dose, review and sequence. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_dose_received_change(
    struct vrx_tenant *tenant, const struct vrx_dose_received *received);

/* The exchange knows of another version now: of every dose that came and stood as `from`. */
struct vrx_result vrx_dose_received_follow(struct vrx_tenant *tenant, int64_t from, int64_t to);

enum vrx_correction_state {
    VRX_CORRECTION_WAITING = 1, /* for its answer */
    VRX_CORRECTION_APPLIED = 2,
    VRX_CORRECTION_REVIEWED = 3, /* an officer decides */
    VRX_CORRECTION_LATE = 4,     /* one that is later had its effect before */
    VRX_CORRECTION_VAIN = 5,     /* there was nothing to change, or its answer never came */
};

struct vrx_correction {
    struct vrx_municipality_code origin;
    uint8_t notice_id[VRX_ID]; /* unique together with origin */
    uint8_t query_id[VRX_ID];
    uint8_t as_sent[VRX_DIGEST];
    uint64_t sequence;
    int64_t resident;
    struct vrx_view object; /* COSE_Sign1, 1 to VRX_LIMIT_SIGNED_OBJECT bytes */
    enum vrx_correction_state state;
    int64_t received_at;
    int64_t changed_at;
};

/* Keeps a notice in its state; changed_at is not looked at. Errors: VRX_INPUT_FIELD_MISSING,
 * VRX_INPUT_TOO_LARGE (object); VRX_ALREADY_EXISTS; VRX_NOT_FOUND (query, resident);
 * VRX_CAP_REACHED when VRX_LIMIT_DOSES notices about this query wait for its answer already. */
struct vrx_result vrx_correction_put(
    struct vrx_tenant *tenant, const struct vrx_correction *correction);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_correction_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *origin, const uint8_t notice_id[VRX_ID],
    struct vrx_correction *ret_correction);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_correction_step(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *origin, const uint8_t notice_id[VRX_ID],
    enum vrx_correction_state state, int64_t now);

/* Notices about a query that wait for its answer, dose by dose, the first of each first; at most
 * VRX_LIMIT_PAGE. */
struct vrx_result vrx_correction_waiting(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t query_id[VRX_ID], struct vrx_correction **ret_corrections, size_t *ret_count);

#endif
