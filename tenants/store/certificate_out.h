/* SPDX-License-Identifier: Apache-2.0
 *
 * What other municipalities were asked for on an application made here, one row for each, and what
 * they replied. The query itself goes out by the outbox.
 */
#ifndef VRX_STORE_CERTIFICATE_OUT_H
#define VRX_STORE_CERTIFICATE_OUT_H

#include "base/arena.h"
#include "codes/municipality_code.h"
#include "objects/terms.h"
#include "store/elsewhere.h"
#include "store/tenant.h"

struct vrx_certificate_out {
    uint8_t query_id[VRX_ID]; /* unique */
    uint8_t application_id[VRX_ID];
    int64_t resident;
    struct vrx_municipality_code origin; /* who was asked; once for each application */
    bool has_consent;
    uint8_t consent_id[VRX_ID];
    uint8_t query_digest[VRX_DIGEST]; /* SHA-256 of the signed query */
    enum vrx_elsewhere_state state;
    enum vrx_reason reason; /* REFUSED; else VRX_OK */
    struct vrx_view clause;
    int64_t created_at;
    int64_t deadline;
    struct vrx_view reply; /* as signed (objects/certificate_reply.h); empty before */
    int64_t expires_at;    /* ISSUED: of the certificates; else 0 */
    int64_t changed_at;
};

/* Keeps a new one in WAITING; state, reason, clause and all from reply on are not looked at.
 * Errors: VRX_ALREADY_EXISTS; VRX_NOT_FOUND (application, resident, consent); VRX_INPUT_RANGE
 * (deadline not after created_at). */
struct vrx_result vrx_certificate_out_put(
    struct vrx_tenant *tenant, const struct vrx_certificate_out *asked);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_certificate_out_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t query_id[VRX_ID], struct vrx_certificate_out *ret_asked);

/* How one ends. */
struct vrx_certificate_end {
    enum vrx_elsewhere_state state; /* not WAITING */
    enum vrx_reason reason;         /* REFUSED only */
    struct vrx_view clause;         /* the same */
    struct vrx_view reply;          /* up to VRX_LIMIT_TRANSFER bytes; empty: nothing came */
    int64_t expires_at;             /* ISSUED only */
};

/* Errors: VRX_NOT_FOUND; VRX_WRONG_STATE for a step that elsewhere.h has not; VRX_INPUT_RANGE where
 * the fields do not go with the state; VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_certificate_out_end(struct vrx_tenant *tenant, const uint8_t query_id[VRX_ID],
    const struct vrx_certificate_end *end, int64_t now);

/* All of an application, in order of municipality; there are VRX_LIMIT_ORIGINS at most. */
struct vrx_result vrx_certificate_out_list(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t application_id[VRX_ID], struct vrx_certificate_out **ret_asked,
    size_t *ret_count);

/* All under a consent, whatever their state; the oldest VRX_LIMIT_PAGE. */
struct vrx_result vrx_certificate_out_list_under(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t consent_id[VRX_ID], struct vrx_certificate_out **ret_asked, size_t *ret_count);

/* WAITING although the deadline has passed at now, at most limit (1 to VRX_LIMIT_PAGE). Errors:
 * VRX_INPUT_RANGE. */
struct vrx_result vrx_certificate_out_list_overdue(struct vrx_tenant *tenant,
    struct vrx_arena *arena, int64_t now, size_t limit, struct vrx_certificate_out **ret_asked,
    size_t *ret_count);

/* When the first deadline of all that wait will have passed; 0: none waits. */
struct vrx_result vrx_certificate_out_next_due(struct vrx_tenant *tenant, int64_t *ret_at);

#endif
