/* SPDX-License-Identifier: Apache-2.0
 *
 * The destination and a dishonest origin, or whoever else holds keys: an answer that is not the
 * origin's to this very query leaves the transfer and the record as they were.
 */
#include "base/limits.h"
#include "rules/timely.h"
#include "support/exchange_world.h"

static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

struct forgery {
    struct vrx_answer answer;
    struct vrx_dose_item doses[2];
    unsigned signed_by, sealed_to;
};

static void begin(struct exchange_world *world, struct forgery *forgery) {
    assert_ok(exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2));
    exchange_world_answer(world, &forgery->answer, forgery->doses);
    forgery->signed_by = WORLD_SAPPORO;
    forgery->sealed_to = WORLD_KASHIWA;
}

static struct vrx_result send(struct exchange_world *world, const struct forgery *forgery) {
    exchange_world_seal(world, &forgery->answer, forgery->signed_by, forgery->sealed_to);
    return exchange_world_take(world, vrx_buffer_view(&world->reply));
}

static void to_another_query(struct exchange_world *world, struct forgery *forgery) {
    (void)world;
    forgery->answer.query_id[0] ^= 1;
}
static void to_another_signed_query(struct exchange_world *world, struct forgery *forgery) {
    (void)world;
    forgery->answer.query_digest[0] ^= 1;
}
static void of_another_municipality(struct exchange_world *world, struct forgery *forgery) {
    forgery->answer.origin = world->base.town[WORLD_KOFU].code;
    forgery->signed_by = WORLD_KOFU;
}
static void under_a_key_that_ended(struct exchange_world *world, struct forgery *forgery) {
    world->base.town[WORLD_SAPPORO].signing_key.until = forgery->answer.answered_at - 1;
    daemon_world_sign_law(&world->base);
}

static void signed_by_another(struct exchange_world *world, struct forgery *forgery) {
    (void)world;
    forgery->signed_by = WORLD_KOFU;
}
static void sealed_to_another(struct exchange_world *world, struct forgery *forgery) {
    (void)world;
    forgery->sealed_to = WORLD_KOFU;
}
static void for_another_destination(struct exchange_world *world, struct forgery *forgery) {
    forgery->answer.destination = world->base.town[WORLD_KOFU].code;
}
static void by_who_left_the_directory(struct exchange_world *world, struct forgery *forgery) {
    (void)forgery;
    world->base.entry[WORLD_SAPPORO].valid_until = world->now - 1;
    daemon_world_sign_law(&world->base);
}
static void denied(struct forgery *forgery) {
    forgery->answer.outcome = VRX_ANSWER_DENIED;
    forgery->answer.reason = VRX_CONSENT_MISSING;
    forgery->answer.dose_count = 0;
}
static void denied_without_a_reason(struct exchange_world *world, struct forgery *forgery) {
    (void)world;
    denied(forgery);
    forgery->answer.reason = VRX_OK;
}
static void denied_with_doses(struct exchange_world *world, struct forgery *forgery) {
    (void)world;
    denied(forgery);
    forgery->answer.dose_count = 1;
}
static void pending_with_doses(struct exchange_world *world, struct forgery *forgery) {
    (void)world;
    forgery->answer.outcome = VRX_ANSWER_PENDING;
}
static void a_code_of_nobody(struct exchange_world *world, struct forgery *forgery) {
    (void)world;
    forgery->answer.outcome = VRX_ANSWER_NO_RECORD;
    forgery->answer.dose_count = 0;
    forgery->answer.linkage_code = vrx_view_text("a linkage code, ");
}
static void doses_with_a_reason(struct exchange_world *world, struct forgery *forgery) {
    (void)world;
    forgery->answer.reason = VRX_CONSENT_MISSING;
}
static void doses_with_a_clause(struct exchange_world *world, struct forgery *forgery) {
    (void)world;
    forgery->answer.clause = vrx_view_text("consent.status");
}
static void doses_without_a_permit(struct exchange_world *world, struct forgery *forgery) {
    (void)world;
    forgery->answer.permit_id = (struct vrx_view){0};
}
static void doses_before_they_were_asked_for(
    struct exchange_world *world, struct forgery *forgery) {
    forgery->answer.answered_at = exchange_world_transfer(world).created_at - VRX_CLOCK_SKEW - 1;
}
static void doses_after_the_deadline(struct exchange_world *world, struct forgery *forgery) {
    forgery->answer.answered_at = exchange_world_transfer(world).deadline + 1;
}

