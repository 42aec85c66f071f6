/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of this municipality to others beside queries for doses and answers: receipts, notices,
 * queries for certificates, replies to these. One is put here in the transaction of what it tells,
 * and is sent again until the other side has acknowledged it with a signed receipt, or its deadline
 * has passed:
 *
 *     WAITING → DONE | EXPIRED
 *
 * Known by (to, kind, id). exchange/send.h puts messages here; the engine sends them.
 */
#ifndef VRX_STORE_OUTBOX_H
#define VRX_STORE_OUTBOX_H

#include "base/arena.h"
#include "objects/envelope.h"
#include "store/tenant.h"
#include "store/transfer.h"

/* How long a message is sent again where its owner knows nothing better: a municipality that is cut
 * off for longer must be told by other means. */
#define VRX_OUTBOX_SECONDS ((int64_t)90 * 86400)

enum vrx_outbox_state {
    VRX_OUTBOX_WAITING = 1,
    VRX_OUTBOX_DONE = 2,    /* acknowledged */
    VRX_OUTBOX_EXPIRED = 3, /* the deadline passed without */
};

/* A message's name. */
struct vrx_outbox_key {
    struct vrx_municipality_code to;
    enum vrx_envelope_kind kind; /* VRX_ENVELOPE_RECEIPT or one after it */
    uint8_t id[VRX_ID];          /* envelope.query_id */
};

struct vrx_outbox_message {
    struct vrx_outbox_key key;
    int64_t resident;           /* whom it is about: it is erased with them; 0: nobody */
    struct vrx_view envelope;   /* as sent each time, 1 to VRX_LIMIT_TRANSFER bytes */
    uint8_t digest[VRX_DIGEST]; /* SHA-256 of the signed content: the acknowledgement names it */
    enum vrx_outbox_state state;
    int64_t created_at;
    int64_t deadline;
    int64_t next_attempt_at; /* WAITING; else 0 */
    uint64_t attempts;
    enum vrx_reason reason;          /* with which the last attempt was refused, or VRX_OK */
    struct vrx_view acknowledgement; /* DONE: the other side's signed receipt; else empty */
    int64_t changed_at;              /* when it came into this state */
};

/* Keeps a new message in WAITING, due at once; what follows deadline in the struct is not looked
 * at. Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (envelope); VRX_INPUT_RANGE (kind,
 * deadline not after created_at); VRX_ALREADY_EXISTS; VRX_NOT_FOUND (resident). */
struct vrx_result vrx_outbox_put(
    struct vrx_tenant *tenant, const struct vrx_outbox_message *message);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_outbox_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_outbox_key *key, struct vrx_outbox_message *ret_message);

/* One attempt is being made; the next is due at next_attempt_at. Errors of this and the next three:
 * VRX_NOT_FOUND; VRX_WRONG_STATE unless WAITING. */
struct vrx_result vrx_outbox_attempted(
    struct vrx_tenant *tenant, const struct vrx_outbox_key *key, int64_t next_attempt_at);

/* The other side, or the way to it, refused an attempt for this reason; the next one is not before
 * not_before. The message waits on: a refusal is not signed, and what is wrong there today may be
 * right tomorrow. */
struct vrx_result vrx_outbox_refused(struct vrx_tenant *tenant, const struct vrx_outbox_key *key,
    enum vrx_reason reason, int64_t not_before);

/* To DONE. acknowledgement: 1 to VRX_LIMIT_TRANSFER bytes (VRX_INPUT_FIELD_MISSING,
 * VRX_INPUT_TOO_LARGE). */
struct vrx_result vrx_outbox_done(struct vrx_tenant *tenant, const struct vrx_outbox_key *key,
    struct vrx_view acknowledgement, int64_t now);

/* To EXPIRED. Also VRX_WRONG_STATE when the deadline has not passed. */
struct vrx_result vrx_outbox_expire(
    struct vrx_tenant *tenant, const struct vrx_outbox_key *key, int64_t now);

/* When the next attempt of all is due; 0: none is. */
struct vrx_result vrx_outbox_next_due(struct vrx_tenant *tenant, int64_t *ret_at);

/* Messages whose next attempt is due at now, the longest due first, at most limit (1 to
 * VRX_LIMIT_PAGE). Errors: VRX_INPUT_RANGE. */
struct vrx_result vrx_outbox_list_due(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t now, size_t limit, struct vrx_outbox_message **ret_messages, size_t *ret_count);

#endif
