/* SPDX-License-Identifier: Apache-2.0 */
#include "store/law_text.h"

#include "fixture.h"

static struct vrx_law_text law_of(enum vrx_law_kind kind, uint8_t digest, int64_t used_from) {
    struct vrx_law_text law = {
        .kind = kind, .digest = {digest}, .version = digest, .used_from = used_from};
    if (kind == VRX_LAW_PERMITS)
        law.text = vrx_view_text("signed permit table");
    return law;
}

static void note(
    struct fixture *fixture, enum vrx_law_kind kind, uint8_t digest, int64_t used_from) {
    struct vrx_law_text law = law_of(kind, digest, used_from);
    assert_ok(vrx_law_text_note(fixture->tenant, &law));
}

static uint8_t in_force(struct fixture *fixture, enum vrx_law_kind kind, int64_t time) {
    struct vrx_law_text found;
    assert_ok(vrx_law_text_at(fixture->tenant, &fixture->arena, kind, time, &found));
    assert_int_equal(found.kind, kind);
    return found.digest[0];
}

static void what_was_noted_is_there_by_its_digest(void **state) {
    struct fixture *fixture = *state;
    struct vrx_law_text found;
    const uint8_t digest[VRX_DIGEST] = {7};
    const uint8_t other[VRX_DIGEST] = {8};
    note(fixture, VRX_LAW_PERMITS, 7, NOW);
    note(fixture, VRX_LAW_PERMITS, 7, NOW + 5); /* the first use counts */
    assert_ok(vrx_law_text_get(fixture->tenant, &fixture->arena, digest, &found));
    assert_int_equal(found.kind, VRX_LAW_PERMITS);
    assert_int_equal(found.version, 7);
    assert_int_equal(found.used_from, NOW);
    assert_text(found.text, "signed permit table");
    assert_int_equal(rows_in(fixture, "law_text"), 1);
    assert_reason(vrx_law_text_get(fixture->tenant, &fixture->arena, other, &found), VRX_NOT_FOUND);
}

static void each_instant_has_its_law(void **state) {
    struct fixture *fixture = *state;
    struct vrx_law_text found;
    note(fixture, VRX_LAW_PERMITS, 1, NOW);
    note(fixture, VRX_LAW_DIRECTORY, 2, NOW + 1);
    note(fixture, VRX_LAW_PERMITS, 3, NOW + 10);
    note(fixture, VRX_LAW_PERMITS, 4, NOW + 10); /* in one second: the later version */
    assert_int_equal(in_force(fixture, VRX_LAW_PERMITS, NOW), 1);
    assert_int_equal(in_force(fixture, VRX_LAW_PERMITS, NOW + 9), 1);
    assert_int_equal(in_force(fixture, VRX_LAW_PERMITS, NOW + 10), 4);
    assert_int_equal(in_force(fixture, VRX_LAW_DIRECTORY, NOW + 99), 2);
    assert_reason(
        vrx_law_text_at(fixture->tenant, &fixture->arena, VRX_LAW_PERMITS, NOW - 1, &found),
        VRX_NOT_FOUND);
}

static void what_is_no_law_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct vrx_law_text law = law_of(VRX_LAW_PERMITS, 1, NOW);
    law.text.len = 0;
    assert_reason(vrx_law_text_note(fixture->tenant, &law), VRX_INPUT_FIELD_MISSING);
    law = law_of(VRX_LAW_DIRECTORY, 1, NOW);
    law.text = vrx_view_text("a directory is a file");
    assert_reason(vrx_law_text_note(fixture->tenant, &law), VRX_INPUT_RANGE);
    law = law_of((enum vrx_law_kind)3, 1, NOW);
    assert_reason(vrx_law_text_note(fixture->tenant, &law), VRX_INPUT_RANGE);
    law = law_of(VRX_LAW_DIRECTORY, 1, NOW);
    law.version = UINT64_MAX;
    assert_reason(vrx_law_text_note(fixture->tenant, &law), VRX_INPUT_RANGE);
    assert_int_equal(rows_in(fixture, "law_text"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_noted_is_there_by_its_digest),
        STORE_TEST(each_instant_has_its_law),
        STORE_TEST(what_is_no_law_is_refused),
    };
    return cmocka_run_group_tests_name("store/law_text", tests, NULL, NULL);
}
