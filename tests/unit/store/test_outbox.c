/* SPDX-License-Identifier: Apache-2.0 */
#include "store/outbox.h"

#include "fixture.h"

static struct vrx_outbox_message message_of(uint8_t id) {
    return (struct vrx_outbox_message){
        .key = {.to = code_of("122173"), .kind = VRX_ENVELOPE_CONSENT_NOTICE, .id = {id}},
        .envelope = vrx_view_text("sealed notice"),
        .digest = {id, 1},
        .created_at = NOW,
        .deadline = NOW + 1000,
    };
}

static enum vrx_reason put(struct fixture *fixture, const struct vrx_outbox_message *message) {
    return vrx_outbox_put(fixture->tenant, message).reason;
}

static struct vrx_outbox_message get(
    struct fixture *fixture, const struct vrx_outbox_message *message) {
    struct vrx_outbox_message found;
    assert_ok(vrx_outbox_get(fixture->tenant, &fixture->arena, &message->key, &found));
    return found;
}

static size_t due(struct fixture *fixture, int64_t now, struct vrx_outbox_message **ret_messages) {
    size_t count = 0;
    assert_ok(vrx_outbox_list_due(fixture->tenant, &fixture->arena, now, 9, ret_messages, &count));
    return count;
}

static int64_t next_due(struct fixture *fixture) {
    int64_t at = -1;
    assert_ok(vrx_outbox_next_due(fixture->tenant, &at));
    return at;
}

static void what_was_put_waits_and_is_due(void **state) {
    struct fixture *fixture = *state;
    struct vrx_outbox_message *list = NULL;
    struct vrx_outbox_message given = message_of(1);
    given.resident = add_resident(fixture, 1);
    assert_int_equal(next_due(fixture), 0);
    assert_int_equal(put(fixture, &given), VRX_OK);
    struct vrx_outbox_message found = get(fixture, &given);
    assert_string_equal(found.key.to.digits, "122173");
    assert_int_equal(found.key.kind, VRX_ENVELOPE_CONSENT_NOTICE);
    assert_memory_equal(found.key.id, given.key.id, VRX_ID);
    assert_int_equal(found.resident, given.resident);
    assert_text(found.envelope, "sealed notice");
    assert_memory_equal(found.digest, given.digest, VRX_DIGEST);
    assert_int_equal(found.state, VRX_OUTBOX_WAITING);
    assert_int_equal(found.created_at, NOW);
    assert_int_equal(found.deadline, NOW + 1000);
    assert_int_equal(found.next_attempt_at, NOW);
    assert_int_equal(found.attempts, 0);
    assert_int_equal(found.reason, VRX_OK);
    assert_int_equal(found.acknowledgement.len, 0);
    assert_int_equal(found.changed_at, NOW);
    assert_int_equal(next_due(fixture), NOW);
    assert_int_equal(due(fixture, NOW - 1, &list), 0);
    assert_int_equal(due(fixture, NOW, &list), 1);
    assert_memory_equal(list[0].key.id, given.key.id, VRX_ID);
}

static void receiver_kind_and_id_name_a_message(void **state) {
    struct fixture *fixture = *state;
    struct vrx_outbox_message given = message_of(1);
    assert_int_equal(put(fixture, &given), VRX_OK);
    assert_int_equal(put(fixture, &given), VRX_ALREADY_EXISTS);
    given.key.to = code_of("192015");
    assert_int_equal(put(fixture, &given), VRX_OK);
    given.key.kind = VRX_ENVELOPE_CORRECTION_NOTICE;
    assert_int_equal(put(fixture, &given), VRX_OK);
    given.key.id[3] = 1;
    assert_int_equal(put(fixture, &given), VRX_OK);
    assert_int_equal(rows_in(fixture, "outbox"), 4);
}

