/* SPDX-License-Identifier: Apache-2.0 */
#include "support/exchange_world.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "codes/individual_number.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "dispatch/signed.h"
#include "exchange/decide.h"
#include "exchange/handlers.h"
#include "exchange/steps.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "objects/subject.h"
#include "records/record_dose.h"
#include "store/resident.h"

static const struct {
    unsigned number;
    const char *addressee, *name;
    struct vrx_date birth_date;
} people[WORLD_PEOPLE] = {
    [WORLD_HANAKO] = {101, "101", "小野　花子", {1964, 8, 12}},
    [WORLD_TARO] = {102, "102", "東　太郎", {1979, 11, 3}},
    [WORLD_UNKNOWN] = {103, "103", "未知　三子", {1991, 1, 1}},
};

/* ---- steps ---- */

struct vrx_context *exchange_world_context(struct exchange_world *world, unsigned town) {
    struct vrx_context *context = &world->context;
    vrx_arena_done(&context->arena);
    *context = (struct vrx_context){
        .daemon = world->base.daemon,
        .slot = world->base.town[town].slot,
        .tenant = world->tenant[town],
        .random = vrx_random_system(),
        .now = world->now,
        .terminal_id = "peer",
        .operator_id = "tanaka",
    };
    vrx_arena_init(&context->arena, 0);
    if (world->recorded)
        memcpy(context->request_id, world->query.id, VRX_ID);
    return context;
}

static void run_sql(struct vrx_tenant *tenant, const char *sql) {
    assert_int_equal(sqlite3_exec(vrx_tenant_db(tenant), sql, NULL, NULL, NULL), SQLITE_OK);
}

static struct vrx_ledger_mark mark; /* of the transaction that is open; tests have one thread */

void exchange_world_begin(struct exchange_world *world, unsigned town) {
    struct vrx_tenant *tenant = world->tenant[town];
    world->changes = sqlite3_total_changes64(vrx_tenant_db(tenant));
    run_sql(tenant, "BEGIN IMMEDIATE");
    mark = vrx_ledger_mark(vrx_tenant_ledger(tenant));
}

struct vrx_result exchange_world_end(
    struct exchange_world *world, unsigned town, struct vrx_result result) {
    struct vrx_tenant *tenant = world->tenant[town];
    world->changes = sqlite3_total_changes64(vrx_tenant_db(tenant)) - world->changes;
    run_sql(tenant, vrx_is_ok(result) ? "COMMIT" : "ROLLBACK");
    if (!vrx_is_ok(result))
        vrx_ledger_rewind(vrx_tenant_ledger(tenant), &mark);
    return result;
}

void exchange_world_run(struct exchange_world *world, unsigned town, const char *sql) {
    run_sql(world->tenant[town], sql);
}

int64_t exchange_world_rows(struct exchange_world *world, unsigned town, const char *table) {
    char sql[64];
    sqlite3_stmt *count = NULL;
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    sqlite3 *db = vrx_tenant_db(world->tenant[town]);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &count, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(count), SQLITE_ROW);
    int64_t rows = sqlite3_column_int64(count, 0);
    (void)sqlite3_finalize(count);
    return rows;
}

/* ---- people ---- */

static void add_dose(struct exchange_world *world, unsigned town, int64_t resident,
    struct vrx_date date, uint64_t number, enum vrx_dose_source source) {
    struct vrx_dose recorded;
    struct vrx_dose dose = {
        .resident = resident,
        .item =
            {
                .administered_by =
                    world->base.town[source == VRX_DOSE_TRANSFER ? WORLD_KOFU : town].code,
                .administered_on = date,
                .product = 1,
                .dose_number = number,
                .lot = vrx_view_text("EW4811"),
                .venue = vrx_view_text("中央区民センター"),
                .physician = vrx_view_text("北　一郎"),
                .ticket = vrx_view_text("1234567890"),
            },
        .registered_at = world->now - WORLD_DAY,
        .provenance = {.source = source,
            .municipality = world->base.town[WORLD_KOFU].code,
            .digest = {1}},
    };
    assert_ok(vrx_record_dose(&world->context, "test", "test", &dose, &recorded));
}

