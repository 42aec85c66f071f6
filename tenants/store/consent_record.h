/* SPDX-License-Identifier: Apache-2.0
 *
 * Consents as they are kept: the signed object as it was granted (objects/consent.h), those that
 * narrowed it, and the last one that revoked it.
 */
#ifndef VRX_STORE_CONSENT_RECORD_H
#define VRX_STORE_CONSENT_RECORD_H

#include "base/arena.h"
#include "objects/terms.h"
#include "store/tenant.h"

enum vrx_consent_record_state {
    VRX_CONSENT_RECORD_GRANTED = 1,
    VRX_CONSENT_RECORD_REVOKED = 2,
};

struct vrx_consent_record {
    uint8_t id[VRX_ID];
    int64_t resident;
    uint8_t evidence_id[VRX_ID]; /* the identity check that went before */
    struct vrx_view object;      /* as granted; COSE_Sign1, 1 to VRX_LIMIT_SIGNED_OBJECT bytes */
    int64_t recorded_at;
    enum vrx_consent_record_state state;
    struct vrx_view present;    /* what it is now: the last one of all these */
    struct vrx_view revocation; /* the object that revokes it; empty while granted */
    int64_t revoked_at;         /* 0 while granted */
};

/* Keeps a granted consent; state and what follows it are not looked at. Errors:
 * VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (object); VRX_ALREADY_EXISTS (id); VRX_NOT_FOUND
 * (resident); VRX_EVIDENCE_MISSING; VRX_EVIDENCE_SUBJECT when the evidence is about another
 * resident. */
struct vrx_result vrx_consent_record_put(
    struct vrx_tenant *tenant, const struct vrx_consent_record *consent);

/* Errors: VRX_CONSENT_MISSING. */
struct vrx_result vrx_consent_record_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_consent_record *ret_consent);

/* object: the signed object that is narrower than the present one, which the caller has seen to.
 * Errors: VRX_CONSENT_MISSING; VRX_CONSENT_REVOKED; put's for the object. */
struct vrx_result vrx_consent_record_narrow(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], struct vrx_view object, int64_t now);

/* revocation: the signed object with the later status. Errors: VRX_CONSENT_MISSING;
 * VRX_CONSENT_REVOKED when it was before; put's for the object. */
struct vrx_result vrx_consent_record_revoke(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], struct vrx_view revocation, int64_t now);

/* When the consent was revoked under which an answer came to this resident: seconds; 0 while it
 * stands, or where none was needed. digest: SHA-256 of the signed answer. */
struct vrx_result vrx_consent_record_revoked_behind(struct vrx_tenant *tenant, int64_t resident,
    const uint8_t digest[VRX_DIGEST], int64_t *ret_revoked_at);

/* This resident's consent, revoked or not. Errors: VRX_CONSENT_MISSING, VRX_CONSENT_SCOPE. */
struct vrx_result vrx_consent_record_about(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], int64_t resident);

#endif
