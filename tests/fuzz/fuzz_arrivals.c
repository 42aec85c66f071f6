/* SPDX-License-Identifier: Apache-2.0
 *
 * What a municipality may be sent by another one that has the right keys and says what it likes:
 * the content of a message (support/arrival_seed.h), signed and sealed, arrives at a municipality
 * whose vault holds a transfer that is asked for, one that pends and one that is done. What is
 * refused is answered with nothing. What is taken is the object that it says it is, by the key of
 * whom it is from; nothing leaves without a consent, and nothing comes in that no answer said.
 * Every step is taken back, so that each input meets the same vaults.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cose/sign1.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "dispatch/signed.h"
#include "exchange/steps.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "objects/correction_notice.h"
#include "objects/receipt.h"
#include "objects/schema.h"
#include "rules/minimal.h"
#include "store/outbox.h"
#include "support/arrival_seed.h"
#include "support/exchange_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what) {
    if (holds)
        return;
    (void)fprintf(stderr, "fuzz_arrivals: %s\n", what);
    abort();
}

/* ---- the world, made once ---- */

/* A transfer as the tests know it: what its messages name. */
struct known {
    uint8_t query_id[VRX_ID];
    uint8_t query_digest[VRX_DIGEST];
    uint8_t answer_digest[VRX_DIGEST];
    uint8_t consent_id[VRX_ID];
};

static struct exchange_world *world;
static struct vrx_query honest; /* with its grounds, signed */
static struct known asked, pending, done;
static struct vrx_buffer pending_consent; /* signed */
static uint8_t table_digest[VRX_DIGEST];
static uint8_t receipt_digest[VRX_DIGEST]; /* of Kashiwa's, which waits for its acknowledgement */
static uint8_t dose_digest[VRX_DIGEST];    /* of a dose that went to Kashiwa */

static void remember(struct known *known) {
    memcpy(known->query_id, world->query.id, VRX_ID);
    memcpy(known->consent_id, world->consent.id, VRX_ID);
    assert_ok(vrx_sha256(vrx_buffer_view(&world->signed_query), known->query_digest));
}

/* Asked by Kashiwa's own handlers, answered by Sapporo, taken in. */
static void transfer(unsigned person, struct known *known) {
    static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};
    assert_ok(exchange_world_request(world, person, dose_and_lot, 2));
    remember(known);
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    exchange_world_open_reply(world);
    assert_ok(vrx_sha256(vrx_buffer_view(&world->signed_answer), known->answer_digest));
    memcpy(table_digest, world->answer.permit_table_digest, VRX_DIGEST);
    if (world->answer.outcome == VRX_ANSWER_DOSES)
        assert_ok(vrx_dose_item_digest(&world->answer.doses[1], dose_digest));
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
}

static void find_receipt(void) {
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    struct vrx_outbox_key key = {
        .to = world->base.town[WORLD_SAPPORO].code, .kind = VRX_ENVELOPE_RECEIPT};
    struct vrx_outbox_message message;
    memcpy(key.id, done.query_id, VRX_ID);
    assert_ok(vrx_outbox_get(context->tenant, &context->arena, &key, &message));
    memcpy(receipt_digest, message.digest, VRX_DIGEST);
}

static void keep_pending_consent(void) {
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    struct vrx_query query;
    assert_ok(vrx_entry_verify(&world->base.entry[WORLD_KASHIWA], &vrx_query_schema,
        vrx_buffer_view(&world->signed_query), &context->arena, &query));
    assert_ok(vrx_buffer_append(&pending_consent, query.consent));
}

static void end_world(void) {
    void *state = world;
    vrx_buffer_done(&pending_consent);
    exchange_world_teardown(&state);
}

static void begin_world(void) {
    static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};
    void *state = NULL;
    if (exchange_world_setup(&state) != 0)
        abort();
    world = state;
    (void)atexit(end_world);
    world->recorded = true;
    exchange_world_sign(world);
    honest = world->query;
    transfer(WORLD_TARO, &pending);
    keep_pending_consent();
    transfer(WORLD_HANAKO, &done);
    find_receipt();
    assert_ok(exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2));
    remember(&asked);
}