static void add_person(struct exchange_world *world, unsigned town, unsigned person) {
    struct world_person *there = &world->person[person];
    struct vrx_resident resident = {
        .addressee = vrx_view_text(people[person].addressee),
        .name = vrx_view_text(there->name),
        .birth_date = there->birth_date,
    };
    assert_ok(vrx_resident_register(world->tenant[town], &resident, vrx_view_text(there->number),
        world->now, &there->resident[town]));
}

static void add_people(struct exchange_world *world) {
    for (unsigned i = 0; i < WORLD_PEOPLE; i++) {
        struct world_person *person = &world->person[i];
        (void)snprintf(person->number, sizeof person->number, "%011u", people[i].number);
        person->number[11] = vrx_individual_number_check_digit(person->number);
        person->name = people[i].name;
        person->birth_date = people[i].birth_date;
    }
    exchange_world_begin(world, WORLD_KASHIWA);
    for (unsigned i = 0; i < WORLD_PEOPLE; i++)
        add_person(world, WORLD_KASHIWA, i);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA, vrx_ok()));
    exchange_world_context(world, WORLD_SAPPORO);
    exchange_world_begin(world, WORLD_SAPPORO);
    add_person(world, WORLD_SAPPORO, WORLD_HANAKO);
    add_person(world, WORLD_SAPPORO, WORLD_TARO);
    int64_t hanako = world->person[WORLD_HANAKO].resident[WORLD_SAPPORO];
    int64_t taro = world->person[WORLD_TARO].resident[WORLD_SAPPORO];
    add_dose(world, WORLD_SAPPORO, hanako, (struct vrx_date){2021, 6, 1}, 1, VRX_DOSE_TRANSFER);
    add_dose(world, WORLD_SAPPORO, hanako, (struct vrx_date){2021, 7, 1}, 2, VRX_DOSE_OWN);
    add_dose(world, WORLD_SAPPORO, hanako, (struct vrx_date){2021, 12, 1}, 3, VRX_DOSE_IMPORT);
    add_dose(world, WORLD_SAPPORO, taro, (struct vrx_date){2021, 7, 2}, 1, VRX_DOSE_OWN);
    assert_ok(
        vrx_resident_set_protection(world->tenant[WORLD_SAPPORO], taro, true, false, world->now));
    assert_ok(exchange_world_end(world, WORLD_SAPPORO, vrx_ok()));
}

size_t exchange_world_history(
    struct exchange_world *world, unsigned town, unsigned person, struct vrx_dose **ret_doses) {
    size_t count = 0;
    struct vrx_context *context = exchange_world_context(world, town);
    assert_ok(vrx_dose_history(context->tenant, &context->arena,
        world->person[person].resident[town], VRX_DOSES_CURRENT, ret_doses, &count));
    return count;
}

/* ---- the case ---- */

void exchange_world_about(struct exchange_world *world, unsigned person) {
    struct world_person *who = &world->person[person];
    world->query.individual_number = vrx_view_text(who->number);
    world->query.name = vrx_view_text(who->name);
    world->query.birth_date = who->birth_date;
    assert_ok(vrx_subject_make(
        world->query.individual_number, world->query.subject_salt, world->evidence.subject));
    memcpy(world->consent.subject, world->evidence.subject, VRX_DIGEST);
}

void exchange_world_items(struct exchange_world *world, const uint64_t *items, size_t count) {
    memcpy(world->asked_items, items, count * sizeof *items);
    memcpy(world->consent_items, items, count * sizeof *items);
    world->query.item_count = count;
    world->consent.item_count = count;
}

static void draw(uint8_t *out, size_t len) {
    assert_ok(vrx_random_fill(vrx_random_system(), out, len));
}

void exchange_world_renew(struct exchange_world *world) {
    draw(world->query.id, VRX_ID);
    draw(world->query.nonce, VRX_ID);
    memcpy(world->routing.query_id, world->query.id, VRX_ID);
}

