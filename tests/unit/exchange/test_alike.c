/* SPDX-License-Identifier: Apache-2.0
 *
 * Whoever asks must not tell a protected person from one who is not there, not even by how long the
 * answer takes: for both the origin does the same, down to each statement to SQLite, each
 * signature, seal, HMAC and entry of the ledger, in the same order, whatever officers did
 * meanwhile. How long that takes is tests/fault/exchange's to measure.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/hash.h"
#include "exchange/approvals.h"
#include "exchange/steps.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "objects/codec.h"
#include "objects/subject.h"
#include "store/approval.h"
#include "store/resident.h"
#include "support/exchange_world.h"

/* ---- what is done, in its order ---- */

#define STEPS 512

struct work {
    const char *steps[STEPS]; /* texts of statements are the program's own */
    size_t count;
    bool on;
};

static struct work work;

static void note(const char *step) {
    if (!work.on)
        return;
    assert_true(work.count < STEPS);
    work.steps[work.count++] = step;
}

static int on_statement(unsigned event, void *context, void *statement, void *text) {
    (void)event;
    (void)context;
    (void)text;
    note(sqlite3_sql(statement)); /* the store keeps its statements as long as the vault is open */
    return 0;
}

/* Names that the linker gives. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#define WRAP(name, parameters, arguments) \
    struct vrx_result __real_##name parameters; \
    struct vrx_result __wrap_##name parameters; \
    struct vrx_result __wrap_##name parameters { \
        note(#name); \
        return __real_##name arguments; \
    }

WRAP(vrx_object_sign,
    (const struct vrx_object_schema *schema, const void *object, const struct vrx_private_key *key,
        struct vrx_view kid, struct vrx_buffer *out),
    (schema, object, key, kid, out))
WRAP(vrx_object_verify,
    (const struct vrx_object_schema *schema, struct vrx_view message,
        const struct vrx_public_key *key, struct vrx_arena *arena, void *ret_object),
    (schema, message, key, arena, ret_object))
WRAP(vrx_envelope_seal,
    (const struct vrx_envelope *routing, struct vrx_view content,
        const struct vrx_public_key *receiver, const struct vrx_random *random,
        struct vrx_buffer *out),
    (routing, content, receiver, random, out))
WRAP(vrx_envelope_open,
    (const struct vrx_envelope *envelope, const struct vrx_private_key *receiver,
        struct vrx_buffer *out),
    (envelope, receiver, out))
WRAP(vrx_hmac_sha256, (struct vrx_view key, struct vrx_view input, uint8_t ret_mac[VRX_SHA256]),
    (key, input, ret_mac))
WRAP(vrx_ledger_append, (struct vrx_ledger * ledger, struct vrx_view entry, uint64_t *ret_seq),
    (ledger, entry, ret_seq))
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* ---- whom is asked for, and what officers do ---- */

static void unknown_person(struct exchange_world *world) {
    exchange_world_about(world, WORLD_UNKNOWN);
}
static void protected_person(struct exchange_world *world) {
    exchange_world_about(world, WORLD_TARO);
}
static void other_birth_date(struct exchange_world *world) {
    world->query.birth_date.day++;
}
static void other_name(struct exchange_world *world) {
    world->query.name = vrx_view_text("大野　花子");
}
static void protected_with_other_name(struct exchange_world *world) {
    protected_person(world);
    world->query.name = vrx_view_text("南　太郎");
}
static void nobodys_number(struct exchange_world *world) {
    world->query.individual_number = vrx_view_text("123456789010");
    assert_ok(vrx_subject_make(
        world->query.individual_number, world->query.subject_salt, world->evidence.subject));
    memcpy(world->consent.subject, world->evidence.subject, VRX_DIGEST);
}
static void known_person(struct exchange_world *world) {
    (void)world;
}

static void nothing(struct exchange_world *world) {
    (void)world;
}

/* The one that waits. */
static struct vrx_approval waiting(struct exchange_world *world) {
    struct vrx_approval *approvals = NULL;
    size_t count = 0;
    assert_ok(vrx_approval_list(world->tenant[WORLD_SAPPORO], &world->context.arena, world->now,
        false, &approvals, &count));
    assert_int_equal(count, 1);
    return *approvals;
}

static const struct vrx_officer officer = {{(const uint8_t *)"sato", 4}, {(const uint8_t *)"0", 1}};

