/* SPDX-License-Identifier: Apache-2.0 */
#include "store/arrival.h"

#include "fixture.h"

static struct vrx_arrival_record arrival_of(uint8_t id) {
    return (struct vrx_arrival_record){
        .sender = code_of("122173"),
        .kind = VRX_ENVELOPE_RECEIPT,
        .id = {id},
        .digest = {id, 1},
        .acknowledgement = vrx_view_text("sealed receipt"),
        .arrived_at = NOW,
    };
}

static enum vrx_reason put(struct fixture *fixture, const struct vrx_arrival_record *arrival) {
    return vrx_arrival_put(fixture->tenant, arrival).reason;
}

static void what_arrived_is_there_once_by_sender_kind_and_id(void **state) {
    struct fixture *fixture = *state;
    struct vrx_arrival_record found;
    struct vrx_arrival_record given = arrival_of(1);
    assert_int_equal(put(fixture, &given), VRX_OK);
    assert_int_equal(put(fixture, &given), VRX_ALREADY_EXISTS);
    struct vrx_arrival_record other = given;
    other.digest[5] = 1;
    other.acknowledgement = vrx_view_text("another");
    assert_int_equal(put(fixture, &other), VRX_ALREADY_EXISTS);
    other.sender = code_of("192015");
    assert_int_equal(put(fixture, &other), VRX_OK);
    other.kind = VRX_ENVELOPE_CONSENT_NOTICE;
    assert_int_equal(put(fixture, &other), VRX_OK);
    other.id[5] = 1;
    assert_int_equal(put(fixture, &other), VRX_OK);
    assert_int_equal(rows_in(fixture, "arrival"), 4);
    assert_ok(vrx_arrival_get(
        fixture->tenant, &fixture->arena, &given.sender, given.kind, given.id, &found));
    assert_string_equal(found.sender.digits, "122173");
    assert_int_equal(found.kind, VRX_ENVELOPE_RECEIPT);
    assert_memory_equal(found.id, given.id, VRX_ID);
    assert_memory_equal(found.digest, given.digest, VRX_DIGEST);
    assert_text(found.acknowledgement, "sealed receipt");
    assert_int_equal(found.arrived_at, NOW);
    assert_reason(vrx_arrival_get(fixture->tenant, &fixture->arena, &given.sender,
                      VRX_ENVELOPE_CORRECTION_NOTICE, given.id, &found),
        VRX_NOT_FOUND);
}

static void faulty_arrivals_are_refused(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t bytes[VRX_LIMIT_TRANSFER + 1];
    struct vrx_arrival_record given = arrival_of(1);
    given.acknowledgement = (struct vrx_view){0};
    assert_int_equal(put(fixture, &given), VRX_INPUT_FIELD_MISSING);
    given.acknowledgement = vrx_view_of(bytes, sizeof bytes);
    assert_int_equal(put(fixture, &given), VRX_INPUT_TOO_LARGE);
    given = arrival_of(1);
    given.kind = VRX_ENVELOPE_ANSWER; /* of queries and answers the transfers know */
    assert_int_equal(put(fixture, &given), VRX_INPUT_RANGE);
    assert_int_equal(rows_in(fixture, "arrival"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_arrived_is_there_once_by_sender_kind_and_id),
        STORE_TEST(faulty_arrivals_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
