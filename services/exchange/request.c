/* SPDX-License-Identifier: Apache-2.0
 *
 * The destination asks: everything the origin will look at is looked at here first, then the query
 * is signed, sealed and stored; only then is anything sent.
 */
#include "exchange/request.h"

#include "crypto/hash.h"
#include "dispatch/message.h"
#include "dispatch/resident_key.h"
#include "dispatch/signed.h"
#include "exchange/elsewhere.h"
#include "exchange/engine.h"
#include "exchange/handlers.h"
#include "exchange/items.h"
#include "exchange/send.h"
#include "exchange/standing.h"
#include "objects/envelope.h"
#include "objects/query.h"
#include "rules/lawful.h"
#include "store/certificate_out.h"
#include "store/consent_record.h"
#include "store/dossier.h"
#include "store/evidence_record.h"
#include "store/linkage.h"

/* What the request rests on, as stored and as read. */
struct grounds {
    bool has_consent;
    struct vrx_consent_record consent_record;
    struct vrx_consent consent;
    bool has_evidence;
    struct vrx_evidence_record evidence_record;
    struct vrx_identity_evidence evidence;
    uint8_t subject_salt[VRX_DIGEST]; /* of the case: the origin needs it to know the subject */
    bool without_consent;             /* the permit that was found needs none */
};

/* The consent as it stands now: narrowed, or withdrawn. */
static struct vrx_result read_consent(
    struct vrx_context *context, struct vrx_view id, int64_t resident, struct grounds *grounds) {
    if (!id.len)
        return vrx_ok();
    struct vrx_consent_record *record = &grounds->consent_record;
    VRX_TRY(vrx_consent_record_get(context->tenant, &context->arena, id.ptr, record));
    if (record->resident != resident)
        return vrx_refuse(VRX_CONSENT_SCOPE, "consent: of this person");
    struct vrx_evidence_record rests_on;
    VRX_TRY(
        vrx_evidence_record_get(context->tenant, &context->arena, record->evidence_id, &rests_on));
    memcpy(grounds->subject_salt, rests_on.subject_salt, VRX_DIGEST);
    grounds->has_consent = true;
    return vrx_signer_verify(
        context->tenant, &vrx_consent_schema, record->present, &context->arena, &grounds->consent);
}

static struct vrx_result read_evidence(
    struct vrx_context *context, struct vrx_view id, int64_t resident, struct grounds *grounds) {
    if (!id.len)
        return vrx_ok();
    struct vrx_evidence_record *record = &grounds->evidence_record;
    const ProtobufCBinaryData bytes = {id.len, (uint8_t *)(uintptr_t)id.ptr}; /* only read */
    VRX_TRY(vrx_context_evidence(context, bytes, resident, record, &grounds->evidence));
    grounds->has_evidence = true;
    memcpy(grounds->subject_salt, record->subject_salt, VRX_DIGEST);
    return vrx_ok();
}

/* Finds the permit and applies the rules; *query is filled as far as they go. */
static struct vrx_result find_permit(struct vrx_context *context, const struct vrx_law *law,
    struct grounds *grounds, struct vrx_query *query) {
    const struct vrx_permit *permit = NULL;
    uint8_t nobody[VRX_DIGEST] = {0};
    const uint8_t *subject = grounds->has_evidence  ? grounds->evidence.subject
                             : grounds->has_consent ? grounds->consent.subject
                                                    : nobody;
    struct vrx_lawful_query lawful = {
        .purpose = (enum vrx_purpose)query->purpose,
        .asker = &query->asker,
        .asked = &query->asked,
        .items = query->items,
        .item_count = query->item_count,
        .subject = subject,
        .consent = grounds->has_consent ? &grounds->consent : NULL,
        .evidence = grounds->has_evidence ? &grounds->evidence : NULL,
        .asked_at = context->now,
    };
    VRX_TRY(vrx_lawful_find(&law->permits, &lawful, &permit));
    grounds->without_consent = !permit->consent_required;
    VRX_TRY(vrx_arena_copy(&context->arena, permit->id, &query->permit_id));
    return vrx_exchange_basis(context, query->permit_id, grounds->without_consent);
}