static void make_grounds(struct exchange_world *world) {
    const struct vrx_municipality_code kashiwa = world->base.town[WORLD_KASHIWA].code;
    world->document = (struct vrx_document_seen){.type = VRX_DOCUMENT_NUMBER_CARD};
    world->evidence = (struct vrx_identity_evidence){
        .municipality = kashiwa,
        .method = VRX_IDENTITY_CARD_SEEN,
        .documents = &world->document,
        .document_count = 1,
        .checked_at = world->now - 7200,
        .operator_id = vrx_view_text("tanaka"),
        .terminal_id = vrx_view_text("counter-1"),
        .purpose = VRX_PURPOSE_MOVER,
    };
    world->consent_origin = world->base.town[WORLD_SAPPORO].code;
    world->consent = (struct vrx_consent){
        .destination = kashiwa,
        .purpose = VRX_PURPOSE_MOVER,
        .origins = &world->consent_origin,
        .origin_count = 1,
        .items = world->consent_items,
        .given_at = world->now - 3600,
        .expires_at = world->now + 30 * WORLD_DAY,
        .form_number = vrx_view_text("K-17"),
        .revocable = true,
        .status = VRX_CONSENT_GRANTED,
        .status_since = world->now - 3600,
    };
    draw(world->evidence.id, VRX_ID);
    draw(world->consent.id, VRX_ID);
    memcpy(world->consent.evidence_id, world->evidence.id, VRX_ID);
}

static void make_case(struct exchange_world *world) {
    static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};
    const struct vrx_municipality_code kashiwa = world->base.town[WORLD_KASHIWA].code;
    const struct vrx_municipality_code sapporo = world->base.town[WORLD_SAPPORO].code;
    make_grounds(world);
    world->query = (struct vrx_query){
        .asker = kashiwa,
        .asked = sapporo,
        .purpose = VRX_PURPOSE_MOVER,
        .permit_id = world->base.permit.id,
        .items = world->asked_items,
        .asked_at = world->now - 60,
        .deadline = world->now - 60 + WORLD_TRANSFER_SECONDS,
    };
    world->routing =
        (struct vrx_envelope){.kind = VRX_ENVELOPE_QUERY, .from = kashiwa, .to = sapporo};
    draw(world->query.subject_salt, VRX_DIGEST);
    world->with_consent = world->with_evidence = true;
    world->consent_by = world->evidence_by = world->query_by = WORLD_KASHIWA;
    world->sealed_to = WORLD_SAPPORO;
    exchange_world_items(world, dose_and_lot, 2);
    exchange_world_about(world, WORLD_HANAKO);
    exchange_world_renew(world);
}

static void sign(const struct exchange_world *world, unsigned by,
    const struct vrx_object_schema *schema, const void *object, struct vrx_buffer *out) {
    const struct vrx_tenant_keys *keys = world->base.town[by].keys;
    vrx_buffer_clear(out);
    assert_ok(vrx_object_sign(
        schema, object, keys->signing, vrx_view_of(keys->signing_kid, VRX_KID), out));
}

static void seal(const struct exchange_world *world, unsigned sealed_to,
    const struct vrx_envelope *routing, struct vrx_view content, struct vrx_buffer *out) {
    struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
    assert_ok(vrx_private_key_public(world->base.town[sealed_to].keys->exchange, &key));
    vrx_buffer_clear(out);
    assert_ok(vrx_envelope_seal(routing, content, key, vrx_random_system(), out));
}

void exchange_world_sign(struct exchange_world *world) {
    sign(world, world->evidence_by, &vrx_identity_evidence_schema, &world->evidence,
        &world->signed_evidence);
    sign(world, world->consent_by, &vrx_consent_schema, &world->consent, &world->signed_consent);
    const struct vrx_view none = {0};
    world->query.evidence = world->with_evidence ? vrx_buffer_view(&world->signed_evidence) : none;
    world->query.consent = world->with_consent ? vrx_buffer_view(&world->signed_consent) : none;
    sign(world, world->query_by, &vrx_query_schema, &world->query, &world->signed_query);
    seal(world, world->sealed_to, &world->routing, vrx_buffer_view(&world->signed_query),
        &world->envelope);
}

