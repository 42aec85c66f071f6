/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether what another municipality asked for may leave, where two officers must look first:
 *
 *     WAITING   for the first officer
 *     SECOND    the first has agreed to content of this digest, another must agree to the same
 *     APPROVED  by two; REFUSED by one; EXPIRED: the ends. EXPIRED is also a query that ended
 *               otherwise
 *
 * One stands beside each query that is not answered at once (transfer_in.h). Where nobody was found
 * there is one too, of the same cost, which only vrx_approval_end sees: for officers there is
 * nothing to look at. It goes with its query.
 *
 * Nothing of the content stands here. Who is an officer is the caller's to see to; that they are
 * two is seen to here. All run in the owner's transaction. Errors besides those of tenant.h are
 * named.
 */
#ifndef VRX_STORE_APPROVAL_H
#define VRX_STORE_APPROVAL_H

#include "base/arena.h"
#include "objects/terms.h"
#include "store/tenant.h"

enum vrx_approval_state {
    VRX_APPROVAL_WAITING = 1,
    VRX_APPROVAL_SECOND = 2,
    VRX_APPROVAL_APPROVED = 3,
    VRX_APPROVAL_REFUSED = 4,
    VRX_APPROVAL_EXPIRED = 5,
};

/* An operator at a terminal; both are required. */
struct vrx_officer {
    struct vrx_view operator_id;
    struct vrx_view terminal_id;
};

struct vrx_approval {
    uint8_t id[VRX_ID];
    struct vrx_municipality_code sender;
    uint8_t query_id[VRX_ID];
    int64_t resident; /* whom it is about */
    enum vrx_approval_state state;
    int64_t opened_at;
    int64_t closes_at;          /* from then on nobody answers */
    uint8_t digest[VRX_DIGEST]; /* what the first officer agreed to; zeros before */
    struct vrx_officer first;   /* empty before */
    int64_t first_at;           /* 0 before */
    struct vrx_officer ended;   /* who approved second, or refused; else empty */
    int64_t ended_at;           /* 0 before the end */
};

/* Opens one beside that query, WAITING. Errors: VRX_NOT_FOUND (no such query); VRX_ALREADY_EXISTS;
 * those of random. */
struct vrx_result vrx_approval_open(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID], int64_t now,
    int64_t closes_at);

/* As it stands at now: what has closed and was not swept yet is EXPIRED. Errors: VRX_NOT_FOUND,
 * also where nobody was found. */
struct vrx_result vrx_approval_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], int64_t now, struct vrx_approval *ret_approval);

/* The one beside that query, also where nobody was found (resident 0): the same work for each.
 * Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_approval_of_query(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID], int64_t now,
    struct vrx_approval *ret_approval);

/* Those that wait, the next to close first; with ended then those that have ended, the last one
 * first. At most VRX_LIMIT_PAGE. */
struct vrx_result vrx_approval_list(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t now,
    bool ended, struct vrx_approval **ret_approvals, size_t *ret_count);

/* The next that waits behind the one at *seen (0: from the first on), in the order in which they
 * came; *seen moves on. Errors: VRX_NOT_FOUND: there is none now. */
struct vrx_result vrx_approval_next(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t now,
    int64_t *seen, struct vrx_approval *ret_approval);

/* This officer agrees to content of this digest. *ret_state: SECOND, as long as nobody else agreed
 * to the same (who agreed to other content before has agreed to nothing any more); APPROVED when
 * another did. Errors: VRX_INPUT_FIELD_MISSING (officer); VRX_NOT_FOUND; VRX_SECOND_PERSON_SAME
 * when the same one agreed before; VRX_WRONG_STATE once it has ended or closed. */
struct vrx_result vrx_approval_agree(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_officer *by, const uint8_t digest[VRX_DIGEST], int64_t now,
    enum vrx_approval_state *ret_state);

/* This officer says no, whether or not they agreed before. Errors: as above but for
 * VRX_SECOND_PERSON_SAME. */
struct vrx_result vrx_approval_refuse(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], const struct vrx_officer *by, int64_t now);

/* What two had agreed to is not what would leave any more: APPROVED is WAITING again. Errors:
 * VRX_WRONG_STATE. */
struct vrx_result vrx_approval_reopen(struct vrx_tenant *tenant, const uint8_t id[VRX_ID]);

/* The query has its end: what waits is EXPIRED, what has ended stays. The same work for each. */
struct vrx_result vrx_approval_end(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID], int64_t now);

#endif