/* ---- what of a content is put right ---- */

struct arrival {
    enum arrival_kind kind;
    unsigned right, wrong;
    struct vrx_view input;
    struct vrx_arena arena;
    struct vrx_buffer content; /* as it is signed */
    union {
        struct vrx_query query;
        struct vrx_consent consent;
        struct vrx_identity_evidence evidence;
        struct vrx_answer answer;
        struct vrx_receipt receipt;
        struct vrx_correction_notice notice;
    } object;
};

static bool is_right(const struct arrival *arrival, enum arrival_right what) {
    return (arrival->right & what) != 0;
}

static struct vrx_municipality_code code(unsigned town) {
    return world->base.town[town].code;
}

static void right_query(struct arrival *arrival) {
    struct vrx_query *query = &arrival->object.query;
    if (is_right(arrival, ARRIVAL_RIGHT_IDS)) {
        query->asker = honest.asker;
        query->asked = honest.asked;
        memcpy(query->id, honest.id, VRX_ID);
        memcpy(query->nonce, honest.nonce, VRX_ID);
    }
    if (is_right(arrival, ARRIVAL_RIGHT_GROUNDS)) {
        query->consent = honest.consent;
        query->evidence = honest.evidence;
        query->name = honest.name;
        query->birth_date = honest.birth_date;
        memcpy(query->subject_salt, honest.subject_salt, VRX_DIGEST);
        if (query->individual_number.len)
            query->individual_number = honest.individual_number;
    }
    if (is_right(arrival, ARRIVAL_RIGHT_TIME)) {
        query->asked_at = honest.asked_at;
        query->deadline = honest.deadline;
    }
}

static void right_consent(struct arrival *arrival) {
    struct vrx_consent *consent = &arrival->object.consent;
    const bool notice = arrival->kind == ARRIVAL_CONSENT_NOTICE;
    if (is_right(arrival, ARRIVAL_RIGHT_IDS)) {
        consent->destination = code(WORLD_KASHIWA);
        memcpy(consent->id, notice ? pending.consent_id : world->consent.id, VRX_ID);
    }
    if (is_right(arrival, ARRIVAL_RIGHT_TIE) && notice) { /* the one that is known, narrower */
        struct vrx_consent known;
        struct vrx_sign1 parts;
        assert_ok(vrx_sign1_parse(vrx_buffer_view(&pending_consent), &parts));
        assert_ok(vrx_object_decode(&vrx_consent_schema, parts.payload, &arrival->arena, &known));
        known.expires_at = consent->expires_at;
        known.status = consent->status;
        known.status_since = consent->status_since;
        known.item_count = consent->item_count < known.item_count ? 1 : known.item_count;
        *consent = known;
    } else if (is_right(arrival, ARRIVAL_RIGHT_TIE)) {
        memcpy(consent->subject, world->consent.subject, VRX_DIGEST);
    }
    if (is_right(arrival, ARRIVAL_RIGHT_TIME)) {
        consent->status_since = world->now;
        if (!notice)
            consent->given_at = consent->status_since = honest.asked_at - 60;
        consent->expires_at = world->now + WORLD_DAY;
    }
}

static void right_evidence(struct arrival *arrival) {
    struct vrx_identity_evidence *evidence = &arrival->object.evidence;
    if (is_right(arrival, ARRIVAL_RIGHT_IDS))
        evidence->municipality = code(WORLD_KASHIWA);
    if (is_right(arrival, ARRIVAL_RIGHT_TIE))
        memcpy(evidence->subject, world->evidence.subject, VRX_DIGEST);
    if (is_right(arrival, ARRIVAL_RIGHT_TIME))
        evidence->checked_at = honest.asked_at - 60;
}

