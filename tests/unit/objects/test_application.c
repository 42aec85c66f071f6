/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/application.c: what each kind of certificate needs in its application.
 */
#include "objects/application.h"

#include <string.h>

#include "support/check.h"
#include "unit/objects/samples.h"

static const struct vrx_application hcert = {.kind = VRX_CERTIFICATE_HCERT,
    .surname = SAMPLE_VIEW("HOKKAI"),
    .given_name = SAMPLE_VIEW("HANAKO")};
static const struct vrx_application domestic = {
    .kind = VRX_CERTIFICATE_DOMESTIC, .name = SAMPLE_VIEW("北海　花子")};
static const struct vrx_application travel = {.kind = VRX_CERTIFICATE_TRAVEL,
    .surname = SAMPLE_VIEW("HOKKAI"),
    .given_name = SAMPLE_VIEW("HANAKO"),
    .passport_number = SAMPLE_VIEW("TR1234567"),
    .nationality = SAMPLE_VIEW("JPN")};

static const size_t texts[] = {offsetof(struct vrx_application, surname),
    offsetof(struct vrx_application, given_name), offsetof(struct vrx_application, passport_number),
    offsetof(struct vrx_application, nationality), offsetof(struct vrx_application, name)};

static void each_kind_needs_its_fields_and_has_no_other(void **state) {
    (void)state;
    const struct vrx_application *const good[] = {&hcert, &domestic, &travel};
    for (size_t kind = 0; kind < sizeof good / sizeof *good; kind++) {
        assert_ok(vrx_application_check(good[kind]));
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            struct vrx_application changed = *good[kind];
            struct vrx_view text;
            memcpy(&text, (const char *)good[kind] + texts[i], sizeof text);
            const bool there = text.len > 0;
            text = there ? (struct vrx_view){0} : vrx_view_text("JPN");
            memcpy((char *)&changed + texts[i], &text, sizeof text);
            struct vrx_result result = vrx_application_check(&changed);
            assert_reason(result, there ? VRX_INPUT_FIELD_MISSING : VRX_INPUT_FIELD_UNKNOWN);
            assert_non_null(strstr(result.clause, "application."));
        }
    }
}

static void refusal_application_kind(void **state) {
    (void)state;
    struct vrx_application changed = hcert;
    changed.kind = 0;
    assert_reason(vrx_application_check(&changed), VRX_INPUT_RANGE);
    changed.kind = VRX_CERTIFICATE_LAST + 1;
    assert_reason(vrx_application_check(&changed), VRX_INPUT_RANGE);
}

static void refusal_icao_9303_4_4_2_2_passport_number(void **state) {
    (void)state;
    static const struct {
        const char *number;
        enum vrx_reason reason;
    } rows[] = {{"TR1234567", VRX_OK}, {"1", VRX_OK}, {"A<1", VRX_OK}, {"<A1", VRX_INPUT_MALFORMED},
        {"A1<", VRX_INPUT_MALFORMED}, {"<", VRX_INPUT_MALFORMED},
        {"tr1234567", VRX_INPUT_MALFORMED}, {"TR 12345", VRX_INPUT_MALFORMED},
        {"TR-12345", VRX_INPUT_MALFORMED}, {"\xef\xbc\xa1", VRX_INPUT_MALFORMED}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_application changed = travel;
        changed.passport_number = vrx_view_text(rows[i].number);
        assert_reason(vrx_application_check(&changed), rows[i].reason);
    }
}

static void refusal_icao_9303_3_5_nationality(void **state) {
    (void)state;
    struct vrx_application changed = travel;
    changed.nationality = vrx_view_text("D");
    assert_ok(vrx_application_check(&changed));
    changed.nationality = vrx_view_text("JP");
    struct vrx_result result = vrx_application_check(&changed);
    assert_reason(result, VRX_INPUT_MALFORMED);
    assert_string_equal(result.clause, "application.nationality");
}

/* One that a vault has kept since before there were other kinds. */
static void an_application_without_the_later_fields_is_what_it_was(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    struct vrx_application old = sample_application_least;
    struct vrx_application read;
    vrx_arena_init(&arena, 0);
    old.surname = vrx_view_text("HOKKAI");
    old.given_name = vrx_view_text("HANAKO");
    assert_ok(vrx_object_encode(&vrx_application_schema, &old, &out));
    assert_int_equal(out.ptr[0], 0xab); /* a map of 11 */
    assert_ok(vrx_object_decode(&vrx_application_schema, vrx_buffer_view(&out), &arena, &read));
    assert_ok(vrx_application_check(&read));
}

static void elsewhere_each_municipality_once_and_not_the_one_applied_to(void **state) {
    (void)state;
    struct vrx_municipality_code others[] = {KASHIWA, KOFU};
    struct vrx_application changed = hcert;
    changed.municipality = (struct vrx_municipality_code)SAPPORO;
    changed.elsewhere = others;
    changed.elsewhere_count = 2;
    assert_ok(vrx_application_check(&changed));
    others[1] = others[0];
    assert_reason(vrx_application_check(&changed), VRX_INPUT_RANGE);
    others[1] = changed.municipality;
    assert_reason(vrx_application_check(&changed), VRX_INPUT_RANGE);
}

static void it_is_for_where_it_was_made_and_for_the_others_alone(void **state) {
    (void)state;
    const struct vrx_municipality_code sapporo = SAPPORO, kashiwa = KASHIWA, kofu = KOFU;
    struct vrx_municipality_code others[] = {KASHIWA};
    struct vrx_application changed = hcert;
    changed.municipality = sapporo;
    assert_true(vrx_application_is_for(&changed, &sapporo));
    assert_false(vrx_application_is_for(&changed, &kashiwa));
    changed.elsewhere = others;
    changed.elsewhere_count = 1;
    assert_true(vrx_application_is_for(&changed, &kashiwa));
    assert_false(vrx_application_is_for(&changed, &kofu));
}

static void each_municipality_uses_it_under_an_id_of_its_own(void **state) {
    (void)state;
    const struct vrx_municipality_code code[] = {SAPPORO, KASHIWA, KOFU};
    uint8_t use[3][VRX_ID];
    struct vrx_application changed = hcert;
    changed.municipality = code[0];
    memset(changed.id, 0x60, VRX_ID);
    for (size_t i = 0; i < 3; i++)
        assert_ok(vrx_application_use(&changed, &code[i], use[i]));
    assert_memory_equal(use[0], changed.id, VRX_ID);
    assert_memory_not_equal(use[0], use[1], VRX_ID);
    assert_memory_not_equal(use[0], use[2], VRX_ID);
    assert_memory_not_equal(use[1], use[2], VRX_ID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_needs_its_fields_and_has_no_other),
        cmocka_unit_test(refusal_application_kind),
        cmocka_unit_test(refusal_icao_9303_4_4_2_2_passport_number),
        cmocka_unit_test(refusal_icao_9303_3_5_nationality),
        cmocka_unit_test(an_application_without_the_later_fields_is_what_it_was),
        cmocka_unit_test(elsewhere_each_municipality_once_and_not_the_one_applied_to),
        cmocka_unit_test(it_is_for_where_it_was_made_and_for_the_others_alone),
        cmocka_unit_test(each_municipality_uses_it_under_an_id_of_its_own),
    };
    return cmocka_run_group_tests_name("objects/application", tests, NULL, NULL);
}
