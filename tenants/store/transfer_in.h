/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries that another municipality sent to this one, as origin of a move. Idempotent by sender and
 * query id: whoever asks again is given the stored answer. The query is kept sealed, as it came:
 * the individual number in it stands in no other table than its own.
 *
 * Where doses were sent and their consent is over since, there are two answers: the doses, which do
 * not leave again, and the denial that a repetition is given. One of them is receipted.
 */
#ifndef VRX_STORE_TRANSFER_IN_H
#define VRX_STORE_TRANSFER_IN_H

#include "base/arena.h"
#include "objects/receipt.h"
#include "store/tenant.h"
#include "store/transfer.h"

struct vrx_transfer_in {
    struct vrx_municipality_code sender;
    uint8_t query_id[VRX_ID];         /* unique together with sender */
    uint8_t query_digest[VRX_DIGEST]; /* SHA-256 of the signed query */
    uint8_t nonce[VRX_ID];            /* unique in this vault */
    bool has_consent;                 /* the query carries one */
    uint8_t consent_id[VRX_ID];       /* its id */
    int64_t resident;                 /* 0: nobody was found, or nobody was looked for */
    struct vrx_view query;            /* the envelope as received, 1 to VRX_LIMIT_TRANSFER bytes */
    enum vrx_transfer_state state;
    enum vrx_reason reason; /* DENIED: told to the sender. Else: known here only, or VRX_OK */
    int64_t received_at;
    int64_t deadline;
    int64_t due_at;          /* when the outcome leaves, so that a protected and an unknown person
                              * look alike; 0: nothing is due */
    struct vrx_view answer;  /* the envelope as sent; empty before */
    struct vrx_view receipt; /* the destination's; empty before */
    int64_t changed_at;
    struct vrx_receipt_transfer tie; /* what receipts say of it, once there is an answer; its answer
                                      * digest is zero before */
};

/* Keeps a new query in REQUESTED; state, reason and all from answer on are not looked at.
 * Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (query); VRX_ALREADY_EXISTS when this very
 * query is there; VRX_QUERY_REPLAYED when the sender used its id, or anyone its nonce, for another
 * one; VRX_NOT_FOUND (resident). */
struct vrx_result vrx_transfer_in_put(
    struct vrx_tenant *tenant, const struct vrx_transfer_in *transfer);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_transfer_in_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_transfer_in *ret_transfer);

/* What a step of transfer.h changes besides the state. */
struct vrx_transfer_in_step {
    enum vrx_transfer_state state;
    enum vrx_reason reason;
    int64_t due_at;         /* 0: nothing is due; must be 0 in a final state */
    struct vrx_view answer; /* empty: the stored one stays, and with it what the next says */
    const struct vrx_receipt_transfer *tie; /* what receipts will say of the answer; its query
                                             * digest is not looked at. NULL without an answer */
};

/* Errors: VRX_NOT_FOUND; VRX_WRONG_STATE; VRX_INPUT_TOO_LARGE; VRX_INPUT_FIELD_MISSING when DENIED
 * has no reason, or DENIED, ANSWERED or NO_RECORD would have no answer to give again;
 * VRX_INPUT_RANGE when due_at is set in a final state. */
struct vrx_result vrx_transfer_in_advance(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    const struct vrx_transfer_in_step *step, int64_t now);

/* Keeps the destination's receipt of the stored answer; what was ANSWERED is RECEIVED, other states
 * stay. 1 to VRX_LIMIT_TRANSFER bytes. Errors: VRX_NOT_FOUND; VRX_INPUT_FIELD_MISSING,
 * VRX_INPUT_TOO_LARGE; VRX_WRONG_STATE without an answer; VRX_ALREADY_EXISTS with a receipt. */
struct vrx_result vrx_transfer_in_receipted(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_view receipt, int64_t now);

/* What is given in the place of doses that were sent, since their consent is known to be over.
 * Whether the doses got there is not known: the destination's receipt says which of the two did. */
struct vrx_transfer_denial {
    enum vrx_reason reason;
    struct vrx_view answer;          /* the envelope as sent, 1 to VRX_LIMIT_TRANSFER bytes */
    struct vrx_receipt_transfer tie; /* what receipts say of it */
};

/* Keeps the denial beside the answer, both to be receipted; tie's query digest is not looked at.
 * Errors: VRX_NOT_FOUND; VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (answer); VRX_WRONG_STATE
 * unless ANSWERED or RECEIVED, and for a reason other than the consent's; VRX_ALREADY_EXISTS. */
struct vrx_result vrx_transfer_in_keep_denial(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    const struct vrx_transfer_denial *denial, int64_t now);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_transfer_in_denial(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_transfer_denial *ret_denial);

/* Keeps the destination's receipt of the denial, which becomes the answer: what was ANSWERED is
 * DENIED. 1 to VRX_LIMIT_TRANSFER bytes. Errors: VRX_NOT_FOUND, also without a denial;
 * VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE; VRX_WRONG_STATE. */
struct vrx_result vrx_transfer_in_denied(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_view receipt, int64_t now);

/* Queries whose outcome is due at now, the longest due first, at most limit (1 to VRX_LIMIT_PAGE).
 * Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_transfer_in_list_due(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t now, size_t limit, struct vrx_transfer_in **ret_transfers, size_t *ret_count);

/* PENDING queries of this sender under this consent, at most VRX_LIMIT_PAGE. */
struct vrx_result vrx_transfer_in_list_under(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t consent_id[VRX_ID],
    struct vrx_transfer_in **ret_transfers, size_t *ret_count);

/* Queries that pend although their deadline has passed at now, the oldest first, at most limit.
 * Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_transfer_in_list_overdue(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t now, size_t limit, struct vrx_transfer_in **ret_transfers, size_t *ret_count);

/* All queries in this state, the oldest first, at most limit. Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_transfer_in_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    enum vrx_transfer_state state, size_t limit, struct vrx_transfer_in **ret_transfers,
    size_t *ret_count);

#endif
