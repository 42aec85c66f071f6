/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of correction notices: Hanako's two doses went from Sapporo to Kashiwa, a clerk of
 * Sapporo changes one, and what waits in Sapporo's outbox arrives at Kashiwa. A test that forges
 * takes the notice as a struct and has it signed and sealed by whomever.
 */
#ifndef VRX_TEST_EXCHANGE_CORRECTIONS_H
#define VRX_TEST_EXCHANGE_CORRECTIONS_H

#include <stdio.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "dispatch/signed.h"
#include "exchange/notices.h"
#include "exchange/steps.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "objects/correction_notice.h"
#include "records/handlers.h"
#include "rules/match.h"
#include "store/dose_received.h"
#include "store/dose_sent.h"
#include "store/review.h"
#include "support/exchange_world.h"

static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

/* As the engine does: the step and its entry in one transaction, the reply in world->reply. */
static inline struct vrx_result arrive(
    struct exchange_world *world, unsigned town, struct vrx_view envelope) {
    struct vrx_context *context = exchange_world_context(world, town);
    struct vrx_result decision;
    vrx_buffer_clear(&world->reply);
    exchange_world_begin(world, town);
    struct vrx_result result = vrx_exchange_receive(context, envelope, &world->reply, &decision);
    if (vrx_is_ok(result))
        assert_ok(vrx_exchange_record_receive(context, envelope, result, decision));
    return exchange_world_end(world, town, result);
}

/* Kashiwa asks, Sapporo answers into world->reply. */
static inline void ask(struct exchange_world *world) {
    assert_ok(exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2));
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    exchange_world_open_reply(world);
}

static inline void transfer(struct exchange_world *world) {
    ask(world);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
}

/* Hanako's dose of this number at a town, as it stands. */
static inline struct vrx_dose dose_of(
    struct exchange_world *world, unsigned town, uint64_t number) {
    struct vrx_dose *doses = NULL;
    const size_t count = exchange_world_history(world, town, WORLD_HANAKO, &doses);
    for (size_t i = 0; i < count; i++)
        if (doses[i].item.dose_number == number)
            return doses[i];
    return (struct vrx_dose){0};
}

/* What a clerk may change of a dose; 0 and NULL: as it is. */
struct change {
    struct vrx_date date;
    uint64_t product;
    uint64_t number;
    const char *lot;
    const char *venue;
};

static inline void text_of(struct vrx_view view, const char *given, char out[128]) {
    (void)snprintf(out, 128, "%.*s", given ? (int)strlen(given) : (int)view.len,
        given ? given : (const char *)view.ptr);
}

/* By the handler of Records.CorrectVaccination. */
static inline struct vrx_result clerk_corrects(
    struct exchange_world *world, unsigned town, uint64_t number, const struct change *change) {
    char date[16];
    char lot[128];
    char venue[128];
    char by[8];
    const struct vrx_dose dose = dose_of(world, town, number);
    assert_true(dose.id > 0);
    vrx_date_format(change->date.year ? change->date : dose.item.administered_on, date);
    text_of(dose.item.lot, change->lot, lot);
    text_of(dose.item.venue, change->venue, venue);
    (void)snprintf(by, sizeof by, "%s", dose.item.administered_by.digits);
    Vrx__V1__Dose message = VRX__V1__DOSE__INIT;
    message.dose_number = (uint32_t)(change->number ? change->number : dose.item.dose_number);
    message.product = (uint32_t)(change->product ? change->product : dose.item.product);
    message.administered_on = date;
    message.lot = lot;
    message.venue = venue;
    message.administered_by = by;
    Vrx__V1__CorrectVaccinationRequest in = VRX__V1__CORRECT_VACCINATION_REQUEST__INIT;
    in.dose_id = (uint64_t)dose.id;
    in.version = (uint32_t)dose.version;
    in.dose = &message;
    Vrx__V1__CorrectVaccinationResponse out = VRX__V1__CORRECT_VACCINATION_RESPONSE__INIT;
    struct vrx_context *context = exchange_world_context(world, town);
    exchange_world_begin(world, town);
    return exchange_world_end(world, town, vrx_records_correct_vaccination(context, &in, &out));
}