static void faulty_messages_are_refused(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t bytes[VRX_LIMIT_TRANSFER + 1];
    struct vrx_outbox_message given = message_of(1);
    given.envelope = (struct vrx_view){0};
    assert_int_equal(put(fixture, &given), VRX_INPUT_FIELD_MISSING);
    given.envelope = vrx_view_of(bytes, sizeof bytes);
    assert_int_equal(put(fixture, &given), VRX_INPUT_TOO_LARGE);
    given = message_of(1);
    given.deadline = NOW;
    assert_int_equal(put(fixture, &given), VRX_INPUT_RANGE);
    for (unsigned kind = 0; kind <= VRX_ENVELOPE_LAST + 1; kind++) {
        given = message_of((uint8_t)kind);
        given.key.kind = (enum vrx_envelope_kind)kind;
        bool sent = kind >= VRX_ENVELOPE_RECEIPT && kind <= VRX_ENVELOPE_LAST;
        assert_int_equal(put(fixture, &given), sent ? VRX_OK : VRX_INPUT_RANGE);
    }
    given = message_of(9);
    given.resident = 99;
    assert_int_equal(put(fixture, &given), VRX_NOT_FOUND);
}

static void attempts_are_counted_and_the_next_one_is_due_later(void **state) {
    struct fixture *fixture = *state;
    struct vrx_outbox_message *list = NULL;
    struct vrx_outbox_message first = message_of(1);
    struct vrx_outbox_message second = message_of(2);
    assert_int_equal(put(fixture, &first), VRX_OK);
    assert_int_equal(put(fixture, &second), VRX_OK);
    assert_ok(vrx_outbox_attempted(fixture->tenant, &first.key, NOW + 9));
    assert_ok(vrx_outbox_attempted(fixture->tenant, &first.key, NOW + 20));
    assert_ok(vrx_outbox_attempted(fixture->tenant, &second.key, NOW + 10));
    assert_int_equal(get(fixture, &first).attempts, 2);
    assert_int_equal(next_due(fixture), NOW + 10);
    assert_int_equal(due(fixture, NOW + 19, &list), 1);
    assert_int_equal(list[0].key.id[0], 2);
    assert_int_equal(due(fixture, NOW + 20, &list), 2);
    assert_int_equal(list[0].key.id[0], 2);

    assert_ok(vrx_outbox_refused(fixture->tenant, &second.key, VRX_TENANT_SEALED, NOW + 50));
    struct vrx_outbox_message found = get(fixture, &second);
    assert_int_equal(found.reason, VRX_TENANT_SEALED);
    assert_int_equal(found.attempts, 1);
    assert_int_equal(found.state, VRX_OUTBOX_WAITING);
    assert_int_equal(found.next_attempt_at, NOW + 50);
    assert_ok(vrx_outbox_refused(fixture->tenant, &second.key, VRX_NETWORK_FAILED, NOW));
    found = get(fixture, &second);
    assert_int_equal(found.reason, VRX_NETWORK_FAILED);
    assert_int_equal(found.next_attempt_at, NOW + 50); /* its own schedule is later */
}

