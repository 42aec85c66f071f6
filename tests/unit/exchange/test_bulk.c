/* SPDX-License-Identifier: Apache-2.0
 *
 * A list from the hand-in to its end, step by step with a clock of the test's: what is refused and
 * where, what is asked, and that nothing is asked twice or on other grounds than were signed.
 */
#include "exchange/bulk.h"

#include <sqlite3.h>
#include <stdio.h>

#include "exchange/handlers.h"
#include "support/exchange_world.h"

#define ROWS 8
#define SAPPORO_CODE ((char *)(uintptr_t) "011002")

static const uint64_t asked[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};
static Vrx__V1__DataItem asked_items[] = {
    VRX__V1__DATA_ITEM__DATA_ITEM_LOT, VRX__V1__DATA_ITEM__DATA_ITEM_DOSE};

/* A file as it is handed in. */
struct file {
    struct exchange_world *world;
    Vrx__V1__BulkRow rows[ROWS];
    Vrx__V1__BulkRow *list[ROWS];
    Vrx__V1__ResidentKey keys[ROWS];
    uint8_t ids[ROWS][2][VRX_ID];
    size_t count;
    struct vrx_bulk_submit_state state;
    Vrx__V1__SubmitBulkResponse reply; /* in the state's arena and the world's context's */
    uint8_t list_id[VRX_ID];
    uint8_t digest[VRX_DIGEST];
};

/* A row about this person, with grounds of its own; the test changes it. */
static Vrx__V1__BulkRow *add(struct file *file, unsigned person) {
    size_t i = file->count++;
    Vrx__V1__BulkRow *row = &file->rows[i];
    assert_ok(exchange_world_grounds(file->world, person, asked, 2));
    memcpy(file->ids[i][0], file->world->consent.id, VRX_ID);
    memcpy(file->ids[i][1], file->world->evidence.id, VRX_ID);
    vrx__v1__resident_key__init(&file->keys[i]);
    file->keys[i].key_case = VRX__V1__RESIDENT_KEY__KEY_INDIVIDUAL_NUMBER;
    file->keys[i].individual_number = file->world->person[person].number;
    vrx__v1__bulk_row__init(row);
    row->line = i + 2;
    row->resident = &file->keys[i];
    row->from_municipality = SAPPORO_CODE;
    row->consent_id = (ProtobufCBinaryData){VRX_ID, file->ids[i][0]};
    row->evidence_id = (ProtobufCBinaryData){VRX_ID, file->ids[i][1]};
    row->items = asked_items;
    row->n_items = 2;
    file->list[i] = row;
    return row;
}

static struct vrx_context *call(struct file *file) {
    struct vrx_context *context = exchange_world_context(file->world, WORLD_KASHIWA);
    context->state = &file->state;
    exchange_world_begin(file->world, WORLD_KASHIWA);
    return context;
}

static struct vrx_result message(struct file *file, size_t first, size_t count, uint64_t *end) {
    Vrx__V1__SubmitBulkRequest in = VRX__V1__SUBMIT_BULK_REQUEST__INIT;
    Vrx__V1__BulkEnd last = VRX__V1__BULK_END__INIT;
    in.rows = &file->list[first];
    in.n_rows = count;
    if (end) {
        last.rows = *end;
        in.end = &last;
    }
    struct vrx_context *context = call(file);
    return exchange_world_end(
        file->world, WORLD_KASHIWA, vrx_exchange_bulk_submit(context, &in, NULL));
}

static struct vrx_result finish(struct file *file) {
    vrx__v1__submit_bulk_response__init(&file->reply);
    struct vrx_context *context = call(file);
    VRX_TRY(exchange_world_end(
        file->world, WORLD_KASHIWA, vrx_exchange_bulk_submit_end(context, &file->reply)));
    memcpy(file->list_id, file->reply.list->list_id.data, VRX_ID);
    memcpy(file->digest, file->reply.list->digest.data, VRX_DIGEST);
    return vrx_ok();
}

static struct vrx_result submit(struct file *file) {
    uint64_t end = file->count;
    VRX_TRY(message(file, 0, file->count, NULL));
    VRX_TRY(message(file, 0, 0, &end));
    return finish(file);
}

