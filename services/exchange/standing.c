/* SPDX-License-Identifier: Apache-2.0
 *
 * See standing.h. A notice is the signed consent itself, as it has become; what it stops is found
 * by its id.
 */
#include "exchange/standing.h"

#include "crypto/hash.h"
#include "dispatch/signed.h"
#include "exchange/decision.h"
#include "exchange/elsewhere.h"
#include "exchange/handlers.h"
#include "exchange/send.h"
#include "rules/lawful.h"
#include "rules/timely.h"
#include "store/certificate_out.h"
#include "store/foreign_consent.h"

/* ---- both ---- */

struct vrx_result vrx_exchange_note_law(struct vrx_context *context, const struct vrx_law *law) {
    struct vrx_law_text directory = {
        .kind = VRX_LAW_DIRECTORY, .version = law->directory.version, .used_from = context->now};
    struct vrx_law_text permits = {.kind = VRX_LAW_PERMITS,
        .version = law->permits.version,
        .used_from = context->now,
        .text = law->signed_permits};
    memcpy(directory.digest, law->directory_digest, VRX_DIGEST);
    memcpy(permits.digest, law->permits_digest, VRX_DIGEST);
    VRX_TRY(vrx_law_text_note(context->tenant, &directory));
    return vrx_law_text_note(context->tenant, &permits);
}

struct vrx_result vrx_exchange_basis(
    struct vrx_context *context, struct vrx_view permit_id, bool without_consent) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    VRX_TRY(vrx_buffer_append(&text, permit_id));
    if (without_consent)
        VRX_TRY(vrx_buffer_append(&text, vrx_view_text(VRX_WITHOUT_CONSENT)));
    return vrx_arena_copy(&context->arena, vrx_buffer_view(&text), &context->audit.basis);
}

struct vrx_result vrx_exchange_record_end(struct vrx_context *context, enum vrx_reason reason) {
    return vrx_context_record(
        context, "exchange/end", VRX_EXCHANGE_PURPOSE, &context->audit, reason, NULL);
}

/* ---- the origin ---- */

struct vrx_result vrx_exchange_consent_told(struct vrx_context *context,
    const struct vrx_directory_entry *sender, const uint8_t id[VRX_ID],
    const struct vrx_consent **ret_told) {
    struct vrx_foreign_consent stored;
    struct vrx_result found =
        vrx_foreign_consent_get(context->tenant, &context->arena, &sender->code, id, &stored);
    *ret_told = NULL;
    if (found.reason == VRX_NOT_FOUND)
        return vrx_ok();
    VRX_TRY(found);
    struct vrx_consent *told = vrx_arena_alloc(&context->arena, sizeof *told);
    if (!told)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_entry_verify(sender, &vrx_consent_schema, stored.object, &context->arena, told));
    *ret_told = told;
    return vrx_ok();
}

static struct vrx_result covers(const struct vrx_consent *told, const struct vrx_query *query) {
    struct vrx_consent_use use = {
        .destination = &query->asker,
        .origin = &query->asked,
        .subject = told->subject, /* compared with the query's when it came */
        .purpose = query->purpose,
        .items = query->items,
        .item_count = query->item_count,
        .time = query->asked_at,
    };
    return vrx_consent_covers(told, &use);
}

struct vrx_result vrx_exchange_consent_stands(struct vrx_context *context,
    const struct vrx_directory_entry *sender, const uint8_t id[VRX_ID],
    const struct vrx_query *query) {
    const struct vrx_consent *told = NULL;
    VRX_TRY(vrx_exchange_consent_told(context, sender, id, &told));
    return told ? covers(told, query) : vrx_ok();
}

bool vrx_exchange_consent_over(enum vrx_reason reason) {
    return reason == VRX_CONSENT_REVOKED || reason == VRX_CONSENT_EXPIRED ||
           reason == VRX_CONSENT_SCOPE;
}

static struct vrx_result keep(struct vrx_context *context, const struct vrx_arrival *arrival,
    const struct vrx_consent *consent) {
    const struct vrx_consent *known = NULL;
    VRX_TRY(vrx_exchange_consent_told(context, arrival->sender, consent->id, &known));
    struct vrx_result follows = known ? vrx_consent_follows(known, consent) : vrx_ok();
    if (!vrx_is_ok(follows)) /* an older one that comes late says nothing new */
        return vrx_is_ok(vrx_consent_follows(consent, known)) ? vrx_ok() : follows;
    struct vrx_foreign_consent stored = {
        .sender = arrival->envelope->from,
        .object = arrival->content,
        .status = (enum vrx_consent_status)consent->status,
        .expires_at = consent->expires_at,
        .told_at = context->now,
    };
    memcpy(stored.id, consent->id, VRX_ID);
    return vrx_foreign_consent_put(context->tenant, &stored);
}

