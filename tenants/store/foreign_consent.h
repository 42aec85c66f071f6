/* SPDX-License-Identifier: Apache-2.0
 *
 * What this municipality was told of consents that other municipalities took down and asked it
 * under: the narrowest signed object of each. It may come before the query itself. Which of two
 * objects is the later one is the caller's to know (objects/consent.h).
 */
#ifndef VRX_STORE_FOREIGN_CONSENT_H
#define VRX_STORE_FOREIGN_CONSENT_H

#include "base/arena.h"
#include "objects/consent.h"
#include "store/tenant.h"

struct vrx_foreign_consent {
    struct vrx_municipality_code sender;
    uint8_t id[VRX_ID];     /* unique together with sender */
    struct vrx_view object; /* COSE_Sign1, 1 to VRX_LIMIT_SIGNED_OBJECT bytes */
    enum vrx_consent_status status;
    int64_t expires_at;
    int64_t told_at;
};

/* In the place of what was there. Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (object);
 * VRX_INPUT_RANGE (status); VRX_CONSENT_REVOKED when the one there is withdrawn and this is not. */
struct vrx_result vrx_foreign_consent_put(
    struct vrx_tenant *tenant, const struct vrx_foreign_consent *consent);

/* Errors: VRX_NOT_FOUND: nothing was told of it. */
struct vrx_result vrx_foreign_consent_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID],
    struct vrx_foreign_consent *ret_consent);

#endif