static struct vrx_result start(struct file *file) {
    Vrx__V1__StartBulkRequest in = VRX__V1__START_BULK_REQUEST__INIT;
    in.list_id = (ProtobufCBinaryData){VRX_ID, file->list_id};
    in.digest = (ProtobufCBinaryData){VRX_DIGEST, file->digest};
    struct vrx_context *context = call(file);
    return exchange_world_end(
        file->world, WORLD_KASHIWA, vrx_exchange_bulk_start(context, &in, NULL));
}

static struct vrx_result step(struct file *file, struct vrx_bulk_step *ret_step) {
    struct vrx_context *context = call(file);
    return exchange_world_end(
        file->world, WORLD_KASHIWA, vrx_exchange_bulk_step(context, ret_step));
}

static void run(struct file *file) {
    struct vrx_bulk_step taken = {0};
    while (!taken.over)
        assert_ok(step(file, &taken));
}

static struct vrx_bulk look(struct file *file) {
    struct vrx_bulk bulk;
    struct vrx_context *context = exchange_world_context(file->world, WORLD_KASHIWA);
    assert_ok(vrx_bulk_get(context->tenant, &context->arena, file->list_id, &bulk));
    return bulk;
}

static size_t results(struct file *file, struct vrx_bulk_result **ret_results) {
    size_t count = 0;
    int64_t key = look(file).key;
    struct vrx_context *context = &file->world->context;
    assert_ok(vrx_bulk_results(
        context->tenant, &context->arena, key, 0, VRX_LIMIT_PAGE, ret_results, &count));
    return count;
}

static int64_t queries(struct file *file) {
    return exchange_world_rows(file->world, WORLD_KASHIWA, "transfer_out");
}

/* The query of this row goes to Sapporo, and the answer comes back. */
static void carry(struct file *file, const uint8_t query_id[VRX_ID]) {
    struct exchange_world *world = file->world;
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    memcpy(world->query.id, query_id, VRX_ID);
    vrx_buffer_clear(&world->envelope);
    assert_ok(vrx_buffer_append(&world->envelope, exchange_world_transfer(world).query));
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    assert_ok(vrx_buffer_append(&answer, vrx_buffer_view(&world->reply)));
    assert_ok(exchange_world_take(world, vrx_buffer_view(&answer)));
}

static struct file *file_of(struct exchange_world *world) {
    static struct file file;
    file = (struct file){.world = world};
    return &file;
}

static void done(struct file *file) {
    vrx_bulk_submit_state_done(&file->state);
}

static void a_list_from_the_hand_in_to_its_end(void **state) {
    struct file *file = file_of(*state);
    struct exchange_world *world = *state;
    add(file, WORLD_HANAKO);
    add(file, WORLD_TARO);
    add(file, WORLD_UNKNOWN);
    assert_ok(submit(file));
    assert_int_equal(file->reply.n_errors, 0);
    assert_int_equal(file->reply.list->rows, 3);
    assert_int_equal(file->reply.list->state, VRX_BULK_SUBMITTED);
    run(file);
    assert_int_equal(queries(file), 0); /* nobody has started it */
    assert_ok(start(file));
    run(file);
    assert_int_equal(queries(file), 3);
    assert_int_equal(look(file).state, VRX_BULK_RUNNING);
    struct vrx_bulk_result *rows = NULL;
    uint8_t ids[3][VRX_ID];
    assert_int_equal(results(file, &rows), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rows[i].transfer, VRX_TRANSFER_REQUESTED);
        memcpy(ids[i], rows[i].query_id, VRX_ID);
    }
    for (size_t i = 0; i < 3; i++)
        carry(file, ids[i]);
    run(file);
    assert_int_equal(look(file).state, VRX_BULK_RUNNING); /* two are pending */
    world->now += (int64_t)world->base.daemon->options.live.pending_seconds + 1;
    for (size_t i = 1; i < 3; i++)
        carry(file, ids[i]);
    run(file);
    assert_int_equal(results(file, &rows), 3);
    assert_int_equal(rows[0].transfer, VRX_TRANSFER_IMPORTED);
    assert_int_equal(rows[0].doses_imported, 2);
    assert_int_equal(rows[1].transfer, VRX_TRANSFER_NO_RECORD);
    assert_int_equal(rows[2].transfer, VRX_TRANSFER_NO_RECORD);
    assert_int_equal(queries(file), 3);
    assert_int_equal(look(file).state, VRX_BULK_DONE);
    done(file);
}