static void one_agrees(struct exchange_world *world) {
    enum vrx_approval_state reached;
    const uint8_t digest[VRX_DIGEST] = {1};
    struct vrx_approval approval = waiting(world);
    assert_ok(vrx_approval_agree(
        world->tenant[WORLD_SAPPORO], approval.id, &officer, digest, world->now, &reached));
}
static void one_refuses(struct exchange_world *world) {
    struct vrx_approval approval = waiting(world);
    assert_ok(vrx_approval_refuse(world->tenant[WORLD_SAPPORO], approval.id, &officer, world->now));
}
static void protection_goes(struct exchange_world *world) {
    assert_ok(vrx_resident_set_protection(world->tenant[WORLD_SAPPORO],
        world->person[WORLD_TARO].resident[WORLD_SAPPORO], false, false, world->now));
}

static const struct {
    const char *name;
    void (*about)(struct exchange_world *world);
    void (*meanwhile)(struct exchange_world *world);
} cases[] = {
    {"unknown", unknown_person, nothing},
    {"unknown, by a number that nobody can have", nobodys_number, nothing},
    {"another birth date", other_birth_date, nothing},
    {"another name", other_name, nothing},
    {"protected, another name", protected_with_other_name, nothing},
    {"protected, nobody looked", protected_person, nothing},
    {"protected, one agreed", protected_person, one_agrees},
    {"protected, refused", protected_person, one_refuses},
    {"no longer protected", protected_person, protection_goes},
    {"known: the control", known_person, nothing},
};
#define CASES (sizeof cases / sizeof *cases)
#define CONTROL (CASES - 1)

/* ---- what is seen, and what was done for it ---- */

enum { FIRST, BEFORE, AT, AFTER, MOMENTS };

struct seen {
    size_t length;
    uint64_t outcome;
    int64_t answered_at;
    int64_t changes;  /* rows written */
    uint64_t entries; /* of the ledger */
    struct work work;
};

static void receive(struct exchange_world *world, struct vrx_view envelope, struct seen *seen) {
    struct vrx_tenant *tenant = world->tenant[WORLD_SAPPORO];
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    vrx_buffer_clear(&world->reply);
    *seen = (struct seen){0};
    seen->entries = vrx_ledger_size(vrx_tenant_ledger(tenant));
    exchange_world_begin(world, WORLD_SAPPORO);
    work = (struct work){.on = true};
    struct vrx_result result =
        vrx_exchange_receive(context, envelope, &world->reply, &world->decision);
    assert_ok(vrx_exchange_record_receive(context, envelope, result, world->decision));
    work.on = false;
    assert_ok(exchange_world_end(world, WORLD_SAPPORO, result));
    seen->work = work;
    seen->changes = world->changes;
    seen->entries = vrx_ledger_size(vrx_tenant_ledger(tenant)) - seen->entries;
    seen->length = world->reply.len;
}

static void step(struct exchange_world *world, struct seen *seen) {
    receive(world, vrx_buffer_view(&world->envelope), seen);
    exchange_world_open_reply(world);
    seen->outcome = world->answer.outcome;
    seen->answered_at = world->answer.answered_at;
}

/* Whoever asks tells that the consent was withdrawn. */
static void withdraw(struct exchange_world *world, struct seen *seen) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer object = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer envelope = {0};
    struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
    const struct world_town *kashiwa = &world->base.town[WORLD_KASHIWA];
    struct vrx_consent withdrawn = world->consent;
    struct vrx_envelope routing = world->routing;
    withdrawn.status = VRX_CONSENT_WITHDRAWN;
    withdrawn.status_since = world->now;
    routing.kind = VRX_ENVELOPE_CONSENT_NOTICE;
    routing.query_id[0] ^= 1;
    assert_ok(vrx_object_sign(&vrx_consent_schema, &withdrawn, kashiwa->keys->signing,
        vrx_view_of(kashiwa->keys->signing_kid, VRX_KID), &object));
    assert_ok(vrx_private_key_public(world->base.town[WORLD_SAPPORO].keys->exchange, &key));
    assert_ok(vrx_envelope_seal(
        &routing, vrx_buffer_view(&object), key, world->context.random, &envelope));
    receive(world, vrx_buffer_view(&envelope), seen);
}

enum { BY_QUERIES, BY_NOTICE };