static struct vrx_result seal_query(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_query *query, struct vrx_view signed_query, struct vrx_buffer *out) {
    const struct vrx_directory_entry *asked = NULL;
    VRX_TRY(vrx_directory_find(&law->directory, &query->asked, context->now, &asked));
    struct vrx_envelope routing = {
        .kind = VRX_ENVELOPE_QUERY, .from = query->asker, .to = query->asked};
    memcpy(routing.query_id, query->id, VRX_ID);
    return vrx_exchange_seal(context, asked, &routing, signed_query, out);
}

static struct vrx_result store_query(struct vrx_context *context, const struct vrx_law *law,
    const struct grounds *grounds, const struct vrx_query *query, int64_t resident) {
    struct vrx_buffer signed_query VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer envelope VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_signer_sign(context->tenant, &vrx_query_schema, query, &signed_query));
    VRX_TRY(seal_query(context, law, query, vrx_buffer_view(&signed_query), &envelope));
    struct vrx_transfer_out transfer = {
        .origin = query->asked,
        .resident = resident,
        .has_consent = grounds->has_consent,
        .has_evidence = grounds->has_evidence,
        .without_consent = grounds->without_consent,
        .query = vrx_buffer_view(&envelope),
        .created_at = context->now,
        .deadline = query->deadline,
        .next_attempt_at = context->now,
    };
    for (size_t i = 0; i < query->item_count; i++)
        transfer.items |= 1u << query->items[i];
    memcpy(transfer.query_id, query->id, VRX_ID);
    memcpy(transfer.consent_id, grounds->consent_record.id, VRX_ID);
    memcpy(transfer.evidence_id, grounds->evidence_record.id, VRX_ID);
    VRX_TRY(vrx_sha256(vrx_buffer_view(&signed_query), transfer.query_digest));
    VRX_TRY(vrx_transfer_out_put(context->tenant, &transfer));
    VRX_TRY(vrx_exchange_note_law(context, law));
    return vrx_dossier_open(
        context->tenant, NULL, query->id, vrx_buffer_view(&signed_query), law->permits_digest);
}

/* By the outbox, with a row beside the application and an entry. */
static struct vrx_result send_query(struct vrx_context *context, const struct vrx_law *law,
    const struct grounds *grounds, const struct vrx_query *query, const struct vrx_asking *asking) {
    struct vrx_buffer signed_query VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_audit_facts facts = context->audit;
    VRX_TRY(vrx_signer_sign(context->tenant, &vrx_query_schema, query, &signed_query));
    struct vrx_outgoing message = {
        .key = {.to = query->asked, .kind = VRX_ENVELOPE_CERTIFICATE_QUERY},
        .resident = asking->resident->id,
        .content = vrx_buffer_view(&signed_query),
        .deadline = query->deadline,
    };
    struct vrx_certificate_out asked = {
        .resident = asking->resident->id,
        .origin = query->asked,
        .has_consent = grounds->has_consent,
        .created_at = context->now,
        .deadline = query->deadline,
    };
    memcpy(message.key.id, query->id, VRX_ID);
    memcpy(asked.query_id, query->id, VRX_ID);
    memcpy(asked.application_id, asking->application_id, VRX_ID);
    memcpy(asked.consent_id, grounds->consent_record.id, VRX_ID);
    VRX_TRY(vrx_sha256(message.content, asked.query_digest));
    VRX_TRY(vrx_certificate_out_put(context->tenant, &asked));
    VRX_TRY(vrx_exchange_send(context, law, &message));
    VRX_TRY(vrx_exchange_note_law(context, law));
    facts.has_commitment = true;
    memcpy(facts.commitment, asked.query_digest, VRX_DIGEST);
    return vrx_context_record(
        context, "exchange/certificate-asked", VRX_ELSEWHERE_PURPOSE, &facts, VRX_OK, NULL);
}

/* By the linkage code, where the origin has given one; the individual number then stays here. */
static struct vrx_result name_person(
    struct vrx_context *context, int64_t resident, struct vrx_query *query) {
    uint8_t code[VRX_LINKAGE_CODE];
    struct vrx_result known = vrx_linkage_kept(context->tenant, resident, &query->asked, code);
    if (vrx_is_ok(known))
        return vrx_arena_copy(
            &context->arena, vrx_view_of(code, sizeof code), &query->linkage_code);
    if (known.reason != VRX_NOT_FOUND)
        return known;
    VRX_TRY(
        vrx_resident_number(context->tenant, &context->arena, resident, &query->individual_number));
    if (!query->individual_number.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "query: the person has no individual number");
    return vrx_ok();
}