struct vrx_result exchange_world_deliver(struct exchange_world *world, struct vrx_view envelope) {
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    vrx_buffer_clear(&world->reply);
    exchange_world_begin(world, WORLD_SAPPORO);
    struct vrx_result result =
        vrx_exchange_receive_query(context, envelope, &world->reply, &world->decision);
    if (world->recorded && vrx_is_ok(result))
        assert_ok(vrx_exchange_record_query(context, result, world->decision));
    return exchange_world_end(world, WORLD_SAPPORO, result);
}

void exchange_world_open_reply(struct exchange_world *world) {
    const struct world_town *kashiwa = &world->base.town[WORLD_KASHIWA];
    struct vrx_arena *arena = &world->context.arena;
    struct vrx_envelope routing;
    uint8_t digest[VRX_DIGEST];
    assert_ok(
        vrx_object_decode(&vrx_envelope_schema, vrx_buffer_view(&world->reply), arena, &routing));
    assert_int_equal(routing.kind, VRX_ENVELOPE_ANSWER);
    assert_string_equal(routing.from.digits, world->base.town[WORLD_SAPPORO].code.digits);
    assert_string_equal(routing.to.digits, kashiwa->code.digits);
    assert_memory_equal(routing.query_id, world->query.id, VRX_ID);
    vrx_buffer_clear(&world->signed_answer);
    assert_ok(vrx_envelope_open(&routing, kashiwa->keys->exchange, &world->signed_answer));
    assert_ok(vrx_entry_verify(&world->base.entry[WORLD_SAPPORO], &vrx_answer_schema,
        vrx_buffer_view(&world->signed_answer), arena, &world->answer));
    assert_memory_equal(world->answer.query_id, world->query.id, VRX_ID);
    assert_ok(vrx_sha256(vrx_buffer_view(&world->signed_query), digest));
    assert_memory_equal(world->answer.query_digest, digest, VRX_DIGEST);
    assert_string_equal(world->answer.destination.digits, kashiwa->code.digits);
}