static void refusal_of_rows_without_a_basis(void **state) {
    struct file *file = file_of(*state);
    add(file, WORLD_HANAKO);
    add(file, WORLD_TARO)->consent_id.len = 0;
    add(file, WORLD_TARO)->evidence_id.len = 0;
    add(file, WORLD_TARO)->consent_id = file->rows[0].consent_id;
    add(file, WORLD_TARO)->from_municipality = (char *)(uintptr_t) "131130";
    Vrx__V1__BulkRow *nobody = add(file, WORLD_TARO);
    nobody->resident->key_case = VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER;
    nobody->resident->addressee_number = (char *)(uintptr_t) "999999";
    add(file, WORLD_TARO)->n_items = 0;
    add(file, WORLD_HANAKO); /* once more */
    static const struct {
        enum vrx_reason reason;
        const char *field;
    } expected[] = {
        {VRX_CONSENT_MISSING, "consent_id"},
        {VRX_EVIDENCE_MISSING, "evidence_id"},
        {VRX_CONSENT_SCOPE, "consent_id"},
        {VRX_MUNICIPALITY_UNKNOWN, "from_municipality"},
        {VRX_NOT_FOUND, "resident"},
        {VRX_INPUT_FIELD_MISSING, "items"},
        {VRX_ALREADY_EXISTS, "row"},
    };
    assert_ok(submit(file));
    assert_int_equal(file->reply.list->rows, 1);
    assert_int_equal(file->reply.list->refused, 7);
    assert_int_equal(file->reply.n_errors, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(file->reply.errors[i]->line, i + 3);
        assert_string_equal(file->reply.errors[i]->reason, vrx_reason_name(expected[i].reason));
        assert_string_equal(file->reply.errors[i]->field_en, expected[i].field);
    }
    struct vrx_bulk_result *rows = NULL;
    assert_int_equal(results(file, &rows), 8);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(rows[i + 1].state, VRX_BULK_ROW_REFUSED);
        assert_int_equal(rows[i + 1].reason, expected[i].reason);
    }
    assert_ok(start(file));
    run(file);
    assert_int_equal(queries(file), 1);
    done(file);
}

static void a_list_of_which_nothing_is_left_cannot_be_started(void **state) {
    struct file *file = file_of(*state);
    add(file, WORLD_TARO)->consent_id.len = 0;
    assert_ok(submit(file));
    assert_int_equal(file->reply.list->state, VRX_BULK_OPEN);
    assert_int_equal(file->reply.n_errors, 1);
    assert_reason(start(file), VRX_WRONG_STATE);
    done(file);
}

/* What a step wrote is lost with the process; the next one asks the same under the same id. */
static void no_row_is_asked_twice_over_a_crash(void **state) {
    struct file *file = file_of(*state);
    struct vrx_bulk_step taken;
    uint8_t before[VRX_ID];
    add(file, WORLD_HANAKO);
    add(file, WORLD_TARO);
    assert_ok(submit(file));
    assert_ok(start(file));
    assert_ok(step(file, &taken)); /* the check */
    struct vrx_bulk_result *rows = NULL;
    assert_int_equal(results(file, &rows), 2);
    memcpy(before, rows[0].query_id, VRX_ID);
    for (unsigned crash = 0; crash < 3; crash++) {
        struct vrx_context *context = call(file);
        assert_ok(vrx_exchange_bulk_step(context, &taken));
        assert_true(taken.asked);
        assert_reason(exchange_world_end(file->world, WORLD_KASHIWA, vrx_fail(VRX_DISK_FAILED)),
            VRX_DISK_FAILED);
        assert_int_equal(queries(file), 0);
        assert_int_equal(look(file).asked, 0);
    }
    run(file);
    run(file);
    assert_int_equal(queries(file), 2);
    assert_int_equal(look(file).asked, 2);
    memcpy(file->world->query.id, before, VRX_ID);
    assert_int_equal(exchange_world_transfer(file->world).state, VRX_TRANSFER_REQUESTED);
    done(file);
}

