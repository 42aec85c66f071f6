/* SPDX-License-Identifier: Apache-2.0
 *
 * Applications for a certificate as they are kept. Each is used once: ISSUING is durable before the
 * issuer is asked, and from there only the issuer's word leads on.
 *
 *     OPEN → ISSUING        the issuer will be asked
 *     OPEN → CLOSED         withdrawn, or refused before anything was asked
 *     ISSUING → OPEN        the issuer refused before it signed
 *     ISSUING → ISSUED      vrx_certificate_record_put, with the certificate
 *     ISSUING → CLOSED      the issuer says that the application cannot be used
 */
#ifndef VRX_STORE_APPLICATION_RECORD_H
#define VRX_STORE_APPLICATION_RECORD_H

#include "base/arena.h"
#include "objects/terms.h"
#include "store/tenant.h"

enum vrx_application_record_state {
    VRX_APPLICATION_RECORD_OPEN = 1,
    VRX_APPLICATION_RECORD_ISSUING = 2,
    VRX_APPLICATION_RECORD_ISSUED = 3,
    VRX_APPLICATION_RECORD_CLOSED = 4,
};

struct vrx_application_record {
    uint8_t id[VRX_ID];
    int64_t resident;
    uint8_t evidence_id[VRX_ID];
    struct vrx_view object; /* COSE_Sign1, 1 to VRX_LIMIT_SIGNED_OBJECT bytes */
    enum vrx_application_record_state state;
    int64_t recorded_at;
    int64_t changed_at; /* when it came into this state */
};

/* Keeps an open application; state and changed_at are not looked at. Errors: as
 * vrx_consent_record_put. */
struct vrx_result vrx_application_record_put(
    struct vrx_tenant *tenant, const struct vrx_application_record *application);

/* Errors: VRX_APPLICATION_MISSING. */
struct vrx_result vrx_application_record_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_application_record *ret_application);

/* Errors: VRX_APPLICATION_MISSING; VRX_APPLICATION_USED from ISSUED; VRX_WRONG_STATE for any other
 * step that is not above. ISSUED is reached through vrx_certificate_record_put only. */
struct vrx_result vrx_application_record_advance(struct vrx_tenant *tenant,
    const uint8_t id[VRX_ID], enum vrx_application_record_state state, int64_t now);

#endif