static inline struct vrx_result clerk_marks(
    struct exchange_world *world, unsigned town, uint64_t number) {
    const struct vrx_dose dose = dose_of(world, town, number);
    assert_true(dose.id > 0);
    Vrx__V1__MarkEnteredInErrorRequest in = VRX__V1__MARK_ENTERED_IN_ERROR_REQUEST__INIT;
    in.dose_id = (uint64_t)dose.id;
    in.version = (uint32_t)dose.version;
    Vrx__V1__MarkEnteredInErrorResponse out = VRX__V1__MARK_ENTERED_IN_ERROR_RESPONSE__INIT;
    struct vrx_context *context = exchange_world_context(world, town);
    exchange_world_begin(world, town);
    return exchange_world_end(world, town, vrx_records_mark_entered_in_error(context, &in, &out));
}

#define NOTICES_MAX 8

/* Notices as they leave: envelopes of their own. */
struct notices {
    size_t count;
    struct vrx_municipality_code to[NOTICES_MAX];
    struct vrx_buffer envelope[NOTICES_MAX];
    int64_t next; /* when Sapporo looks again */
};

static inline void notices_done(struct notices *notices) {
    for (size_t i = 0; i < notices->count; i++)
        vrx_buffer_done(&notices->envelope[i]);
}

/* A step of Sapporo's engine: the notices among what it sends. */
static inline struct notices send_notices(struct exchange_world *world) {
    struct notices notices = {0};
    struct vrx_sendings sendings = {0};
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(exchange_world_end(world, WORLD_SAPPORO, vrx_exchange_send_due(context, &sendings)));
    for (size_t i = 0; i < sendings.count; i++) {
        if (sendings.items[i].kind != VRX_ENVELOPE_CORRECTION_NOTICE)
            continue;
        assert_true(notices.count < NOTICES_MAX);
        notices.to[notices.count] = sendings.items[i].to;
        assert_ok(vrx_buffer_append(
            &notices.envelope[notices.count++], vrx_buffer_view(&sendings.items[i].envelope)));
    }
    notices.next = sendings.next;
    vrx_sendings_done(&sendings);
    return notices;
}

/* The one notice that waits arrives at Kashiwa. */
static inline void send_and_arrive(struct exchange_world *world) {
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 1);
    assert_ok(arrive(world, WORLD_KASHIWA, vrx_buffer_view(&notices.envelope[0])));
}

/* A notice as Kashiwa reads it; what it points to lives until the next step. */
static inline struct vrx_correction_notice open_notice(
    struct exchange_world *world, struct vrx_view envelope) {
    struct vrx_envelope routing;
    struct vrx_correction_notice notice;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {0};
    struct vrx_arena *arena = &world->context.arena;
    assert_ok(vrx_object_decode(&vrx_envelope_schema, envelope, arena, &routing));
    assert_int_equal(routing.kind, VRX_ENVELOPE_CORRECTION_NOTICE);
    assert_ok(
        vrx_envelope_open(&routing, world->base.town[WORLD_KASHIWA].keys->exchange, &content));
    assert_ok(vrx_entry_verify(&world->base.entry[WORLD_SAPPORO], &vrx_correction_notice_schema,
        vrx_buffer_view(&content), arena, &notice));
    assert_memory_equal(notice.id, routing.query_id, VRX_ID);
    return notice;
}

/* What became of the dose that Sapporo sent under this number. */
static inline struct vrx_dose_received received_of(
    struct exchange_world *world, const uint8_t as_sent[VRX_DIGEST]) {
    struct vrx_dose_received received;
    assert_ok(
        vrx_dose_received_get(world->tenant[WORLD_KASHIWA], world->query.id, as_sent, &received));
    return received;
}