static void what_is_started_is_what_was_signed(void **state) {
    struct file *file = file_of(*state);
    struct vrx_bulk_step taken;
    add(file, WORLD_HANAKO);
    add(file, WORLD_TARO);
    assert_ok(submit(file));
    file->digest[31] ^= 1;
    assert_reason(start(file), VRX_CONFLICT);
    file->digest[31] ^= 1;
    /* A vault in which somebody changed a row, and the digest kept beside with it. */
    exchange_world_run(file->world, WORLD_KASHIWA,
        "UPDATE bulk_row SET items = 62 WHERE number = 2; UPDATE bulk_list SET digest = "
        "zeroblob(32)");
    assert_ok(start(file));
    assert_ok(step(file, &taken));
    assert_int_equal(look(file).state, VRX_BULK_REJECTED);
    run(file);
    assert_int_equal(queries(file), 0);
    done(file);
}

static void revoke(struct file *file, size_t row) {
    Vrx__V1__RevokeConsentRequest in = VRX__V1__REVOKE_CONSENT_REQUEST__INIT;
    Vrx__V1__RevokeConsentResponse out = VRX__V1__REVOKE_CONSENT_RESPONSE__INIT;
    in.consent_id = file->rows[row].consent_id;
    struct vrx_context *context = call(file);
    assert_ok(exchange_world_end(
        file->world, WORLD_KASHIWA, vrx_exchange_revoke_consent(context, &in, &out)));
}

static void a_basis_that_ended_since_turns_its_row_down(void **state) {
    struct file *file = file_of(*state);
    add(file, WORLD_HANAKO);
    add(file, WORLD_TARO);
    assert_ok(submit(file));
    assert_ok(start(file));
    revoke(file, 0);
    run(file);
    assert_int_equal(queries(file), 1);
    struct vrx_bulk bulk = look(file);
    assert_int_equal(bulk.asked, 1);
    assert_int_equal(bulk.turned_down, 1);
    struct vrx_bulk_result *rows = NULL;
    assert_int_equal(results(file, &rows), 2);
    assert_int_equal(rows[0].state, VRX_BULK_ROW_REFUSED);
    assert_int_equal(rows[0].reason, VRX_CONSENT_REVOKED);
    assert_int_equal(rows[1].state, VRX_BULK_ROW_ASKED);
    done(file);
}

static void what_is_no_rows_fault_leaves_it_where_it_is(void **state) {
    struct file *file = file_of(*state);
    struct exchange_world *world = *state;
    struct vrx_bulk_step taken;
    add(file, WORLD_HANAKO);
    assert_ok(submit(file));
    assert_ok(start(file));
    assert_ok(step(file, &taken));
    world->base.directory.expires = world->now - 1;
    daemon_world_sign_law(&world->base);
    assert_reason(step(file, &taken), VRX_DIRECTORY_EXPIRED);
    assert_int_equal(look(file).turned_down, 0);
    world->base.directory.expires = world->now + WORLD_DAY;
    daemon_world_sign_law(&world->base);
    run(file);
    assert_int_equal(look(file).asked, 1);
    done(file);
}

static void what_waits_to_be_sent_is_sent_before_more_is_asked(void **state) {
    struct file *file = file_of(*state);
    struct vrx_bulk_step taken;
    add(file, WORLD_HANAKO);
    assert_ok(submit(file));
    assert_ok(start(file));
    assert_ok(step(file, &taken)); /* the check */
    exchange_world_run(file->world, WORLD_KASHIWA,
        "WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 256) "
        "INSERT INTO transfer_out (query_id, origin, resident, query, query_digest, state, reason, "
        "clause, created_at, deadline, next_attempt_at, attempts, doses_imported, doses_known, "
        "changed_at) SELECT randomblob(16), '011002', (SELECT min(id) FROM resident), x'00', "
        "zeroblob(32), 1, 0, '', 0, 1, 1, 0, 0, 0, 0 FROM many");
    assert_ok(step(file, &taken));
    assert_true(taken.over && taken.held && !taken.asked);
    exchange_world_run(file->world, WORLD_KASHIWA,
        "UPDATE transfer_out SET next_attempt_at = NULL WHERE id = (SELECT min(id) FROM "
        "transfer_out)");
    assert_ok(step(file, &taken));
    assert_true(taken.asked && !taken.held);
    done(file);
}