/* One that waits. What cannot be opened any more waits on: it is looked at again before anything of
 * it leaves. */
static struct vrx_result stop(struct vrx_context *context, struct vrx_decision *decision,
    const struct vrx_transfer_in *transfer) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer answer = {0};
    if (!vrx_is_ok(vrx_decision_sender(context, decision)))
        return vrx_ok();
    struct vrx_result stands = vrx_exchange_consent_stands(
        context, decision->sender, transfer->consent_id, &decision->query);
    if (!vrx_exchange_consent_over(stands.reason))
        return vrx_reason_category(stands.reason) == VRX_CATEGORY_AUTH ? vrx_ok() : stands;
    decision->permit_id = decision->query.permit_id;
    decision->without_consent = transfer->tie.without_consent;
    VRX_TRY(vrx_decision_note_again(context, decision, transfer));
    VRX_TRY(vrx_exchange_basis(context, decision->permit_id, decision->without_consent));
    VRX_TRY(vrx_decision_deny_pending(context, decision, stands, &answer));
    return vrx_exchange_record_end(context, stands.reason);
}

static struct vrx_result stop_waiting(struct vrx_context *context,
    const struct vrx_arrival *arrival, const uint8_t consent_id[VRX_ID]) {
    struct vrx_transfer_in *transfers = NULL;
    size_t count = 0;
    const struct vrx_audit_facts own = context->audit;
    VRX_TRY(vrx_transfer_in_list_under(context->tenant, &context->arena, &arrival->envelope->from,
        consent_id, &transfers, &count));
    for (size_t i = 0; i < count; i++) {
        struct vrx_decision decision = {.law = arrival->law, .arrived = transfers[i].query};
        context->audit = own;
        struct vrx_result stopped = stop(context, &decision, &transfers[i]);
        vrx_buffer_done(&decision.signed_query);
        VRX_TRY(stopped);
    }
    context->audit = own;
    return vrx_ok();
}

struct vrx_result vrx_exchange_take_consent_notice(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply) {
    (void)reply;
    struct vrx_consent consent;
    VRX_TRY(vrx_entry_verify(
        arrival->sender, &vrx_consent_schema, arrival->content, &context->arena, &consent));
    if (!vrx_municipality_code_equal(&consent.destination, &arrival->envelope->from))
        return vrx_refuse(VRX_QUERY_NOT_FOR_US, "consent.destination: who sends the notice");
    VRX_TRY(vrx_timely_consent(&consent, context->now));
    VRX_TRY(keep(context, arrival, &consent));
    VRX_TRY(stop_waiting(context, arrival, consent.id));
    VRX_TRY(vrx_certificate_in_hasten(
        context->tenant, &arrival->envelope->from, consent.id, context->now));
    atomic_store(&context->slot->certificates_due, context->now);
    vrx_context_in_dossier(context, &arrival->envelope->from, consent.id);
    return vrx_ok();
}

/* ---- the destination ---- */

static size_t items_of(unsigned bits, uint64_t items[VRX_ITEM_LAST]) {
    size_t count = 0;
    for (uint64_t item = VRX_ITEM_DOSE; item <= VRX_ITEM_LAST; item++)
        if (bits & 1u << item)
            items[count++] = item;
    return count;
}

static struct vrx_result transfer_covered(struct vrx_context *context,
    const struct vrx_consent *consent, const struct vrx_transfer_out *transfer) {
    uint64_t items[VRX_ITEM_LAST];
    struct vrx_consent_use use = {
        .destination = &context->slot->code,
        .origin = &transfer->origin,
        .subject = consent->subject,
        .purpose = consent->purpose,
        .items = items,
        .item_count = items_of(transfer->items, items),
        .time = transfer->created_at,
    };
    return vrx_consent_covers(consent, &use);
}

struct vrx_result vrx_exchange_transfer_stands(
    struct vrx_context *context, const struct vrx_transfer_out *transfer) {
    struct vrx_consent_record record;
    struct vrx_consent consent;
    if (!transfer->has_consent)
        return vrx_ok();
    VRX_TRY(
        vrx_consent_record_get(context->tenant, &context->arena, transfer->consent_id, &record));
    if (record.state == VRX_CONSENT_RECORD_REVOKED)
        return vrx_refuse(VRX_CONSENT_REVOKED, "consent.status");
    if (vrx_view_equal(record.present, record.object))
        return vrx_ok(); /* as it was when the query was made of it */
    VRX_TRY(vrx_signer_verify(
        context->tenant, &vrx_consent_schema, record.present, &context->arena, &consent));
    return transfer_covered(context, &consent, transfer);
}

