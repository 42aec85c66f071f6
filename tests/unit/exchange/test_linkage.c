/* SPDX-License-Identifier: Apache-2.0
 *
 * Linkage codes between two municipalities: the first query names the person by their number, every
 * later one by the code that came with the doses; and a code is as good as no code for whoever it
 * was not given to.
 */
#include "dispatch/signed.h"
#include "objects/subject.h"
#include "store/linkage.h"
#include "store/resident.h"
#include "support/exchange_world.h"

static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

static void answer_and_take(struct exchange_world *world) {
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    exchange_world_open_reply(world);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
}

/* A whole transfer by both ends' own code; then the query as Sapporo opened it, until the next
 * step. */
static void transfer(struct exchange_world *world, unsigned person, struct vrx_query *ret_query) {
    assert_ok(exchange_world_request(world, person, dose_and_lot, 2));
    answer_and_take(world);
    assert_ok(vrx_entry_verify(&world->base.entry[WORLD_KASHIWA], &vrx_query_schema,
        vrx_buffer_view(&world->signed_query), &world->context.arena, ret_query));
}

static bool contains(struct vrx_view bytes, const char *text) {
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= bytes.len; i++)
        if (memcmp(bytes.ptr + i, text, len) == 0)
            return true;
    return false;
}

static void test_the_second_query_has_a_code_and_no_number(void **state) {
    struct exchange_world *world = *state;
    struct vrx_query query;
    uint8_t code[VRX_LINKAGE_CODE];
    const char *number = world->person[WORLD_HANAKO].number;
    transfer(world, WORLD_HANAKO, &query);
    assert_true(vrx_view_equal(query.individual_number, vrx_view_text(number)));
    assert_int_equal(query.linkage_code.len, 0);
    assert_true(contains(vrx_buffer_view(&world->signed_query), number));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    assert_ok(vrx_linkage_kept(world->tenant[WORLD_KASHIWA],
        world->person[WORLD_HANAKO].resident[WORLD_KASHIWA], &world->base.town[WORLD_SAPPORO].code,
        code));
    transfer(world, WORLD_HANAKO, &query);
    assert_int_equal(query.individual_number.len, 0);
    assert_true(vrx_view_equal(query.linkage_code, vrx_view_of(code, sizeof code)));
    assert_false(contains(vrx_buffer_view(&world->signed_query), number));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(exchange_world_transfer(world).doses_known, 2);
}

/* Kashiwa, dishonest, from here on: the code of Hanako, given to it in a first transfer. */
static void ask_by_code(struct exchange_world *world, const uint8_t code[VRX_LINKAGE_CODE]) {
    exchange_world_renew(world);
    world->query.individual_number = (struct vrx_view){0};
    world->query.linkage_code = vrx_view_of(code, VRX_LINKAGE_CODE);
    assert_ok(exchange_world_ask(world));
}

static void learn_code(struct exchange_world *world, uint8_t ret_code[VRX_LINKAGE_CODE]) {
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
    assert_int_equal(world->answer.linkage_code.len, VRX_LINKAGE_CODE);
    memcpy(ret_code, world->answer.linkage_code.ptr, VRX_LINKAGE_CODE);
}

/* What an unknown person looks like: pending, then no record; by a number, for the comparison. */
static void assert_like_an_unknown_person(struct exchange_world *world) {
    size_t pending = world->reply.len;
    assert_int_equal(world->answer.outcome, VRX_ANSWER_PENDING);
    assert_int_equal(world->answer.linkage_code.len, 0);
    assert_reason(world->decision, VRX_OK);
    world->now += WORLD_PENDING_SECONDS;
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    exchange_world_open_reply(world);
    assert_int_equal(world->answer.outcome, VRX_ANSWER_NO_RECORD);
    size_t none = world->reply.len;
    world->query.linkage_code = (struct vrx_view){0};
    exchange_world_about(world, WORLD_UNKNOWN);
    exchange_world_renew(world);
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_PENDING);
    assert_int_equal(world->reply.len, pending);
    world->now += WORLD_PENDING_SECONDS;
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    assert_int_equal(world->reply.len, none);
}

static void test_a_code_finds_the_person(void **state) {
    struct exchange_world *world = *state;
    uint8_t code[VRX_LINKAGE_CODE];
    learn_code(world, code);
    ask_by_code(world, code);
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
    assert_int_equal(world->answer.dose_count, 2);
    assert_memory_equal(world->answer.linkage_code.ptr, code, VRX_LINKAGE_CODE);
    assert_true(world->context.audit.about_person);
}

static void test_an_unknown_code_is_an_unknown_person(void **state) {
    struct exchange_world *world = *state;
    uint8_t code[VRX_LINKAGE_CODE];
    learn_code(world, code);
    code[0] ^= 1;
    ask_by_code(world, code);
    assert_like_an_unknown_person(world);
}

