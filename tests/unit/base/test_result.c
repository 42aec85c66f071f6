/* SPDX-License-Identifier: Apache-2.0 */
#include "base/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct row {
    enum vrx_reason reason;
    unsigned value;
    const char *name;
};

static const struct row rows[] = {
#define VRX_REASON(name, value, category, retry, en, ja) {VRX_##name, value, #name},
#include "base/reasons.def"
#undef VRX_REASON
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

static void rows_ascend_so_that_look_up_finds_each(void **state) {
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (i)
            assert_true(rows[i - 1].value < rows[i].value);
        assert_int_equal(vrx_reason_from_value(rows[i].value), rows[i].reason);
        assert_int_equal(vrx_reason_from_name(rows[i].name), rows[i].reason);
        assert_string_equal(vrx_reason_name(rows[i].reason), rows[i].name);
    }
}

/* The hundreds of a value are its category: the table of docs/ is read that way. */
static void category_follows_from_the_hundreds(void **state) {
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++)
        assert_int_equal(vrx_reason_category(rows[i].reason), rows[i].value / 100);
    assert_int_equal(vrx_reason_category(VRX_OK), VRX_CATEGORY_OK);
}

static void sentences_are_there_in_both_languages_without_full_stop(void **state) {
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const char *en = vrx_reason_sentence_en(rows[i].reason);
        const char *ja = vrx_reason_sentence_ja(rows[i].reason);
        assert_true(strlen(en) > 10 && strlen(ja) > 10);
        assert_string_not_equal(en, ja);
        assert_int_not_equal(en[strlen(en) - 1], '.');
        assert_null(strstr(ja, "。"));
    }
}

static void known_rows(void **state) {
    (void)state;
    assert_string_equal(vrx_reason_name(VRX_CONSENT_REVOKED), "CONSENT_REVOKED");
    assert_string_equal(vrx_reason_sentence_en(VRX_CONSENT_REVOKED), "the consent was revoked");
    assert_string_equal(vrx_reason_sentence_ja(VRX_CONSENT_REVOKED), "本人同意は撤回されています");
    assert_int_equal(vrx_reason_category(VRX_CONSENT_REVOKED), VRX_CATEGORY_AUTH);
    assert_int_equal(vrx_reason_retry(VRX_CONSENT_REVOKED), VRX_RETRY_NEVER);
    assert_int_equal(vrx_reason_retry(VRX_DATE_INVALID), VRX_RETRY_CORRECTED);
    assert_int_equal(vrx_reason_retry(VRX_QUEUE_FULL), VRX_RETRY_LATER);
    assert_int_equal(vrx_reason_retry(VRX_SHUTTING_DOWN), VRX_RETRY_NOW);
    assert_string_equal(vrx_reason_name(VRX_OK), "OK");
}

static void numbers_and_names_without_row(void **state) {
    (void)state;
    assert_string_equal(vrx_reason_name((enum vrx_reason)99999), "UNKNOWN");
    assert_non_null(vrx_reason_sentence_en((enum vrx_reason)1));
    assert_non_null(vrx_reason_sentence_ja((enum vrx_reason)1));
    assert_int_equal(vrx_reason_category((enum vrx_reason)1), VRX_CATEGORY_INTERNAL);
    assert_int_equal(vrx_reason_from_value(1), VRX_INTERNAL_ERROR);
    assert_int_equal(vrx_reason_from_value(UINT32_MAX), VRX_INTERNAL_ERROR);
    assert_int_equal(vrx_reason_from_name("CONSENT_REVOKEDX"), VRX_INTERNAL_ERROR);
    assert_int_equal(vrx_reason_from_name(NULL), VRX_INTERNAL_ERROR);
    assert_int_equal(vrx_reason_from_value(0), VRX_OK);
    assert_int_equal(vrx_reason_from_name("OK"), VRX_OK);
}

static struct vrx_result tries(struct vrx_result first, int *ret_went_on) {
    VRX_TRY(first);
    *ret_went_on = 1;
    return vrx_ok();
}

static void try_hands_up_reason_and_clause(void **state) {
    (void)state;
    int went_on = 0;
    struct vrx_result result = tries(vrx_refuse(VRX_LOT_INVALID, "clause 5"), &went_on);
    assert_int_equal(result.reason, VRX_LOT_INVALID);
    assert_string_equal(result.clause, "clause 5");
    assert_int_equal(went_on, 0);
    assert_true(vrx_is_ok(tries(vrx_ok(), &went_on)));
    assert_int_equal(went_on, 1);
    assert_false(vrx_is_ok(vrx_fail(VRX_LOT_INVALID)));
    assert_null(vrx_fail(VRX_LOT_INVALID).clause);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_ascend_so_that_look_up_finds_each),
        cmocka_unit_test(category_follows_from_the_hundreds),
        cmocka_unit_test(sentences_are_there_in_both_languages_without_full_stop),
        cmocka_unit_test(known_rows),
        cmocka_unit_test(numbers_and_names_without_row),
        cmocka_unit_test(try_hands_up_reason_and_clause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