struct vrx_result vrx_exchange_notice_id(struct vrx_view signed_consent, uint8_t ret_id[VRX_ID]) {
    uint8_t digest[VRX_DIGEST];
    VRX_TRY(vrx_sha256(signed_consent, digest));
    memcpy(ret_id, digest, VRX_ID);
    return vrx_ok();
}

/* Who is in the directory no more, or has no key there, cannot be told; the consent changes all the
 * same, and the ledger says so. */
static bool cannot_be_told(enum vrx_reason reason) {
    return reason == VRX_SENDER_UNKNOWN || reason == VRX_SENDER_NOT_CURRENT ||
           reason == VRX_DIRECTORY_EXPIRED || reason == VRX_KEY_NOT_IN_FORCE;
}

static struct vrx_result tell(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_municipality_code *origin, struct vrx_view signed_consent, int64_t resident) {
    struct vrx_outgoing message = {
        .key = {.to = *origin, .kind = VRX_ENVELOPE_CONSENT_NOTICE},
        .resident = resident,
        .content = signed_consent,
    };
    VRX_TRY(vrx_exchange_notice_id(signed_consent, message.key.id));
    struct vrx_result sent = vrx_exchange_send(context, law, &message);
    if (!cannot_be_told(sent.reason))
        return sent;
    return vrx_context_record(context, "exchange/consent-notice", VRX_EXCHANGE_PURPOSE,
        &context->audit, sent.reason, NULL);
}

static bool is_among(const struct vrx_municipality_code *codes, size_t count,
    const struct vrx_municipality_code *code) {
    for (size_t i = 0; i < count; i++)
        if (vrx_municipality_code_equal(&codes[i], code))
            return true;
    return false;
}

/* Whoever was asked under the consent, for doses or for a certificate, once. */
static struct vrx_result find_asked(struct vrx_context *context, const uint8_t consent_id[VRX_ID],
    struct vrx_municipality_code **ret_codes, size_t *ret_count) {
    struct vrx_municipality_code *origins = NULL;
    struct vrx_certificate_out *asked = NULL;
    size_t count = 0;
    size_t asked_count = 0;
    VRX_TRY(vrx_transfer_out_asked_under(
        context->tenant, &context->arena, consent_id, &origins, &count));
    VRX_TRY(vrx_certificate_out_list_under(
        context->tenant, &context->arena, consent_id, &asked, &asked_count));
    struct vrx_municipality_code *codes =
        vrx_arena_alloc_array(&context->arena, count + asked_count + 1, sizeof *codes);
    if (!codes)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        codes[i] = origins[i];
    for (size_t i = 0; i < asked_count; i++)
        if (!is_among(codes, count, &asked[i].origin))
            codes[count++] = asked[i].origin;
    *ret_codes = codes;
    *ret_count = count;
    return vrx_ok();
}

static struct vrx_result tell_all(struct vrx_context *context, const uint8_t consent_id[VRX_ID],
    struct vrx_view signed_consent, int64_t resident) {
    struct vrx_municipality_code *origins = NULL;
    size_t count = 0;
    VRX_TRY(find_asked(context, consent_id, &origins, &count));
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    struct vrx_result result = vrx_ok();
    for (size_t i = 0; vrx_is_ok(result) && i < count; i++)
        result = tell(context, law, &origins[i], signed_consent, resident);
    vrx_law_release(context->daemon->law, law);
    return result;
}

struct vrx_result vrx_exchange_consent_changed(struct vrx_context *context,
    const struct vrx_consent *consent, struct vrx_view signed_consent, int64_t resident) {
    struct vrx_transfer_out *transfers = NULL;
    size_t count = 0;
    const struct vrx_audit_facts own = context->audit;
    VRX_TRY(tell_all(context, consent->id, signed_consent, resident));
    VRX_TRY(vrx_transfer_out_list_under(
        context->tenant, &context->arena, consent->id, &transfers, &count));
    for (size_t i = 0; i < count; i++) {
        struct vrx_result covered = transfer_covered(context, consent, &transfers[i]);
        if (vrx_is_ok(covered))
            continue;
        VRX_TRY(vrx_transfer_out_deny(context->tenant, transfers[i].query_id, covered.reason,
            vrx_view_text(covered.clause), context->now));
        vrx_context_in_dossier(context, NULL, transfers[i].query_id);
        VRX_TRY(vrx_exchange_record_end(context, covered.reason));
    }
    VRX_TRY(vrx_elsewhere_consent_changed(context, consent));
    context->audit = own;
    return vrx_ok();
}