static void right_answer(struct arrival *arrival) {
    struct vrx_answer *answer = &arrival->object.answer;
    const struct known *known = arrival->kind == ARRIVAL_ANSWER ? &asked : &pending;
    if (is_right(arrival, ARRIVAL_RIGHT_IDS)) {
        answer->origin = code(WORLD_SAPPORO);
        answer->destination = code(WORLD_KASHIWA);
        memcpy(answer->query_id, known->query_id, VRX_ID);
    }
    if (is_right(arrival, ARRIVAL_RIGHT_TIE)) {
        memcpy(answer->query_digest, known->query_digest, VRX_DIGEST);
        memcpy(answer->permit_table_digest, table_digest, VRX_DIGEST);
    }
    if (is_right(arrival, ARRIVAL_RIGHT_TIME))
        answer->answered_at = world->now;
}

static void right_receipt(struct arrival *arrival) {
    struct vrx_receipt *receipt = &arrival->object.receipt;
    const bool ours = arrival->kind == ARRIVAL_RECEIPT;
    if (is_right(arrival, ARRIVAL_RIGHT_IDS)) {
        receipt->signer = code(ours ? WORLD_KASHIWA : WORLD_SAPPORO);
        receipt->sender = code(ours ? WORLD_SAPPORO : WORLD_KASHIWA);
        memcpy(receipt->id, done.query_id, VRX_ID);
    }
    if (is_right(arrival, ARRIVAL_RIGHT_TIE)) {
        memcpy(receipt->digest, ours ? done.answer_digest : receipt_digest, VRX_DIGEST);
        for (size_t i = 0; i < receipt->transfer_count; i++) {
            memcpy(receipt->transfer[i].query_digest, done.query_digest, VRX_DIGEST);
            memcpy(receipt->transfer[i].answer_digest, done.answer_digest, VRX_DIGEST);
            memcpy(receipt->transfer[i].permit_table_digest, table_digest, VRX_DIGEST);
        }
    }
    if (is_right(arrival, ARRIVAL_RIGHT_TIME))
        receipt->signed_at = world->now;
}

static void right_notice(struct arrival *arrival) {
    struct vrx_correction_notice *notice = &arrival->object.notice;
    if (is_right(arrival, ARRIVAL_RIGHT_IDS)) {
        notice->origin = code(WORLD_SAPPORO);
        notice->destination = code(WORLD_KASHIWA);
        memcpy(notice->query_id, done.query_id, VRX_ID);
    }
    if (is_right(arrival, ARRIVAL_RIGHT_TIE)) {
        memcpy(notice->answer_digest, done.answer_digest, VRX_DIGEST);
        memcpy(notice->as_sent, dose_digest, VRX_DIGEST);
    }
    if (is_right(arrival, ARRIVAL_RIGHT_TIME))
        notice->corrected_at = world->now;
}

/* ---- how each kind goes ---- */

static const struct way {
    const struct vrx_object_schema *schema; /* NULL: an envelope */
    void (*put_right)(struct arrival *arrival);
    enum vrx_envelope_kind kind;
    unsigned from, to;
} ways[ARRIVAL_KINDS] = {
    [ARRIVAL_QUERY] = {&vrx_query_schema, right_query, VRX_ENVELOPE_QUERY, WORLD_KASHIWA,
        WORLD_SAPPORO},
    [ARRIVAL_CONSENT] = {&vrx_consent_schema, right_consent, VRX_ENVELOPE_QUERY, WORLD_KASHIWA,
        WORLD_SAPPORO},
    [ARRIVAL_EVIDENCE] = {&vrx_identity_evidence_schema, right_evidence, VRX_ENVELOPE_QUERY,
        WORLD_KASHIWA, WORLD_SAPPORO},
    [ARRIVAL_ANSWER] = {&vrx_answer_schema, right_answer, VRX_ENVELOPE_ANSWER, WORLD_SAPPORO,
        WORLD_KASHIWA},
    [ARRIVAL_ANSWER_PENDING] = {&vrx_answer_schema, right_answer, VRX_ENVELOPE_ANSWER,
        WORLD_SAPPORO, WORLD_KASHIWA},
    [ARRIVAL_RECEIPT] = {&vrx_receipt_schema, right_receipt, VRX_ENVELOPE_RECEIPT, WORLD_KASHIWA,
        WORLD_SAPPORO},
    [ARRIVAL_ACKNOWLEDGEMENT] = {&vrx_receipt_schema, right_receipt, VRX_ENVELOPE_RECEIPT,
        WORLD_SAPPORO, WORLD_KASHIWA},
    [ARRIVAL_CONSENT_NOTICE] = {&vrx_consent_schema, right_consent, VRX_ENVELOPE_CONSENT_NOTICE,
        WORLD_KASHIWA, WORLD_SAPPORO},
    [ARRIVAL_CORRECTION] = {&vrx_correction_notice_schema, right_notice,
        VRX_ENVELOPE_CORRECTION_NOTICE, WORLD_SAPPORO, WORLD_KASHIWA},
    [ARRIVAL_BYTES_TO_ORIGIN] = {NULL, NULL, VRX_ENVELOPE_QUERY, WORLD_KASHIWA, WORLD_SAPPORO},
    [ARRIVAL_BYTES_TO_DESTINATION] = {NULL, NULL, VRX_ENVELOPE_ANSWER, WORLD_SAPPORO,
        WORLD_KASHIWA},
};

