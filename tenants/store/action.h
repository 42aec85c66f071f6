/* SPDX-License-Identifier: Apache-2.0
 *
 * Four eyes: what one operator asked for and another must agree to before it is done. An action is
 * one request to one method, byte by byte, by one operator:
 *
 *     WAITING   until another operator answers, at most VRX_ACTION_WAIT_SECONDS
 *     AGREED    the same operator may do exactly this, once, within VRX_ACTION_AGREED_SECONDS
 *     REFUSED   by the other; WITHDRAWN by the one who asked; USED; EXPIRED: the ends
 *
 * The request is kept, sealed with the vault, as long as it can still be agreed to or done. An
 * ended action keeps who, what method, when, and a digest that nobody can try requests against, for
 * VRX_ACTION_KEEP_SECONDS; what is done in its name stands in the ledger.
 *
 * All run in the owner's transaction, so that two runs cannot share one agreement, and a run and
 * the use of its agreement are durable together or not at all. Who is allowed to agree is the
 * caller's to see to; that it is nobody twice is seen to here. Errors besides those of tenant.h are
 * named.
 */
#ifndef VRX_STORE_ACTION_H
#define VRX_STORE_ACTION_H

#include "base/arena.h"
#include "objects/terms.h"
#include "store/tenant.h"

#define VRX_ACTION_WAIT_SECONDS ((int64_t)24 * 3600) /* the other is in the office by tomorrow */
#define VRX_ACTION_AGREED_SECONDS ((int64_t)3600)    /* nobody recalls longer what was agreed to */
#define VRX_ACTION_KEEP_SECONDS ((int64_t)30 * 24 * 3600)
#define VRX_LIMIT_ACTIONS 256         /* that are open, of one municipality */
#define VRX_LIMIT_OPERATOR_ACTIONS 32 /* and of one operator, who cannot fill it for the others */
#define VRX_LIMIT_ACTION_REQUEST ((size_t)64 << 10) /* bytes; no such request needs 1 KiB */

enum vrx_action_state {
    VRX_ACTION_WAITING = 1,
    VRX_ACTION_AGREED = 2,
    VRX_ACTION_REFUSED = 3,
    VRX_ACTION_WITHDRAWN = 4,
    VRX_ACTION_USED = 5,
    VRX_ACTION_EXPIRED = 6,
};

/* An operator at a terminal; both are required. */
struct vrx_action_person {
    struct vrx_view operator_id;
    struct vrx_view terminal_id;
};

struct vrx_action {
    uint8_t id[VRX_ID];
    struct vrx_view method;     /* its path */
    unsigned roles;             /* who may agree */
    uint8_t digest[VRX_DIGEST]; /* salted, of method and request: what the ledger commits to */
    struct vrx_view request;    /* empty once it has ended */
    enum vrx_action_state state;
    struct vrx_action_person asked;
    int64_t asked_at;
    struct vrx_action_person answered; /* empty until then */
    int64_t answered_at;               /* 0 until then */
    int64_t expires_at;                /* of WAITING and AGREED */
    int64_t ended_at;                  /* 0 before the end */
};

/* The open action, WAITING or AGREED, of this operator for exactly this request; *ret_found is
 * false where there is none. Both matching, the AGREED one. */
struct vrx_result vrx_action_find(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view operator_id, struct vrx_view method, struct vrx_view request, int64_t now,
    struct vrx_action *ret_action, bool *ret_found);

/* Begins one that is WAITING. roles: at least one bit. Errors: VRX_INPUT_RANGE (no roles),
 * VRX_INPUT_FIELD_MISSING (asked), VRX_INPUT_TOO_LARGE (request); VRX_CAP_REACHED. */
struct vrx_result vrx_action_ask(struct vrx_tenant *tenant, struct vrx_view method, unsigned roles,
    struct vrx_view request, const struct vrx_action_person *asked, int64_t now,
    uint8_t ret_id[VRX_ID]);

/* One that expired by now shows so. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_action_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], int64_t now, struct vrx_action *ret_action);

/* The open ones first, then by time, the newest first, at most VRX_LIMIT_PAGE; without requests. */
struct vrx_result vrx_action_list(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t now,
    struct vrx_action **ret_actions, size_t *ret_count);

/* The answer of another person to a WAITING one. Errors: VRX_NOT_FOUND; VRX_SECOND_PERSON_SAME from
 * whoever asked; VRX_WRONG_STATE unless WAITING; VRX_INPUT_FIELD_MISSING. */
struct vrx_result vrx_action_agree(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_action_person *by, int64_t now);
struct vrx_result vrx_action_refuse(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_action_person *by, int64_t now);

/* Whoever asked takes it back, agreed to or not. Errors: VRX_NOT_FOUND, also for somebody else's;
 * VRX_WRONG_STATE when it has ended. */
struct vrx_result vrx_action_withdraw(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], struct vrx_view operator_id, int64_t now);

/* It is being done. Errors: VRX_NOT_FOUND; VRX_WRONG_STATE unless AGREED. */
struct vrx_result vrx_action_use(struct vrx_tenant *tenant, const uint8_t id[VRX_ID], int64_t now);

/* Ends what has expired, with its request, and forgets what ended long ago. All that ask,
 * answer or list do so first. */
struct vrx_result vrx_action_sweep(struct vrx_tenant *tenant, int64_t now);

/* When the next open one expires; INT64_MAX where none is open. */
struct vrx_result vrx_action_next_expiry(struct vrx_tenant *tenant, int64_t *ret_time);

#endif