static const struct {
    void (*change)(struct exchange_world *world, struct forgery *forgery);
    enum vrx_reason reason;
} rows[] = {
    {to_another_query, VRX_NOT_FOUND},
    {to_another_signed_query, VRX_QUERY_NOT_FOR_US},
    {of_another_municipality, VRX_QUERY_NOT_FOR_US},
    {signed_by_another, VRX_KEY_UNKNOWN},
    {under_a_key_that_ended, VRX_KEY_NOT_IN_FORCE},
    {sealed_to_another, VRX_KEY_UNKNOWN},
    {for_another_destination, VRX_QUERY_NOT_FOR_US},
    {by_who_left_the_directory, VRX_SENDER_NOT_CURRENT},
    {denied_without_a_reason, VRX_INPUT_RANGE},
    {denied_with_doses, VRX_INPUT_RANGE},
    {pending_with_doses, VRX_INPUT_RANGE},
    {a_code_of_nobody, VRX_INPUT_RANGE},
    {doses_with_a_reason, VRX_INPUT_RANGE},
    {doses_with_a_clause, VRX_INPUT_RANGE},
    {doses_without_a_permit, VRX_INPUT_RANGE},
    {doses_before_they_were_asked_for, VRX_INPUT_RANGE},
    {doses_after_the_deadline, VRX_INPUT_RANGE},
};

static void untouched(struct exchange_world *world) {
    struct vrx_dose *doses = NULL;
    assert_int_equal(exchange_world_history(world, WORLD_KASHIWA, WORLD_HANAKO, &doses), 0);
    struct vrx_transfer_out transfer = exchange_world_transfer(world);
    assert_int_equal(transfer.state, VRX_TRANSFER_REQUESTED);
    assert_int_equal(transfer.answer.len, 0);
    assert_true(transfer.next_attempt_at > 0);
}

static void test_each_refusal_has_its_reason(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *own = NULL;
        struct forgery forgery;
        assert_int_equal(exchange_world_setup(&own), 0);
        struct exchange_world *world = own;
        begin(world, &forgery);
        rows[i].change(world, &forgery);
        struct vrx_result result = send(world, &forgery);
        if (result.reason != rows[i].reason)
            fail_msg("row %zu: %s instead of %s", i, vrx_reason_name(result.reason),
                vrx_reason_name(rows[i].reason));
        untouched(world);
        exchange_world_teardown(&own);
    }
}

/* The control: the same answer with nothing changed is taken. */
static void test_the_origins_own_answer_is_taken(void **state) {
    struct exchange_world *world = *state;
    struct forgery forgery;
    begin(world, &forgery);
    assert_ok(send(world, &forgery));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
}

/* Signed and sealed rightly by the origin, with routing that names another as sender. */
static void test_a_re_addressed_answer(void **state) {
    struct exchange_world *world = *state;
    struct forgery forgery;
    struct vrx_envelope envelope;
    struct vrx_buffer changed VRX_CLEANUP(vrx_buffer_done) = {0};
    begin(world, &forgery);
    exchange_world_seal(world, &forgery.answer, WORLD_SAPPORO, WORLD_KASHIWA);
    exchange_world_context(world, WORLD_KASHIWA);
    assert_ok(vrx_object_decode(
        &vrx_envelope_schema, vrx_buffer_view(&world->reply), &world->context.arena, &envelope));
    envelope.from = world->base.town[WORLD_KOFU].code;
    assert_ok(vrx_object_encode(&vrx_envelope_schema, &envelope, &changed));
    assert_reason(exchange_world_take(world, vrx_buffer_view(&changed)), VRX_QUERY_NOT_FOR_US);
    assert_reason(exchange_world_take(world, vrx_buffer_view(&world->envelope)),
        VRX_QUERY_NOT_FOR_US); /* a query is no answer */
    untouched(world);
}

/* The answer to one transfer, passed off as that to another of the same person. */
static void test_an_answer_to_an_earlier_transfer(void **state) {
    struct exchange_world *world = *state;
    struct forgery forgery;
    uint8_t earlier[VRX_DIGEST];
    begin(world, &forgery);
    memcpy(earlier, forgery.answer.query_digest, VRX_DIGEST);
    begin(world, &forgery);
    memcpy(forgery.answer.query_digest, earlier, VRX_DIGEST);
    assert_reason(send(world, &forgery), VRX_QUERY_NOT_FOR_US);
    untouched(world);
}

