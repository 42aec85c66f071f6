/* SPDX-License-Identifier: Apache-2.0
 *
 * What other municipalities asked this one to certify. A query is kept sealed, as it came, as those
 * of transfer_in.h are; its certificate stands among this municipality's own
 * (certificate_record.h), under the application that came with it.
 */
#ifndef VRX_STORE_CERTIFICATE_IN_H
#define VRX_STORE_CERTIFICATE_IN_H

#include "base/arena.h"
#include "codes/municipality_code.h"
#include "objects/terms.h"
#include "store/elsewhere.h"
#include "store/tenant.h"

struct vrx_certificate_in {
    struct vrx_municipality_code sender;
    uint8_t query_id[VRX_ID];       /* unique together with sender */
    uint8_t nonce[VRX_ID];          /* unique in this vault */
    uint8_t application_id[VRX_ID]; /* unique together with sender: one query for each */
    int64_t resident;               /* 0: nobody was found, or nobody was looked for */
    bool may_issue; /* there are doses here that may be certified; needs a resident */
    bool has_consent;
    uint8_t consent_id[VRX_ID];
    struct vrx_view query; /* the envelope as received, 1 to VRX_LIMIT_TRANSFER bytes */
    enum vrx_elsewhere_state state;
    enum vrx_reason reason; /* REFUSED; else VRX_OK */
    int64_t received_at;
    int64_t deadline;
    int64_t tell_at; /* when it is told that there is no record, where that is so */
    int64_t due_at;  /* WAITING: when to look next; else 0 */
    int64_t changed_at;
};

/* Keeps a new one in WAITING, due at due_at; state, reason and changed_at are not looked at.
 * Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (query); VRX_QUERY_REPLAYED where the
 * sender's application or id, or anybody's nonce, was there before; VRX_NOT_FOUND (resident);
 * VRX_INPUT_RANGE (may_issue without one). */
struct vrx_result vrx_certificate_in_put(
    struct vrx_tenant *tenant, const struct vrx_certificate_in *asked);

/* Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_certificate_in_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    struct vrx_certificate_in *ret_asked);

/* What waits is looked at again then. Errors: VRX_NOT_FOUND; VRX_WRONG_STATE unless WAITING. */
struct vrx_result vrx_certificate_in_postpone(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID], int64_t due_at);

/* Out of WAITING into this state; reason with REFUSED alone. Errors: as above; VRX_INPUT_RANGE. */
struct vrx_result vrx_certificate_in_end(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID],
    enum vrx_elsewhere_state state, enum vrx_reason reason, int64_t now);

/* What waits under a consent of this sender is due at now. */
struct vrx_result vrx_certificate_in_hasten(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t consent_id[VRX_ID], int64_t now);

/* WAITING and due at now, the longest due first, at most limit (1 to VRX_LIMIT_PAGE). Errors:
 * VRX_INPUT_RANGE. */
struct vrx_result vrx_certificate_in_list_due(struct vrx_tenant *tenant, struct vrx_arena *arena,
    int64_t now, size_t limit, struct vrx_certificate_in **ret_asked, size_t *ret_count);

/* When the first of all is due; 0: none waits. */
struct vrx_result vrx_certificate_in_next_due(struct vrx_tenant *tenant, int64_t *ret_at);

#endif
