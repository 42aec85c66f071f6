/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the seeds of fuzz_arrivals: what the messages of real transfers say, each as it left.
 *
 *     build/dev/tests/make_arrival_seeds tests/fuzz/seeds/arrivals
 */
#include <stdio.h>
#include <stdlib.h>

#include "cose/sign1.h"
#include "dispatch/signed.h"
#include "exchange/handlers.h"
#include "exchange/steps.h"
#include "files/files.h"
#include "keyring/keys.h"
#include "support/arrival_seed.h"
#include "support/exchange_world.h"
#include "unit/exchange/corrections.h"

static const char *folder;

static void write(const char *name, enum arrival_kind kind, unsigned right, unsigned wrong,
    struct vrx_view content) {
    struct vrx_buffer seed VRX_CLEANUP(vrx_buffer_done) = {0};
    const uint8_t head[ARRIVAL_HEAD] = {(uint8_t)kind, (uint8_t)right, (uint8_t)wrong};
    char path[512];
    assert_ok(vrx_buffer_append(&seed, vrx_view_of(head, sizeof head)));
    assert_ok(vrx_buffer_append(&seed, content));
    assert_true((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path);
    assert_ok(vrx_file_replace(path, 0644, vrx_buffer_view(&seed)));
}

#define ALL_RIGHT \
    (ARRIVAL_RIGHT_IDS | ARRIVAL_RIGHT_TIE | ARRIVAL_RIGHT_TIME | ARRIVAL_RIGHT_GROUNDS)

/* Of a signed message. */
static void write_signed(const char *name, enum arrival_kind kind, struct vrx_view message) {
    struct vrx_sign1 parts;
    assert_ok(vrx_sign1_parse(message, &parts));
    write(name, kind, ALL_RIGHT, 0, parts.payload);
}

/* Of an envelope, opened by this town. */
static void write_sealed(
    const char *name, enum arrival_kind kind, struct vrx_view bytes, const struct world_town *by) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_envelope envelope;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_object_decode(&vrx_envelope_schema, bytes, &arena, &envelope));
    assert_ok(vrx_envelope_open(&envelope, by->keys->exchange, &content));
    write_signed(name, kind, vrx_buffer_view(&content));
}

static void write_query(struct exchange_world *world, const char *name) {
    write_sealed(
        name, ARRIVAL_QUERY, vrx_buffer_view(&world->envelope), &world->base.town[WORLD_SAPPORO]);
}

/* What Sapporo answers to the query in the envelope. */
static void answer(struct exchange_world *world, const char *name, enum arrival_kind kind) {
    assert_ok(arrive(world, WORLD_SAPPORO, vrx_buffer_view(&world->envelope)));
    write_sealed(name, kind, vrx_buffer_view(&world->reply), &world->base.town[WORLD_KASHIWA]);
}

static void take(struct exchange_world *world) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_buffer_append(&reply, vrx_buffer_view(&world->reply)));
    assert_ok(exchange_world_take(world, vrx_buffer_view(&reply)));
}

/* What is due at Kashiwa of this kind goes to Sapporo, and its receipt comes back. */
static void deliver(struct exchange_world *world, enum vrx_envelope_kind kind, const char *name,
    enum arrival_kind as, const char *acknowledgement) {
    struct vrx_sendings sendings = {0};
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    exchange_world_begin(world, WORLD_KASHIWA);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA, vrx_exchange_send_due(context, &sendings)));
    for (size_t i = 0; i < sendings.count; i++) {
        const struct vrx_view envelope = vrx_buffer_view(&sendings.items[i].envelope);
        if (sendings.items[i].kind != kind)
            continue;
        write_sealed(name, as, envelope, &world->base.town[WORLD_SAPPORO]);
        assert_ok(arrive(world, WORLD_SAPPORO, envelope));
        if (acknowledgement)
            write_sealed(acknowledgement, ARRIVAL_ACKNOWLEDGEMENT, vrx_buffer_view(&world->reply),
                &world->base.town[WORLD_KASHIWA]);
    }
    vrx_sendings_done(&sendings);
}

/* Who was sent nothing is told nothing. */
static void send(struct exchange_world *world) {
    struct vrx_sendings sendings = {0};
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    exchange_world_begin(world, WORLD_KASHIWA);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA, vrx_exchange_send_due(context, &sendings)));
    vrx_sendings_done(&sendings);
}

/* By Kashiwa's handlers: fewer items, or none at all. */
static void narrow(struct exchange_world *world, bool revoke) {
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    Vrx__V1__DataItem items[] = {VRX__V1__DATA_ITEM__DATA_ITEM_DOSE};
    Vrx__V1__NarrowConsentRequest in = VRX__V1__NARROW_CONSENT_REQUEST__INIT;
    Vrx__V1__NarrowConsentResponse out = VRX__V1__NARROW_CONSENT_RESPONSE__INIT;
    Vrx__V1__RevokeConsentRequest end = VRX__V1__REVOKE_CONSENT_REQUEST__INIT;
    Vrx__V1__RevokeConsentResponse ended = VRX__V1__REVOKE_CONSENT_RESPONSE__INIT;
    end.consent_id = in.consent_id = (ProtobufCBinaryData){VRX_ID, world->consent.id};
    in.n_items = 1;
    in.items = items;
    exchange_world_begin(world, WORLD_KASHIWA);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA,
        revoke ? vrx_exchange_revoke_consent(context, &end, &ended)
               : vrx_exchange_narrow_consent(context, &in, &out)));
}

