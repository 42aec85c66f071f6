/* SPDX-License-Identifier: Apache-2.0 */
#include "store/evidence_record.h"

#include "fixture.h"
#include "objects/query.h"

static struct vrx_evidence_record evidence_of(int64_t resident, uint8_t id) {
    return (struct vrx_evidence_record){
        .id = {id},
        .resident = resident,
        .subject_salt = {9, 8, 7},
        .object = vrx_view_text("signed evidence"),
        .recorded_at = NOW,
    };
}

static void what_was_put_is_got(void **state) {
    struct fixture *fixture = *state;
    struct vrx_evidence_record found;
    struct vrx_evidence_record given = evidence_of(add_resident(fixture, 1), 1);
    assert_ok(vrx_evidence_record_put(fixture->tenant, &given));
    assert_ok(vrx_evidence_record_get(fixture->tenant, &fixture->arena, given.id, &found));
    assert_memory_equal(found.id, given.id, VRX_ID);
    assert_int_equal(found.resident, given.resident);
    assert_memory_equal(found.subject_salt, given.subject_salt, VRX_DIGEST);
    assert_text(found.object, "signed evidence");
    assert_int_equal(found.recorded_at, NOW);
}

static void the_same_id_twice_exists_already(void **state) {
    struct fixture *fixture = *state;
    struct vrx_evidence_record given = evidence_of(add_resident(fixture, 1), 1);
    assert_ok(vrx_evidence_record_put(fixture->tenant, &given));
    assert_reason(vrx_evidence_record_put(fixture->tenant, &given), VRX_ALREADY_EXISTS);
}

static void evidence_about_nobody_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct vrx_evidence_record given = evidence_of(99, 1);
    assert_reason(vrx_evidence_record_put(fixture->tenant, &given), VRX_NOT_FOUND);
}

static void an_object_of_no_bytes_or_too_many_is_refused(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t bytes[VRX_LIMIT_SIGNED_OBJECT + 1];
    struct vrx_evidence_record given = evidence_of(add_resident(fixture, 1), 1);
    given.object = (struct vrx_view){0};
    assert_reason(vrx_evidence_record_put(fixture->tenant, &given), VRX_INPUT_FIELD_MISSING);
    given.object = vrx_view_of(bytes, sizeof bytes);
    assert_reason(vrx_evidence_record_put(fixture->tenant, &given), VRX_INPUT_TOO_LARGE);
    given.object.len--;
    assert_ok(vrx_evidence_record_put(fixture->tenant, &given));
}

static void whom_it_is_about_can_be_asked(void **state) {
    struct fixture *fixture = *state;
    struct vrx_evidence_record found;
    const uint8_t unknown[VRX_ID] = {2};
    int64_t resident = add_resident(fixture, 1);
    struct vrx_evidence_record given = evidence_of(resident, 1);
    assert_ok(vrx_evidence_record_put(fixture->tenant, &given));
    assert_ok(vrx_evidence_record_about(fixture->tenant, given.id, resident));
    assert_reason(
        vrx_evidence_record_about(fixture->tenant, given.id, resident + 1), VRX_EVIDENCE_SUBJECT);
    assert_reason(
        vrx_evidence_record_about(fixture->tenant, unknown, resident), VRX_EVIDENCE_MISSING);
    assert_reason(vrx_evidence_record_get(fixture->tenant, &fixture->arena, unknown, &found),
        VRX_EVIDENCE_MISSING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_put_is_got),
        STORE_TEST(the_same_id_twice_exists_already),
        STORE_TEST(evidence_about_nobody_is_refused),
        STORE_TEST(an_object_of_no_bytes_or_too_many_is_refused),
        STORE_TEST(whom_it_is_about_can_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