static void test_every_altered_byte_is_refused(void **state) {
    struct exchange_world *world = *state;
    struct forgery forgery;
    begin(world, &forgery);
    exchange_world_seal(world, &forgery.answer, WORLD_SAPPORO, WORLD_KASHIWA);
    for (size_t i = 0; i < world->reply.len; i++) {
        world->reply.ptr[i] ^= (uint8_t)(1 << i % 8);
        struct vrx_result result = exchange_world_take(world, vrx_buffer_view(&world->reply));
        world->reply.ptr[i] ^= (uint8_t)(1 << i % 8);
        if (vrx_is_ok(result) || world->changes)
            fail_msg("byte %zu of %zu passed", i, world->reply.len);
    }
    for (size_t len = 0; len < world->reply.len; len += 7)
        assert_false(vrx_is_ok(exchange_world_take(world, vrx_view_of(world->reply.ptr, len))));
    untouched(world);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
}

/* The origin was past that; only a consent can change meanwhile. */
static void test_a_denial_after_pending_is_of_the_consent(void **state) {
    struct exchange_world *world = *state;
    struct forgery forgery;
    begin(world, &forgery);
    forgery.answer.outcome = VRX_ANSWER_PENDING;
    forgery.answer.dose_count = 0;
    assert_ok(send(world, &forgery));
    forgery.answer.outcome = VRX_ANSWER_DENIED;
    forgery.answer.reason = VRX_CONSENT_MISSING;
    assert_reason(send(world, &forgery), VRX_WRONG_STATE);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_PENDING);
    forgery.answer.reason = VRX_CONSENT_REVOKED;
    assert_ok(send(world, &forgery));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_DENIED);
}

/* Doses that cannot be true are not believed because another municipality signed them. */
static void test_doses_that_cannot_be_true_wait_for_an_officer(void **state) {
    (void)state;
    static const struct vrx_date impossible[] = {{2022, 2, 1}, {2020, 12, 1}, {1960, 1, 1}};
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        void *own = NULL;
        struct forgery forgery;
        struct vrx_dose *doses = NULL;
        assert_int_equal(exchange_world_setup(&own), 0);
        struct exchange_world *world = own;
        begin(world, &forgery);
        forgery.doses[1].administered_on = impossible[i];
        assert_ok(send(world, &forgery));
        assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
        assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "review WHERE state = 1"), 1);
        assert_int_equal(exchange_world_history(world, WORLD_KASHIWA, WORLD_HANAKO, &doses), 1);
        exchange_world_teardown(&own);
    }
}

/* As many doses as an answer may have: more than the record holds beside what is there. */
static void test_more_doses_than_fit_wait_for_an_officer(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dose_item many[VRX_LIMIT_DOSES];
    struct vrx_dose *doses = NULL;
    struct forgery forgery;
    begin(world, &forgery);
    int32_t first = vrx_date_to_days((struct vrx_date){2021, 3, 1});
    for (int32_t i = 0; i < VRX_LIMIT_DOSES; i++) {
        many[i] = forgery.doses[0];
        many[i].administered_on = vrx_date_from_days(first + 9 * i);
        many[i].dose_number = (uint64_t)i + 1;
    }
    forgery.answer.doses = many;
    forgery.answer.dose_count = VRX_LIMIT_DOSES - 1;
    assert_ok(send(world, &forgery));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    begin(world, &forgery);
    for (int32_t i = 0; i < 3; i++) {
        many[i].administered_on = vrx_date_from_days(first + 9 * (VRX_LIMIT_DOSES + i));
        many[i].dose_number = (uint64_t)(VRX_LIMIT_DOSES + i);
    }
    forgery.answer.doses = many;
    forgery.answer.dose_count = 3;
    assert_ok(send(world, &forgery));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "review WHERE state = 1"), 2);
    assert_int_equal(
        exchange_world_history(world, WORLD_KASHIWA, WORLD_HANAKO, &doses), VRX_LIMIT_DOSES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_refusal_has_its_reason),
        EXCHANGE_TEST(test_the_origins_own_answer_is_taken),
        EXCHANGE_TEST(test_a_re_addressed_answer),
        EXCHANGE_TEST(test_an_answer_to_an_earlier_transfer),
        EXCHANGE_TEST(test_every_altered_byte_is_refused),
        EXCHANGE_TEST(test_a_denial_after_pending_is_of_the_consent),
        cmocka_unit_test(test_doses_that_cannot_be_true_wait_for_an_officer),
        EXCHANGE_TEST(test_more_doses_than_fit_wait_for_an_officer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