static void look(size_t which, unsigned how, struct seen seen[MOMENTS]) {
    static const int64_t moments[MOMENTS] = {
        0, WORLD_PENDING_SECONDS - 1, WORLD_PENDING_SECONDS, WORLD_PENDING_SECONDS + WORLD_DAY};
    void *state = NULL;
    assert_int_equal(exchange_world_setup(&state), 0);
    struct exchange_world *world = state;
    sqlite3 *db = vrx_tenant_db(world->tenant[WORLD_SAPPORO]);
    assert_int_equal(sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, NULL), SQLITE_OK);
    cases[which].about(world);
    exchange_world_sign(world);
    for (size_t i = 0; i < MOMENTS; i++) {
        if (i == BEFORE) {
            exchange_world_begin(world, WORLD_SAPPORO);
            cases[which].meanwhile(world);
            assert_ok(exchange_world_end(world, WORLD_SAPPORO, vrx_ok()));
        }
        world->now = WORLD_NOW + moments[i];
        if (i == BEFORE && how == BY_NOTICE)
            withdraw(world, &seen[i]);
        else
            step(world, &seen[i]);
    }
    /* Statements are read while they are there. */
    for (size_t i = 0; i < MOMENTS; i++)
        for (size_t j = 0; j < seen[i].work.count; j++)
            assert_non_null(seen[i].work.steps[j] = strdup(seen[i].work.steps[j]));
    assert_int_equal(sqlite3_trace_v2(db, 0, NULL, NULL), SQLITE_OK);
    assert_int_equal(exchange_world_teardown(&state), 0);
}

static void forget(struct seen seen[MOMENTS]) {
    for (size_t i = 0; i < MOMENTS; i++)
        for (size_t j = 0; j < seen[i].work.count; j++)
            free((char *)(uintptr_t)seen[i].work.steps[j]);
}

/* Where they differ, in words; NULL: nowhere. */
static const char *difference(const struct seen *a, const struct seen *b) {
    static char text[512];
    if (a->length != b->length)
        return "length of the answer";
    if (a->outcome != b->outcome)
        return "outcome";
    if (a->answered_at != b->answered_at)
        return "time of the answer";
    if (a->changes != b->changes)
        return "rows written";
    if (a->entries != b->entries)
        return "entries of the ledger";
    for (size_t i = 0; i < a->work.count && i < b->work.count; i++)
        if (strcmp(a->work.steps[i], b->work.steps[i]) != 0) {
            (void)snprintf(text, sizeof text, "step %zu: %.200s / %.200s", i, a->work.steps[i],
                b->work.steps[i]);
            return text;
        }
    return a->work.count == b->work.count ? NULL : "number of steps";
}

static void compare_all(unsigned how, struct seen first[MOMENTS]) {
    static struct seen seen[MOMENTS];
    look(0, how, first);
    for (size_t i = 1; i < CONTROL; i++) {
        look(i, how, seen);
        for (size_t moment = 0; moment < MOMENTS; moment++) {
            const char *what = difference(&first[moment], &seen[moment]);
            if (what)
                fail_msg("%s can be told from an unknown person at moment %zu: %s", cases[i].name,
                    moment, what);
        }
        forget(seen);
    }
}

static void test_the_origin_does_the_same_for_all(void **state) {
    (void)state;
    static struct seen first[MOMENTS];
    compare_all(BY_QUERIES, first);
    assert_int_equal(first[FIRST].outcome, VRX_ANSWER_PENDING);
    assert_int_equal(first[BEFORE].outcome, VRX_ANSWER_PENDING);
    assert_int_equal(first[AT].outcome, VRX_ANSWER_NO_RECORD);
    assert_int_equal(first[AFTER].outcome, VRX_ANSWER_NO_RECORD);
    assert_true(first[FIRST].work.count > 20);
    assert_int_equal(first[FIRST].length, first[AT].length);
    forget(first);
}

static void test_and_the_same_when_the_consent_goes(void **state) {
    (void)state;
    static struct seen first[MOMENTS];
    compare_all(BY_NOTICE, first);
    assert_int_equal(first[FIRST].outcome, VRX_ANSWER_PENDING);
    assert_true(first[BEFORE].work.count > 20); /* what waits is denied there and then */
    assert_int_equal(first[AT].outcome, VRX_ANSWER_DENIED);
    assert_int_equal(first[AFTER].outcome, VRX_ANSWER_DENIED);
    forget(first);
}

/* Whoever is found and not protected is told apart, and may be: by the work too. */
static void test_the_comparison_tells_who_is_answered(void **state) {
    (void)state;
    static struct seen first[MOMENTS];
    static struct seen seen[MOMENTS];
    look(0, BY_QUERIES, first);
    look(CONTROL, BY_QUERIES, seen);
    assert_non_null(difference(&first[FIRST], &seen[FIRST]));
    assert_int_equal(seen[FIRST].outcome, VRX_ANSWER_DOSES);
    assert_int_not_equal(seen[FIRST].length, first[FIRST].length);
    seen[FIRST].length = first[FIRST].length;
    seen[FIRST].outcome = first[FIRST].outcome;
    seen[FIRST].changes = first[FIRST].changes;
    assert_non_null(difference(&first[FIRST], &seen[FIRST]));
    forget(seen);
    forget(first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_origin_does_the_same_for_all),
        cmocka_unit_test(test_and_the_same_when_the_consent_goes),
        cmocka_unit_test(test_the_comparison_tells_who_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