static void sign(unsigned by, const struct vrx_object_schema *schema, struct vrx_view encoding,
    struct vrx_buffer *out) {
    const struct vrx_tenant_keys *keys = world->base.town[by].keys;
    assert_ok(vrx_sign1_make(encoding, vrx_view_text(schema->name), keys->signing,
        vrx_view_of(keys->signing_kid, VRX_KID), out));
}

/* A consent or an identity check stands inside a query that is good otherwise. */
static void enclose(const struct arrival *arrival, unsigned by, struct vrx_buffer *signed_object) {
    struct vrx_query query = honest;
    struct vrx_buffer encoded VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_view inside = vrx_buffer_view(signed_object);
    if (inside.len > VRX_LIMIT_SIGNED_OBJECT)
        return;
    if (arrival->kind == ARRIVAL_CONSENT)
        query.consent = inside;
    else
        query.evidence = inside;
    assert_ok(vrx_object_encode(&vrx_query_schema, &query, &encoded));
    vrx_buffer_clear(signed_object);
    sign(by, &vrx_query_schema, vrx_buffer_view(&encoded), signed_object);
}

/* As its sender would know it; of what is new, as the content says. */
static const uint8_t *id_of(const struct arrival *arrival) {
    switch (arrival->kind) {
    case ARRIVAL_ANSWER:
        return asked.query_id;
    case ARRIVAL_ANSWER_PENDING:
        return pending.query_id;
    case ARRIVAL_RECEIPT:
    case ARRIVAL_ACKNOWLEDGEMENT:
        return done.query_id;
    case ARRIVAL_CORRECTION:
        return arrival->object.notice.id;
    default:
        return honest.id;
    }
}

static void make_envelope(struct arrival *arrival, struct vrx_buffer *out) {
    const struct way *way = &ways[arrival->kind];
    const unsigned by = arrival->wrong & ARRIVAL_WRONG_SIGNER ? WORLD_KOFU : way->from;
    const unsigned to = arrival->wrong & ARRIVAL_WRONG_RECEIVER ? WORLD_KOFU : way->to;
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *key = NULL;
    struct vrx_envelope routing = {.kind = way->kind,
        .from = code(arrival->wrong & ARRIVAL_WRONG_SENDER ? WORLD_KOFU : way->from),
        .to = code(way->to)};
    memcpy(routing.query_id, id_of(arrival), VRX_ID);
    routing.query_id[0] ^= arrival->wrong & ARRIVAL_WRONG_ID ? 1 : 0;
    sign(by, way->schema, vrx_buffer_view(&arrival->content), &content);
    if (arrival->kind == ARRIVAL_CONSENT || arrival->kind == ARRIVAL_EVIDENCE)
        enclose(arrival, way->from, &content);
    assert_ok(vrx_private_key_public(world->base.town[to].keys->exchange, &key));
    assert_ok(
        vrx_envelope_seal(&routing, vrx_buffer_view(&content), key, vrx_random_system(), out));
}