/* Digest of Sapporo's dose of this number, by what was asked for. */
static inline void digest_as_sent(
    struct exchange_world *world, uint64_t number, uint8_t ret_digest[VRX_DIGEST]) {
    struct vrx_dose dose = dose_of(world, WORLD_SAPPORO, number);
    dose.item.venue = dose.item.physician = dose.item.ticket = (struct vrx_view){0};
    assert_ok(vrx_dose_item_digest(&dose.item, ret_digest));
}

/* A notice about the second dose of the answer that Kashiwa has, before it is signed: the third of
 * Hanako's, with another lot. */
struct forged {
    struct vrx_correction_notice notice;
    struct vrx_dose_item now;
    struct vrx_envelope routing;
    unsigned signed_by, sealed_to;
};

static inline void forge(struct exchange_world *world, struct forged *forged) {
    *forged = (struct forged){
        .notice = {.origin = world->base.town[WORLD_SAPPORO].code,
            .destination = world->base.town[WORLD_KASHIWA].code,
            .sequence = 1,
            .reason = VRX_CORRECTION_CORRECTED,
            .now = &forged->now,
            .now_count = 1,
            .corrected_at = world->now},
        .routing = {.kind = VRX_ENVELOPE_CORRECTION_NOTICE,
            .from = world->base.town[WORLD_SAPPORO].code,
            .to = world->base.town[WORLD_KASHIWA].code},
        .signed_by = WORLD_SAPPORO,
        .sealed_to = WORLD_KASHIWA,
    };
    struct vrx_correction_notice *notice = &forged->notice;
    assert_ok(vrx_random_fill(vrx_random_system(), notice->id, VRX_ID));
    memcpy(forged->routing.query_id, notice->id, VRX_ID);
    memcpy(notice->query_id, world->query.id, VRX_ID);
    memcpy(notice->answer_digest, exchange_world_transfer(world).answer_digest, VRX_DIGEST);
    digest_as_sent(world, 3, notice->as_sent);
    forged->now = (struct vrx_dose_item){
        .administered_by = world->base.town[WORLD_SAPPORO].code,
        .administered_on = {2021, 12, 1},
        .product = 1,
        .dose_number = 3,
        .lot = vrx_view_text("FA7338"),
    };
}

/* Signed, sealed, and arrived. */
static inline struct vrx_result arrive_forged(
    struct exchange_world *world, const struct forged *forged) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer object = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer envelope = {0};
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = NULL;
    const struct vrx_tenant_keys *keys = world->base.town[forged->signed_by].keys;
    assert_ok(vrx_object_sign(&vrx_correction_notice_schema, &forged->notice, keys->signing,
        vrx_view_of(keys->signing_kid, VRX_KID), &object));
    assert_ok(vrx_private_key_public(world->base.town[forged->sealed_to].keys->exchange, &key));
    assert_ok(vrx_envelope_seal(
        &forged->routing, vrx_buffer_view(&object), key, vrx_random_system(), &envelope));
    return arrive(world, WORLD_KASHIWA, vrx_buffer_view(&envelope));
}

/* Another notice of the same dose. */
static inline void forge_next(struct forged *forged) {
    assert_ok(vrx_random_fill(vrx_random_system(), forged->notice.id, VRX_ID));
    memcpy(forged->routing.query_id, forged->notice.id, VRX_ID);
    forged->notice.sequence++;
}

static inline void withdraw(struct forged *forged) {
    forged->notice.reason = VRX_CORRECTION_ENTERED_IN_ERROR;
    forged->notice.now_count = 0;
}

/* The state that Kashiwa keeps the notice in. */
static inline enum vrx_correction_state state_of(
    struct exchange_world *world, const struct forged *forged) {
    struct vrx_correction correction;
    assert_ok(vrx_correction_get(world->tenant[WORLD_KASHIWA], &world->context.arena,
        &forged->notice.origin, forged->notice.id, &correction));
    return correction.state;
}

#endif