static void an_acknowledged_message_is_done_and_stays_so(void **state) {
    struct fixture *fixture = *state;
    struct vrx_outbox_message *list = NULL;
    struct vrx_tenant *tenant = fixture->tenant;
    struct vrx_outbox_message given = message_of(1);
    static const uint8_t bytes[VRX_LIMIT_TRANSFER + 1];
    assert_int_equal(put(fixture, &given), VRX_OK);
    assert_ok(vrx_outbox_refused(tenant, &given.key, VRX_NETWORK_FAILED, NOW + 1));
    assert_reason(
        vrx_outbox_done(tenant, &given.key, (struct vrx_view){0}, NOW), VRX_INPUT_FIELD_MISSING);
    assert_reason(vrx_outbox_done(tenant, &given.key, vrx_view_of(bytes, sizeof bytes), NOW),
        VRX_INPUT_TOO_LARGE);
    assert_ok(vrx_outbox_done(tenant, &given.key, vrx_view_text("signed receipt"), NOW + 5));
    struct vrx_outbox_message found = get(fixture, &given);
    assert_int_equal(found.state, VRX_OUTBOX_DONE);
    assert_text(found.acknowledgement, "signed receipt");
    assert_int_equal(found.reason, VRX_OK);
    assert_int_equal(found.next_attempt_at, 0);
    assert_int_equal(found.changed_at, NOW + 5);
    assert_int_equal(due(fixture, NOW + 100000, &list), 0);
    assert_int_equal(next_due(fixture), 0);
    assert_reason(
        vrx_outbox_done(tenant, &given.key, vrx_view_text("other"), NOW + 6), VRX_WRONG_STATE);
    assert_reason(vrx_outbox_attempted(tenant, &given.key, NOW), VRX_WRONG_STATE);
    assert_reason(vrx_outbox_refused(tenant, &given.key, VRX_NETWORK_FAILED, NOW), VRX_WRONG_STATE);
    assert_reason(vrx_outbox_expire(tenant, &given.key, NOW + 2000), VRX_WRONG_STATE);
    assert_text(get(fixture, &given).acknowledgement, "signed receipt");
}

static void a_message_expires_after_its_deadline_and_not_before(void **state) {
    struct fixture *fixture = *state;
    struct vrx_tenant *tenant = fixture->tenant;
    struct vrx_outbox_message given = message_of(1);
    assert_int_equal(put(fixture, &given), VRX_OK);
    assert_reason(vrx_outbox_expire(tenant, &given.key, NOW + 1000), VRX_WRONG_STATE);
    assert_ok(vrx_outbox_expire(tenant, &given.key, NOW + 1001));
    struct vrx_outbox_message found = get(fixture, &given);
    assert_int_equal(found.state, VRX_OUTBOX_EXPIRED);
    assert_int_equal(found.next_attempt_at, 0);
    assert_int_equal(found.changed_at, NOW + 1001);
    assert_int_equal(next_due(fixture), 0);
    assert_reason(
        vrx_outbox_done(tenant, &given.key, vrx_view_text("late"), NOW + 1002), VRX_WRONG_STATE);
}

static void what_is_not_there_is_not_found(void **state) {
    struct fixture *fixture = *state;
    struct vrx_tenant *tenant = fixture->tenant;
    struct vrx_outbox_message *list = NULL;
    size_t count = 0;
    struct vrx_outbox_message given = message_of(1);
    assert_int_equal(put(fixture, &given), VRX_OK);
    given.key.kind = VRX_ENVELOPE_RECEIPT;
    assert_reason(vrx_outbox_get(tenant, &fixture->arena, &given.key, &given), VRX_NOT_FOUND);
    assert_reason(vrx_outbox_attempted(tenant, &given.key, NOW), VRX_NOT_FOUND);
    assert_reason(vrx_outbox_refused(tenant, &given.key, VRX_NETWORK_FAILED, NOW), VRX_NOT_FOUND);
    assert_reason(vrx_outbox_done(tenant, &given.key, vrx_view_text("a"), NOW), VRX_NOT_FOUND);
    assert_reason(vrx_outbox_expire(tenant, &given.key, NOW + 2000), VRX_NOT_FOUND);
    assert_reason(
        vrx_outbox_list_due(tenant, &fixture->arena, NOW, 0, &list, &count), VRX_INPUT_RANGE);
    assert_reason(
        vrx_outbox_list_due(tenant, &fixture->arena, NOW, VRX_LIMIT_PAGE + 1, &list, &count),
        VRX_INPUT_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_put_waits_and_is_due),
        STORE_TEST(receiver_kind_and_id_name_a_message),
        STORE_TEST(faulty_messages_are_refused),
        STORE_TEST(attempts_are_counted_and_the_next_one_is_due_later),
        STORE_TEST(an_acknowledged_message_is_done_and_stays_so),
        STORE_TEST(a_message_expires_after_its_deadline_and_not_before),
        STORE_TEST(what_is_not_there_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