/* What is no object is signed as it is. Returns whether it is one. */
static bool make_content(struct arrival *arrival) {
    const struct way *way = &ways[arrival->kind];
    if (!vrx_is_ok(
            vrx_object_decode(way->schema, arrival->input, &arrival->arena, &arrival->object))) {
        memset(&arrival->object, 0, sizeof arrival->object);
        assert_ok(vrx_buffer_append(&arrival->content, arrival->input));
        return false;
    }
    way->put_right(arrival);
    assert_ok(vrx_object_encode(way->schema, &arrival->object, &arrival->content));
    return true;
}

/* ---- it arrives ---- */

static struct vrx_result accept(
    struct vrx_context *context, const struct arrival *arrival, struct vrx_view envelope) {
    struct vrx_sending sent = {.to = code(WORLD_SAPPORO),
        .kind =
            arrival->kind == ARRIVAL_ACKNOWLEDGEMENT ? VRX_ENVELOPE_RECEIPT : VRX_ENVELOPE_QUERY};
    memcpy(sent.query_id, id_of(arrival), VRX_ID);
    struct vrx_result result = vrx_exchange_accept(context, &sent, envelope);
    const struct vrx_result recorded = vrx_exchange_record_accept(context, &sent, result);
    require(vrx_is_ok(recorded), "no entry was written");
    return result;
}

static struct vrx_result receive(struct vrx_context *context, struct vrx_view envelope) {
    struct vrx_result result =
        vrx_exchange_receive(context, envelope, &world->reply, &world->decision);
    const struct vrx_result recorded =
        vrx_exchange_record_receive(context, envelope, result, world->decision);
    require(vrx_is_ok(recorded), "no entry was written");
    return result;
}

static bool is_accepted(enum arrival_kind kind) {
    return kind == ARRIVAL_ANSWER || kind == ARRIVAL_ANSWER_PENDING ||
           kind == ARRIVAL_ACKNOWLEDGEMENT || kind == ARRIVAL_BYTES_TO_DESTINATION;
}

/* ---- what must hold ---- */

static int64_t rows(const char *table) {
    return exchange_world_rows(world, WORLD_KASHIWA, table);
}

/* By the same query: a good one with its grounds, or one of an object inside. */
static void check_query(const struct arrival *arrival) {
    struct vrx_answer answer;
    struct vrx_envelope routing;
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct vrx_query *query =
        arrival->kind == ARRIVAL_QUERY ? &arrival->object.query : &honest;
    vrx_arena_init(&arena, 0);
    assert_ok(
        vrx_object_decode(&vrx_envelope_schema, vrx_buffer_view(&world->reply), &arena, &routing));
    assert_ok(
        vrx_envelope_open(&routing, world->base.town[WORLD_KASHIWA].keys->exchange, &content));
    assert_ok(vrx_entry_verify(&world->base.entry[WORLD_SAPPORO], &vrx_answer_schema,
        vrx_buffer_view(&content), &arena, &answer));
    require(vrx_is_ok(vrx_answer_check(&answer)), "an answer that contradicts itself");
    require(vrx_is_ok(vrx_minimal_check(&answer, query->items, query->item_count)),
        "more left than was asked for");
    if (answer.outcome == VRX_ANSWER_DENIED)
        return;
    require(vrx_view_equal(query->consent, honest.consent) &&
                vrx_view_equal(query->evidence, honest.evidence),
        "a query without good grounds was not denied");
    require(arrival->kind == ARRIVAL_QUERY || is_right(arrival, ARRIVAL_RIGHT_TIE),
        "a consent or an identity check of nobody served");
    require(!(arrival->wrong & ARRIVAL_WRONG_SIGNER), "another one's signature served");
}

static void check_answer(const struct arrival *arrival, int64_t doses_before) {
    const struct vrx_answer *answer = &arrival->object.answer;
    const int64_t came = rows("dose") + rows("review") - doses_before;
    const size_t said = answer->outcome == VRX_ANSWER_DOSES ? answer->dose_count : 0;
    require(vrx_is_ok(vrx_answer_check(answer)), "an answer that contradicts itself was taken");
    require(came >= 0 && (uint64_t)came <= said, "doses came that no answer said");
}

