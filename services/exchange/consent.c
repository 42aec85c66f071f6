/* SPDX-License-Identifier: Apache-2.0
 *
 * Consents: granted on the ground of an identity check, narrowed and revoked at any time; whoever
 * was asked under one is told (standing.h).
 */
#include "objects/consent.h"

#include "dispatch/message.h"
#include "dispatch/resident_key.h"
#include "dispatch/signed.h"
#include "exchange/handlers.h"
#include "exchange/items.h"
#include "exchange/standing.h"
#include "objects/identity_evidence.h"
#include "store/consent_record.h"
#include "store/evidence_record.h"

#define SECONDS_A_DAY 86400
#define LONGEST_DAYS (VRX_LIMIT_CONSENT_SECONDS / SECONDS_A_DAY)

static struct vrx_result origins_of(
    struct vrx_context *context, char **origins, size_t count, struct vrx_consent *consent) {
    if (!count)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    if (count > VRX_LIMIT_ORIGINS)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    consent->origins = vrx_arena_alloc_array(&context->arena, count, sizeof *consent->origins);
    if (!consent->origins)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(vrx_exchange_municipality(context, origins[i], &consent->origins[i]));
    consent->origin_count = count;
    return vrx_ok();
}

struct vrx_result vrx_exchange_grant_consent(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GrantConsentRequest *in = request;
    Vrx__V1__GrantConsentResponse *out = reply;
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    struct vrx_evidence_record checked;
    struct vrx_identity_evidence evidence;
    VRX_TRY(vrx_context_evidence(context, in->evidence_id, resident.id, &checked, &evidence));
    const uint64_t purpose = in->purpose ? (uint64_t)in->purpose : VRX_PURPOSE_MOVER;
    if (in->valid_days < 1 || in->valid_days > LONGEST_DAYS || purpose > VRX_PURPOSE_LAST)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_consent consent = {
        .destination = context->slot->code,
        .purpose = purpose,
        .given_at = context->now,
        .expires_at = context->now + (int64_t)in->valid_days * SECONDS_A_DAY,
        .revocable = true,
        .status = VRX_CONSENT_GRANTED,
        .status_since = context->now,
    };
    VRX_TRY(vrx_random_fill(context->random, consent.id, VRX_ID));
    memcpy(consent.subject, evidence.subject, VRX_DIGEST);
    memcpy(consent.evidence_id, evidence.id, VRX_ID);
    VRX_TRY(origins_of(context, in->origins, in->n_origins, &consent));
    VRX_TRY(
        vrx_exchange_items(context, in->items, in->n_items, &consent.items, &consent.item_count));
    VRX_TRY(vrx_message_text(in->form_number, VRX_LIMIT_FORM_NUMBER, &consent.form_number));
    VRX_TRY(vrx_message_fixed(in->form_digest, VRX_DIGEST, consent.form_digest));
    struct vrx_buffer signed_object VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_signer_sign(context->tenant, &vrx_consent_schema, &consent, &signed_object));
    struct vrx_consent_record record = {
        .resident = resident.id,
        .object = vrx_buffer_view(&signed_object),
        .recorded_at = context->now,
    };
    memcpy(record.id, consent.id, VRX_ID);
    memcpy(record.evidence_id, evidence.id, VRX_ID);
    VRX_TRY(vrx_consent_record_put(context->tenant, &record));
    VRX_TRY(
        vrx_message_put_bytes(&context->arena, vrx_view_of(consent.id, VRX_ID), &out->consent_id));
    vrx_context_in_dossier(context, NULL, consent.id);
    return vrx_ok();
}

/* ---- what becomes of it ---- */

struct vrx_result vrx_exchange_read_consent(
    struct vrx_context *context, ProtobufCBinaryData consent_id, struct vrx_held_consent *held) {
    uint8_t id[VRX_ID];
    struct vrx_consent_record *record = &held->record;
    VRX_TRY(vrx_message_fixed(consent_id, VRX_ID, id));
    struct vrx_result found = vrx_consent_record_get(context->tenant, &context->arena, id, record);
    if (found.reason == VRX_CONSENT_MISSING) /* that is what a permit says, not who changes it */
        return vrx_fail(VRX_NOT_FOUND);
    VRX_TRY(found);
    VRX_TRY(vrx_context_about(context, record->resident));
    return vrx_signer_verify(
        context->tenant, &vrx_consent_schema, record->present, &context->arena, &held->present);
}

/* Signs it as it shall be, keeps it, and tells whoever was asked under it. */
static struct vrx_result change(
    struct vrx_context *context, const struct vrx_held_consent *held, struct vrx_consent *next) {
    const struct vrx_consent_record *record = &held->record;
    struct vrx_buffer signed_object VRX_CLEANUP(vrx_buffer_done) = {0};
    next->status_since = context->now;
    VRX_TRY(vrx_consent_follows(&held->present, next));
    VRX_TRY(vrx_signer_sign(context->tenant, &vrx_consent_schema, next, &signed_object));
    struct vrx_view object = vrx_buffer_view(&signed_object);
    VRX_TRY(next->status == VRX_CONSENT_GRANTED
                ? vrx_consent_record_narrow(context->tenant, record->id, object, context->now)
                : vrx_consent_record_revoke(context->tenant, record->id, object, context->now));
    VRX_TRY(vrx_exchange_consent_changed(context, next, object, record->resident));
    vrx_context_in_dossier(context, NULL, record->id);
    return vrx_ok();
}

struct vrx_result vrx_exchange_revoke_consent(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__RevokeConsentRequest *in = request;
    struct vrx_held_consent held;
    VRX_TRY(vrx_exchange_read_consent(context, in->consent_id, &held));
    if (held.record.state == VRX_CONSENT_RECORD_REVOKED)
        return vrx_fail(VRX_CONSENT_REVOKED);
    struct vrx_consent next = held.present;
    next.status = VRX_CONSENT_WITHDRAWN;
    return change(context, &held, &next);
}

struct vrx_result vrx_exchange_narrow_consent(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__NarrowConsentRequest *in = request;
    struct vrx_held_consent held;
    VRX_TRY(vrx_exchange_read_consent(context, in->consent_id, &held));
    if (held.record.state == VRX_CONSENT_RECORD_REVOKED)
        return vrx_fail(VRX_CONSENT_REVOKED);
    struct vrx_consent next = held.present;
    if (in->n_origins)
        VRX_TRY(origins_of(context, in->origins, in->n_origins, &next));
    if (in->n_items)
        VRX_TRY(vrx_exchange_items(context, in->items, in->n_items, &next.items, &next.item_count));
    if (in->expires_at)
        next.expires_at = in->expires_at;
    if (next.expires_at < context->now)
        return vrx_refuse(VRX_INPUT_RANGE, "consent.expires_at: not past; a consent is revoked");
    VRX_TRY(vrx_consent_follows(&held.present, &next));
    if (vrx_is_ok(vrx_consent_follows(&next, &held.present)))
        return vrx_refuse(VRX_INPUT_RANGE, "consent: narrower than it is");
    return change(context, &held, &next);
}