/* What is asked, by the law; everything but the id, the nonce and what only a stored query has. */
static struct vrx_result prepare(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_asking *asking, struct grounds *grounds, struct vrx_query *query) {
    int64_t resident = asking->resident->id;
    *query = (struct vrx_query){
        .asker = context->slot->code,
        .asked = asking->from,
        .purpose = asking->application.len ? VRX_PURPOSE_CERTIFICATE : VRX_PURPOSE_MOVER,
        .items = asking->items,
        .item_count = asking->item_count,
        .name = asking->resident->name,
        .birth_date = asking->resident->birth_date,
        .asked_at = context->now,
        .deadline = context->now + context->daemon->options.live.transfer_seconds,
        .application = asking->application,
    };
    if (asking->deadline && asking->deadline < query->deadline)
        query->deadline = asking->deadline;
    if (vrx_municipality_code_equal(&query->asked, &query->asker))
        return vrx_fail(VRX_INPUT_RANGE);
    VRX_TRY(read_consent(context, asking->consent_id, resident, grounds));
    VRX_TRY(read_evidence(context, asking->evidence_id, resident, grounds));
    VRX_TRY(find_permit(context, law, grounds, query));
    VRX_TRY(name_person(context, resident, query));
    query->consent = grounds->consent_record.present;
    query->evidence = grounds->evidence_record.object;
    memcpy(query->subject_salt, grounds->subject_salt, VRX_DIGEST);
    return vrx_ok();
}

struct vrx_result vrx_exchange_may_ask(
    struct vrx_context *context, const struct vrx_asking *asking) {
    struct grounds grounds = {0};
    struct vrx_query query;
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    struct vrx_result result = prepare(context, law, asking, &grounds, &query);
    vrx_law_release(context->daemon->law, law);
    return result;
}

static struct vrx_result ask(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_asking *asking, const uint8_t query_id[VRX_ID]) {
    struct grounds grounds = {0};
    struct vrx_query query;
    VRX_TRY(prepare(context, law, asking, &grounds, &query));
    memcpy(query.id, query_id, VRX_ID);
    VRX_TRY(vrx_random_fill(context->random, query.nonce, VRX_ID));
    return asking->application.len
               ? send_query(context, law, &grounds, &query, asking)
               : store_query(context, law, &grounds, &query, asking->resident->id);
}

struct vrx_result vrx_exchange_ask(
    struct vrx_context *context, const struct vrx_asking *asking, const uint8_t query_id[VRX_ID]) {
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    struct vrx_result result = ask(context, law, asking, query_id);
    vrx_law_release(context->daemon->law, law);
    if (vrx_is_ok(result) && !asking->application.len)
        vrx_context_in_dossier(context, NULL, query_id);
    return result;
}

/* Of an identifier that may be left out. */
static struct vrx_result optional_id(ProtobufCBinaryData id, struct vrx_view *ret_id) {
    if (id.len && id.len != VRX_ID)
        return vrx_fail(VRX_INPUT_RANGE);
    *ret_id = vrx_view_of(id.data, id.len);
    return vrx_ok();
}

struct vrx_result vrx_exchange_request_transfer(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__RequestTransferRequest *in = request;
    Vrx__V1__RequestTransferResponse *out = reply;
    struct vrx_municipality_code to;
    VRX_TRY(vrx_municipality_code_parse(vrx_view_text(in->to_municipality), &to));
    if (!vrx_municipality_code_equal(&to, &context->slot->code))
        return vrx_refuse(VRX_TERMINAL_TENANT, "the tenant comes from the terminal's certificate");
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    struct vrx_asking asking = {.resident = &resident};
    VRX_TRY(vrx_exchange_municipality(context, in->from_municipality, &asking.from));
    VRX_TRY(vrx_exchange_items(context, in->items, in->n_items, &asking.items, &asking.item_count));
    VRX_TRY(optional_id(in->consent_id, &asking.consent_id));
    VRX_TRY(optional_id(in->evidence_id, &asking.evidence_id));
    uint8_t query_id[VRX_ID];
    VRX_TRY(vrx_random_fill(context->random, query_id, VRX_ID));
    VRX_TRY(vrx_exchange_ask(context, &asking, query_id));
    return vrx_message_put_bytes(&context->arena, vrx_view_of(query_id, VRX_ID), &out->query_id);
}

void vrx_exchange_transfer_committed(struct vrx_context *context) {
    vrx_exchange_nudge(context->slot);
}