static void check_taken(const struct arrival *arrival, bool is_object, int64_t doses_before) {
    const bool enclosed = arrival->kind == ARRIVAL_CONSENT || arrival->kind == ARRIVAL_EVIDENCE;
    const unsigned elsewhere = ARRIVAL_WRONG_RECEIVER | ARRIVAL_WRONG_SENDER |
                               (enclosed ? 0u : (unsigned)ARRIVAL_WRONG_SIGNER);
    require(ways[arrival->kind].schema != NULL, "an envelope of another world was opened");
    require(is_object || enclosed, "what is no object was taken");
    require(
        !(arrival->wrong & elsewhere), "a message of another one, or to another one, was taken");
    if (arrival->kind == ARRIVAL_QUERY || enclosed)
        check_query(arrival);
    else if (arrival->kind == ARRIVAL_ANSWER || arrival->kind == ARRIVAL_ANSWER_PENDING)
        check_answer(arrival, doses_before);
    else
        require(rows("dose WHERE state = 1") + rows("review") <= doses_before + 1,
            "doses came by a notice");
    if (arrival->kind == ARRIVAL_ACKNOWLEDGEMENT)
        require(rows("outbox WHERE state = 2") == 1, "an acknowledgement that was not noted");
}

/* Whether it is taken. */
static bool arrive(struct arrival *arrival, struct vrx_view envelope, bool is_object) {
    const unsigned town = ways[arrival->kind].to;
    struct vrx_ledger *ledger = vrx_tenant_ledger(world->tenant[town]);
    const int64_t doses = rows("dose") + rows("review");
    const uint64_t entries = vrx_ledger_size(ledger);
    struct vrx_context *context = exchange_world_context(world, town);
    vrx_buffer_clear(&world->reply);
    world->decision = vrx_ok();
    exchange_world_begin(world, town);
    const struct vrx_result result = is_accepted(arrival->kind) ? accept(context, arrival, envelope)
                                                                : receive(context, envelope);
    require(vrx_ledger_size(ledger) > entries, "a message left no trace");
    if (vrx_is_ok(result))
        check_taken(arrival, is_object, doses);
    else
        require(world->reply.len == 0, "a refusal was answered");
    (void)exchange_world_end(world, town, vrx_fail(VRX_CANCELLED));
    require(vrx_ledger_size(ledger) == entries, "it was not taken back");
    return vrx_is_ok(result);
}

static bool run(enum arrival_kind kind, unsigned right, unsigned wrong, struct vrx_view input) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer envelope = {0};
    struct arrival arrival = {.kind = kind, .right = right, .wrong = wrong, .input = input};
    bool is_object = false;
    vrx_arena_init(&arrival.arena, 0);
    if (ways[kind].schema) {
        is_object = make_content(&arrival);
        make_envelope(&arrival, &envelope);
        input = vrx_buffer_view(&envelope);
    }
    const bool taken = arrive(&arrival, input, is_object);
    vrx_buffer_done(&arrival.content);
    vrx_arena_done(&arrival.arena);
    return taken;
}

/* The control: what is good is taken. */
static void begin_with_what_is_good(void) {
    struct vrx_buffer query VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_dose_item doses[2];
    struct vrx_answer said;
    exchange_world_answer(world, &said, doses);
    assert_ok(vrx_object_encode(&vrx_query_schema, &honest, &query));
    assert_ok(vrx_object_encode(&vrx_answer_schema, &said, &answer));
    require(run(ARRIVAL_QUERY, 0, 0, vrx_buffer_view(&query)) && vrx_is_ok(world->decision),
        "a good query is refused");
    require(run(ARRIVAL_ANSWER, 0, 0, vrx_buffer_view(&answer)), "a good answer is refused");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!world) {
        begin_world();
        begin_with_what_is_good();
    }
    if (size >= ARRIVAL_HEAD)
        run((enum arrival_kind)(data[0] % ARRIVAL_KINDS), data[1], data[2],
            vrx_view_of(data + ARRIVAL_HEAD, size - ARRIVAL_HEAD));
    return 0;
}