static void notice(struct exchange_world *world, const char *name) {
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 1);
    write_sealed(name, ARRIVAL_CORRECTION, vrx_buffer_view(&notices.envelope[0]),
        &world->base.town[WORLD_KASHIWA]);
}

/* By who holds Kashiwa's keys. */
static void write_case(struct exchange_world *world) {
    exchange_world_sign(world);
    write_query(world, "query");
    write("query-as-it-is", ARRIVAL_BYTES_TO_ORIGIN, 0, 0, vrx_buffer_view(&world->envelope));
    write_signed("consent", ARRIVAL_CONSENT, vrx_buffer_view(&world->signed_consent));
    write_signed("evidence", ARRIVAL_EVIDENCE, vrx_buffer_view(&world->signed_evidence));
    world->query.deadline = world->query.asked_at - 1;
    exchange_world_sign(world);
    answer(world, "answer-denied", ARRIVAL_ANSWER);
}

/* Doses, receipted by both; then two corrections of one of them, and a second question. */
static void write_done(struct exchange_world *world) {
    assert_ok(exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2));
    answer(world, "answer-doses", ARRIVAL_ANSWER);
    write("answer-as-it-is", ARRIVAL_BYTES_TO_DESTINATION, 0, 0, vrx_buffer_view(&world->reply));
    take(world);
    deliver(world, VRX_ENVELOPE_RECEIPT, "receipt", ARRIVAL_RECEIPT, "acknowledgement");
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &(struct change){.lot = "FA7338"}));
    notice(world, "correction");
    assert_ok(clerk_marks(world, WORLD_SAPPORO, 3));
    notice(world, "withdrawal");
    assert_ok(exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2));
    write_query(world, "query-linkage");
}

/* Who is not there, or not for everybody: pending, and what becomes of that. */
static void write_pending(struct exchange_world *world) {
    assert_ok(exchange_world_request(world, WORLD_UNKNOWN, dose_and_lot, 2));
    answer(world, "answer-pending", ARRIVAL_ANSWER_PENDING);
    take(world);
    world->now += WORLD_PENDING_SECONDS;
    answer(world, "answer-no-record", ARRIVAL_ANSWER_PENDING);
    take(world);
    assert_ok(exchange_world_request(world, WORLD_TARO, dose_and_lot, 2));
    answer(world, "answer-pending", ARRIVAL_ANSWER_PENDING);
    take(world);
    send(world);
    narrow(world, false);
    deliver(world, VRX_ENVELOPE_CONSENT_NOTICE, "consent-narrowed", ARRIVAL_CONSENT_NOTICE, NULL);
    world->now++;
    narrow(world, true);
    deliver(world, VRX_ENVELOPE_CONSENT_NOTICE, "consent-withdrawn", ARRIVAL_CONSENT_NOTICE, NULL);
}

/* Wrong in the one way or the other. */
static void write_wrong(struct exchange_world *world) {
    static const struct {
        const char *name;
        unsigned right, wrong;
    } ways[] = {
        {"query-of-nobody", ALL_RIGHT & ~(unsigned)ARRIVAL_RIGHT_GROUNDS, 0},
        {"query-of-old", ALL_RIGHT & ~(unsigned)ARRIVAL_RIGHT_TIME, 0},
        {"query-wrong-signer", ALL_RIGHT, ARRIVAL_WRONG_SIGNER},
        {"query-wrong-receiver", ALL_RIGHT, ARRIVAL_WRONG_RECEIVER},
        {"query-wrong-id", ALL_RIGHT, ARRIVAL_WRONG_ID},
        {"query-wrong-sender", ALL_RIGHT, ARRIVAL_WRONG_SENDER},
    };
    struct vrx_sign1 parts;
    assert_ok(vrx_sign1_parse(vrx_buffer_view(&world->signed_query), &parts));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        write(ways[i].name, ARRIVAL_QUERY, ways[i].right, ways[i].wrong, parts.payload);
    write("nothing", ARRIVAL_RECEIPT, ALL_RIGHT, 0, (struct vrx_view){0});
}

int main(int argc, char **argv) {
    void *state = NULL;
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s SEED-FOLDER\n", argv[0]);
        return 2;
    }
    folder = argv[1];
    if (exchange_world_setup(&state) != 0)
        return 1;
    struct exchange_world *world = state;
    world->recorded = true;
    write_case(world);
    write_wrong(world);
    write_done(world);
    write_pending(world);
    return exchange_world_teardown(&state);
}