/* Kofu's code of the same person, in Kashiwa's query. */
static void test_a_code_of_a_third_municipality_is_an_unknown_person(void **state) {
    struct exchange_world *world = *state;
    uint8_t code[VRX_LINKAGE_CODE];
    struct vrx_tenant *sapporo = world->tenant[WORLD_SAPPORO];
    const struct vrx_municipality_code *kofu = &world->base.town[WORLD_KOFU].code;
    int64_t hanako = world->person[WORLD_HANAKO].resident[WORLD_SAPPORO];
    assert_ok(vrx_linkage_code(sapporo, kofu, hanako, code));
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(exchange_world_end(
        world, WORLD_SAPPORO, vrx_linkage_give(sapporo, kofu, hanako, code, world->now)));
    ask_by_code(world, code);
    assert_like_an_unknown_person(world);
}

static void other_birth_date(struct exchange_world *world) {
    world->query.birth_date.day++;
}
static void other_name(struct exchange_world *world) {
    world->query.name = vrx_view_text("大野　花子");
}
/* Consent and identity check of another person; whether it is another is known to Sapporo only. */
static void grounds_of_another_person(struct exchange_world *world) {
    assert_ok(vrx_subject_make(vrx_view_text(world->person[WORLD_TARO].number),
        world->query.subject_salt, world->evidence.subject));
    memcpy(world->consent.subject, world->evidence.subject, VRX_DIGEST);
}
static void became_protected(struct exchange_world *world) {
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(exchange_world_end(world, WORLD_SAPPORO,
        vrx_resident_set_protection(world->tenant[WORLD_SAPPORO],
            world->person[WORLD_HANAKO].resident[WORLD_SAPPORO], true, false, world->now)));
}

static void test_a_code_alone_is_not_enough(void **state) {
    (void)state;
    static void (*const changes[])(struct exchange_world * world) = {
        other_birth_date, other_name, grounds_of_another_person, became_protected};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        void *own = NULL;
        uint8_t code[VRX_LINKAGE_CODE];
        assert_int_equal(exchange_world_setup(&own), 0);
        struct exchange_world *world = own;
        learn_code(world, code);
        changes[i](world);
        ask_by_code(world, code);
        assert_like_an_unknown_person(world);
        exchange_world_teardown(&own);
    }
}

/* The two objects must be about one person, as with a number. */
static void test_consent_and_identity_check_agree(void **state) {
    struct exchange_world *world = *state;
    uint8_t code[VRX_LINKAGE_CODE];
    learn_code(world, code);
    world->evidence.subject[0] ^= 1;
    ask_by_code(world, code);
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DENIED);
    assert_int_equal(world->answer.reason, VRX_EVIDENCE_SUBJECT);
}

static void test_a_query_with_both_or_neither_is_refused(void **state) {
    struct exchange_world *world = *state;
    uint8_t code[VRX_LINKAGE_CODE];
    learn_code(world, code);
    exchange_world_renew(world);
    world->query.linkage_code = vrx_view_of(code, sizeof code);
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DENIED);
    assert_int_equal(world->answer.reason, VRX_INPUT_RANGE);
    exchange_world_renew(world);
    world->query.linkage_code = world->query.individual_number = (struct vrx_view){0};
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DENIED);
    assert_int_equal(world->answer.reason, VRX_INPUT_FIELD_MISSING);
}

/* Sapporo lost what it had given (a backup of before, a resident registered anew): the destination
 * does not ask for nobody for ever. */
static void test_after_no_record_the_number_is_named_again(void **state) {
    struct exchange_world *world = *state;
    struct vrx_query query;
    transfer(world, WORLD_HANAKO, &query);
    exchange_world_run(world, WORLD_SAPPORO, "DELETE FROM linkage_given");
    transfer(world, WORLD_HANAKO, &query);
    assert_int_equal(query.individual_number.len, 0);
    world->now += WORLD_PENDING_SECONDS;
    answer_and_take(world);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_NO_RECORD);
    transfer(world, WORLD_HANAKO, &query);
    assert_int_equal(query.linkage_code.len, 0);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_the_second_query_has_a_code_and_no_number),
        EXCHANGE_TEST(test_a_code_finds_the_person),
        EXCHANGE_TEST(test_an_unknown_code_is_an_unknown_person),
        EXCHANGE_TEST(test_a_code_of_a_third_municipality_is_an_unknown_person),
        cmocka_unit_test(test_a_code_alone_is_not_enough),
        EXCHANGE_TEST(test_consent_and_identity_check_agree),
        EXCHANGE_TEST(test_a_query_with_both_or_neither_is_refused),
        EXCHANGE_TEST(test_after_no_record_the_number_is_named_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