static void set_quota(struct exchange_world *world, uint32_t rows) {
    atomic_store(&world->base.daemon->options.live.limits.value[VRX_LIMIT_BULK_ROWS_DAY], rows);
}

static void a_day_has_so_many_rows(void **state) {
    struct file *file = file_of(*state);
    struct exchange_world *world = *state;
    set_quota(world, 3);
    add(file, WORLD_HANAKO);
    add(file, WORLD_TARO)->consent_id.len = 0; /* counts too */
    assert_ok(submit(file));
    done(file);
    file->state = (struct vrx_bulk_submit_state){0};
    struct vrx_result refused = message(file, 0, 2, NULL);
    assert_int_equal(refused.reason, VRX_CAP_REACHED);
    assert_int_equal(refused.retry_ms, 15 * 3600 * 1000); /* 09:00 in Japan */
    done(file);
    file->state = (struct vrx_bulk_submit_state){0};
    file->count = 1;
    assert_ok(submit(file));
    done(file);
    world->now += 15 * 3600;
    file->state = (struct vrx_bulk_submit_state){0};
    assert_ok(submit(file));
    done(file);
    set_quota(world, 0);
    for (unsigned i = 0; i < 5; i++) {
        file->state = (struct vrx_bulk_submit_state){0};
        assert_ok(submit(file));
        done(file);
    }
}

static void rows_are_asked_so_many_a_second(void **state) {
    struct file *file = file_of(*state);
    struct exchange_world *world = *state;
    struct vrx_limit_settings *limits = &world->base.daemon->options.live.limits;
    atomic_store(&limits->value[VRX_LIMIT_BULK_ROWS_SECOND], 2);
    add(file, WORLD_HANAKO);
    add(file, WORLD_TARO);
    add(file, WORLD_UNKNOWN);
    assert_ok(submit(file));
    assert_ok(start(file));
    run(file);
    run(file);
    assert_int_equal(queries(file), 2);
    world->now++;
    run(file);
    assert_int_equal(queries(file), 3);
    done(file);
}

static void refusal_of_a_hand_in_that_is_not_whole(void **state) {
    struct file *file = file_of(*state);
    uint64_t wrong = 2;
    add(file, WORLD_HANAKO);
    assert_ok(message(file, 0, 1, NULL));
    assert_reason(finish(file), VRX_INPUT_TRUNCATED);
    assert_reason(message(file, 0, 0, &wrong), VRX_INPUT_TRUNCATED);
    done(file);
    file->state = (struct vrx_bulk_submit_state){0};
    wrong = 1;
    assert_ok(message(file, 0, 1, &wrong));
    assert_reason(message(file, 0, 0, NULL), VRX_INPUT_MALFORMED);
    done(file);
    file->state = (struct vrx_bulk_submit_state){0};
    wrong = 0;
    assert_ok(message(file, 0, 0, &wrong));
    assert_reason(finish(file), VRX_INPUT_FIELD_MISSING);
    done(file);
    file->state = (struct vrx_bulk_submit_state){0};
    file->rows[0].line = 0;
    assert_reason(message(file, 0, 1, NULL), VRX_INPUT_RANGE);
    done(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(a_list_from_the_hand_in_to_its_end),
        EXCHANGE_TEST(refusal_of_rows_without_a_basis),
        EXCHANGE_TEST(a_list_of_which_nothing_is_left_cannot_be_started),
        EXCHANGE_TEST(no_row_is_asked_twice_over_a_crash),
        EXCHANGE_TEST(what_is_started_is_what_was_signed),
        EXCHANGE_TEST(a_basis_that_ended_since_turns_its_row_down),
        EXCHANGE_TEST(what_is_no_rows_fault_leaves_it_where_it_is),
        EXCHANGE_TEST(what_waits_to_be_sent_is_sent_before_more_is_asked),
        EXCHANGE_TEST(a_day_has_so_many_rows),
        EXCHANGE_TEST(rows_are_asked_so_many_a_second),
        EXCHANGE_TEST(refusal_of_a_hand_in_that_is_not_whole),
    };
    return cmocka_run_group_tests_name("exchange/bulk", tests, NULL, NULL);
}
