/* SPDX-License-Identifier: Apache-2.0
 *
 * Transfers that this municipality asked for, as destination of a move. The sealed query is stored
 * before it is sent, so that a restart sends the same bytes again.
 */
#ifndef VRX_STORE_TRANSFER_OUT_H
#define VRX_STORE_TRANSFER_OUT_H

#include "base/arena.h"
#include "objects/terms.h"
#include "store/tenant.h"
#include "store/transfer.h"

struct vrx_transfer_out {
    uint8_t query_id[VRX_ID];
    struct vrx_municipality_code origin; /* who is asked */
    int64_t resident;                    /* the mover, registered here before */
    bool has_consent;                    /* a permit in force may need none */
    uint8_t consent_id[VRX_ID];
    bool has_evidence;
    uint8_t evidence_id[VRX_ID];
    unsigned items;                   /* asked for: 1u << enum vrx_data_item each; 0: not known */
    struct vrx_view query;            /* the envelope as sent, 1 to VRX_LIMIT_TRANSFER bytes */
    uint8_t query_digest[VRX_DIGEST]; /* SHA-256 of the signed query: the answer names it */
    enum vrx_transfer_state state;
    enum vrx_reason reason; /* DENIED: the origin's; else VRX_OK */
    struct vrx_view clause; /* DENIED: the origin's, may be empty */
    int64_t created_at;
    int64_t deadline;
    int64_t next_attempt_at; /* 0: none is due */
    uint64_t attempts;
    struct vrx_view answer;            /* the signed answer, once opened; empty before */
    uint8_t answer_digest[VRX_DIGEST]; /* SHA-256 of it; zero before */
    struct vrx_view receipt;           /* the origin's, of our receipt; empty until it came */
    uint64_t doses_imported;           /* IMPORTED: doses that are new here */
    uint64_t doses_known;              /* IMPORTED: doses that were here already */
    int64_t changed_at;                /* when it came into this state */
    bool without_consent;              /* asked under a permit that needs none */
};

/* Keeps a new transfer in REQUESTED; state, attempts, changed_at and all that the answer brings are
 * not looked at. next_attempt_at is usually created_at. Errors: VRX_INPUT_FIELD_MISSING,
 * VRX_INPUT_TOO_LARGE (query); VRX_INPUT_RANGE (deadline not after created_at); VRX_ALREADY_EXISTS
 * (query id); VRX_NOT_FOUND (resident); VRX_CONSENT_MISSING, VRX_EVIDENCE_MISSING,
 * VRX_CONSENT_SCOPE, VRX_EVIDENCE_SUBJECT when they are another resident's. */
struct vrx_result vrx_transfer_out_put(
    struct vrx_tenant *tenant, const struct vrx_transfer_out *transfer);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_transfer_out_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t query_id[VRX_ID], struct vrx_transfer_out *ret_transfer);

/* One attempt was made; the next is due at next_attempt_at (0: none). Errors: VRX_NOT_FOUND;
 * VRX_WRONG_STATE except in REQUESTED and PENDING. */
struct vrx_result vrx_transfer_out_attempted(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], int64_t next_attempt_at);

/* The next attempt that is due is not before this time. Errors: VRX_NOT_FOUND; VRX_WRONG_STATE
 * where none is due. */
struct vrx_result vrx_transfer_out_postpone(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], int64_t not_before);

/* The steps of transfer.h; each is refused as VRX_WRONG_STATE from any other state and as
 * VRX_NOT_FOUND for an unknown query. All but PENDING clear next_attempt_at: once it is answered
 * nothing is sent again, and its deadline has no meaning any more. */

/* To PENDING, NO_RECORD or EXPIRED; VRX_WRONG_STATE for others, which need more to be said. */
struct vrx_result vrx_transfer_out_advance(struct vrx_tenant *tenant,
    const uint8_t query_id[VRX_ID], enum vrx_transfer_state state, int64_t now);
/* To DENIED. clause at most 200 bytes. Errors: VRX_INPUT_RANGE when reason is VRX_OK;
 * VRX_INPUT_TOO_LARGE, VRX_INPUT_TEXT. */
struct vrx_result vrx_transfer_out_deny(struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID],
    enum vrx_reason reason, struct vrx_view clause, int64_t now);
/* To ANSWERED; computes answer_digest. Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_transfer_out_answer(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], struct vrx_view answer, int64_t now);
/* To RECEIVED. */
struct vrx_result vrx_transfer_out_receive(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], int64_t now);
/* To IMPORTED. */
struct vrx_result vrx_transfer_out_import(struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID],
    uint64_t doses_imported, uint64_t doses_known, int64_t now);

/* Keeps the signed answer of a transfer that ended DENIED or NO_RECORD; computes answer_digest.
 * Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE; VRX_NOT_FOUND; VRX_WRONG_STATE in other
 * states and where one is kept. */
struct vrx_result vrx_transfer_out_keep(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], struct vrx_view answer);

/* Keeps the origin's receipt, 1 to VRX_LIMIT_TRANSFER bytes, in any state; the state stays. Errors:
 * VRX_NOT_FOUND; VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_transfer_out_receipted(
    struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID], struct vrx_view receipt);

/* When the next attempt of all is due; 0: none is. */
struct vrx_result vrx_transfer_out_next_due(struct vrx_tenant *tenant, int64_t *ret_at);

/* Transfers whose next attempt is due at now, the longest due first, at most limit (1 to
 * VRX_LIMIT_PAGE). Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_transfer_out_list_due(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t now, size_t limit, struct vrx_transfer_out **ret_transfers, size_t *ret_count);

/* REQUESTED and PENDING transfers under this consent, at most VRX_LIMIT_PAGE. */
struct vrx_result vrx_transfer_out_list_under(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t consent_id[VRX_ID], struct vrx_transfer_out **ret_transfers, size_t *ret_count);

/* Municipalities that were sent a query under this consent, whatever became of it. */
struct vrx_result vrx_transfer_out_asked_under(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t consent_id[VRX_ID], struct vrx_municipality_code **ret_origins,
    size_t *ret_count);

/* All transfers, the newest first, at most limit, after skipping skip. Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_transfer_out_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    size_t skip, size_t limit, struct vrx_transfer_out **ret_transfers, size_t *ret_count);

#endif