struct vrx_result exchange_world_ask(struct exchange_world *world) {
    exchange_world_sign(world);
    VRX_TRY(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    exchange_world_open_reply(world);
    return vrx_ok();
}

/* ---- Kashiwa's own handlers ---- */

static ProtobufCBinaryData binary(uint8_t *bytes, size_t len) {
    return (ProtobufCBinaryData){len, bytes};
}

/* The entry of a call, which dispatch would write. */
static struct vrx_result call_entry(
    const struct exchange_world *world, struct vrx_context *context, const char *method) {
    if (world->recorded)
        VRX_TRY(vrx_context_record(
            context, method, VRX_EXCHANGE_PURPOSE, &context->audit, VRX_OK, NULL));
    context->audit = (struct vrx_audit_facts){0};
    return vrx_ok();
}

static struct vrx_result record_evidence(struct exchange_world *world, Vrx__V1__ResidentKey *key,
    struct vrx_context *context, uint8_t ret_id[VRX_ID]) {
    Vrx__V1__DocumentSeen document = VRX__V1__DOCUMENT_SEEN__INIT;
    document.type = VRX__V1__DOCUMENT_TYPE__DOCUMENT_TYPE_NUMBER_CARD;
    document.number = (char *)(uintptr_t) "A1234567";
    Vrx__V1__DocumentSeen *documents[] = {&document};
    Vrx__V1__RecordIdentityEvidenceRequest in = VRX__V1__RECORD_IDENTITY_EVIDENCE_REQUEST__INIT;
    in.resident = key;
    in.method = VRX__V1__IDENTITY_METHOD__IDENTITY_METHOD_CARD_SEEN;
    in.n_documents = 1;
    in.documents = documents;
    in.purpose = VRX__V1__PURPOSE__PURPOSE_MOVER;
    Vrx__V1__RecordIdentityEvidenceResponse out = VRX__V1__RECORD_IDENTITY_EVIDENCE_RESPONSE__INIT;
    VRX_TRY(vrx_exchange_record_evidence(context, &in, &out));
    memcpy(ret_id, out.evidence_id.data, VRX_ID);
    return call_entry(world, context, "vrx.v1.Exchange/RecordIdentityEvidence");
}

static struct vrx_result grant_consent(Vrx__V1__ResidentKey *key, struct vrx_context *context,
    uint8_t evidence_id[VRX_ID], const Vrx__V1__DataItem *items, size_t count,
    uint8_t ret_id[VRX_ID]) {
    uint8_t form[VRX_DIGEST] = {1};
    char *origins[] = {(char *)(uintptr_t) "011002"};
    Vrx__V1__DataItem granted[VRX_ITEM_LAST];
    memcpy(granted, items, count * sizeof *items);
    Vrx__V1__GrantConsentRequest in = VRX__V1__GRANT_CONSENT_REQUEST__INIT;
    in.resident = key;
    in.evidence_id = binary(evidence_id, VRX_ID);
    in.n_origins = 1;
    in.origins = origins;
    in.n_items = count;
    in.items = granted;
    in.form_number = (char *)(uintptr_t) "K-17";
    in.form_digest = binary(form, VRX_DIGEST);
    in.valid_days = 30;
    Vrx__V1__GrantConsentResponse out = VRX__V1__GRANT_CONSENT_RESPONSE__INIT;
    VRX_TRY(vrx_exchange_grant_consent(context, &in, &out));
    memcpy(ret_id, out.consent_id.data, VRX_ID);
    return vrx_ok();
}

static struct vrx_result take_down_grounds(struct exchange_world *world,
    struct vrx_context *context, unsigned person, const Vrx__V1__DataItem *items, size_t count) {
    Vrx__V1__ResidentKey key = VRX__V1__RESIDENT_KEY__INIT;
    key.key_case = VRX__V1__RESIDENT_KEY__KEY_INDIVIDUAL_NUMBER;
    key.individual_number = world->person[person].number;
    VRX_TRY(record_evidence(world, &key, context, world->evidence.id));
    VRX_TRY(grant_consent(&key, context, world->evidence.id, items, count, world->consent.id));
    return call_entry(world, context, "vrx.v1.Exchange/GrantConsent");
}

struct vrx_result exchange_world_grounds(
    struct exchange_world *world, unsigned person, const uint64_t *items, size_t count) {
    Vrx__V1__DataItem asked[VRX_ITEM_LAST];
    for (size_t i = 0; i < count; i++)
        asked[i] = (Vrx__V1__DataItem)items[i];
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    exchange_world_begin(world, WORLD_KASHIWA);
    return exchange_world_end(
        world, WORLD_KASHIWA, take_down_grounds(world, context, person, asked, count));
}

static struct vrx_result request(struct exchange_world *world, struct vrx_context *context,
    unsigned person, const Vrx__V1__DataItem *items, size_t count) {
    Vrx__V1__ResidentKey key = VRX__V1__RESIDENT_KEY__INIT;
    key.key_case = VRX__V1__RESIDENT_KEY__KEY_INDIVIDUAL_NUMBER;
    key.individual_number = world->person[person].number;
    Vrx__V1__DataItem asked[VRX_ITEM_LAST];
    memcpy(asked, items, count * sizeof *items);
    VRX_TRY(take_down_grounds(world, context, person, items, count));
    Vrx__V1__RequestTransferRequest in = VRX__V1__REQUEST_TRANSFER_REQUEST__INIT;
    in.resident = &key;
    in.from_municipality = (char *)(uintptr_t) "011002";
    in.to_municipality = (char *)(uintptr_t) "122173";
    in.consent_id = binary(world->consent.id, world->without_consent ? 0 : VRX_ID);
    in.evidence_id = binary(world->evidence.id, world->with_evidence ? VRX_ID : 0);
    in.n_items = count;
    in.items = asked;
    Vrx__V1__RequestTransferResponse out = VRX__V1__REQUEST_TRANSFER_RESPONSE__INIT;
    VRX_TRY(vrx_exchange_request_transfer(context, &in, &out));
    memcpy(world->query.id, out.query_id.data, VRX_ID);
    return call_entry(world, context, "vrx.v1.Exchange/RequestTransfer");
}

struct vrx_result exchange_world_request(
    struct exchange_world *world, unsigned person, const uint64_t *items, size_t count) {
    Vrx__V1__DataItem asked[VRX_ITEM_LAST];
    for (size_t i = 0; i < count; i++)
        asked[i] = (Vrx__V1__DataItem)items[i];
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    exchange_world_begin(world, WORLD_KASHIWA);
    VRX_TRY(
        exchange_world_end(world, WORLD_KASHIWA, request(world, context, person, asked, count)));
    vrx_buffer_clear(&world->envelope);
    vrx_buffer_clear(&world->signed_query);
    assert_ok(vrx_buffer_append(&world->envelope, exchange_world_transfer(world).query));
    struct vrx_envelope envelope;
    assert_ok(vrx_object_decode(
        &vrx_envelope_schema, vrx_buffer_view(&world->envelope), &world->context.arena, &envelope));
    assert_ok(vrx_envelope_open(
        &envelope, world->base.town[WORLD_SAPPORO].keys->exchange, &world->signed_query));
    return vrx_ok();
}

struct vrx_transfer_out exchange_world_transfer(struct exchange_world *world) {
    struct vrx_transfer_out transfer;
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    assert_ok(vrx_transfer_out_get(context->tenant, &context->arena, world->query.id, &transfer));
    return transfer;
}

struct vrx_result exchange_world_take(struct exchange_world *world, struct vrx_view envelope) {
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    exchange_world_begin(world, WORLD_KASHIWA);
    struct vrx_result result = vrx_exchange_receive_answer(context, envelope);
    if (world->recorded && vrx_is_ok(result))
        assert_ok(vrx_exchange_record_answer(context, result));
    return exchange_world_end(world, WORLD_KASHIWA, result);
}

/* ---- Sapporo, dishonest ---- */

void exchange_world_answer(
    struct exchange_world *world, struct vrx_answer *ret_answer, struct vrx_dose_item doses[2]) {
    const struct vrx_municipality_code sapporo = world->base.town[WORLD_SAPPORO].code;
    for (unsigned i = 0; i < 2; i++)
        doses[i] = (struct vrx_dose_item){
            .administered_by = sapporo,
            .administered_on = {2021, (uint8_t)(7 + i), 5},
            .product = 1,
            .dose_number = i + 1,
            .lot = vrx_view_text("EW4811"),
        };
    *ret_answer = (struct vrx_answer){
        .origin = sapporo,
        .destination = world->base.town[WORLD_KASHIWA].code,
        .outcome = VRX_ANSWER_DOSES,
        .permit_id = world->base.permit.id,
        .doses = doses,
        .dose_count = 2,
        .answered_at = world->now,
    };
    memcpy(ret_answer->query_id, world->query.id, VRX_ID);
    assert_ok(vrx_sha256(vrx_buffer_view(&world->signed_query), ret_answer->query_digest));
}

void exchange_world_seal(struct exchange_world *world, const struct vrx_answer *answer,
    unsigned signed_by, unsigned sealed_to) {
    struct vrx_envelope routing = {
        .kind = VRX_ENVELOPE_ANSWER, .from = answer->origin, .to = answer->destination};
    memcpy(routing.query_id, answer->query_id, VRX_ID);
    sign(world, signed_by, &vrx_answer_schema, answer, &world->signed_answer);
    seal(world, sealed_to, &routing, vrx_buffer_view(&world->signed_answer), &world->reply);
}

/* ---- set-up ---- */

int exchange_world_setup(void **state) {
    return exchange_world_setup_at(state, WORLD_NOW);
}

int exchange_world_setup_at(void **state, int64_t now) {
    struct exchange_world *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    *state = world;
    world->now = now;
    daemon_world_init(&world->base, world->now);
    for (unsigned i = 0; i < WORLD_KOFU; i++)
        world->tenant[i] = daemon_world_open(&world->base.town[i], world->now);
    add_people(world);
    make_case(world);
    return 0;
}

int exchange_world_teardown(void **state) {
    struct exchange_world *world = *state;
    vrx_arena_done(&world->context.arena);
    for (unsigned i = 0; i < WORLD_KOFU; i++)
        vrx_tenant_close(&world->tenant[i]);
    daemon_world_done(&world->base);
    struct vrx_buffer *buffers[] = {&world->signed_evidence, &world->signed_consent,
        &world->signed_query, &world->envelope, &world->reply, &world->signed_answer};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        vrx_buffer_done(buffers[i]);
    free(world);
    return 0;
}
