/* SPDX-License-Identifier: Apache-2.0 */
#include "backups/stage.h"

#include "support/check.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static void merges(const char *today, const char *backup, const char *expected) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_backup_merge_routes(vrx_view_text(today), vrx_view_text(backup), &out));
    assert_ok(vrx_buffer_append_byte(&out, '\0'));
    assert_string_equal((const char *)out.ptr, expected);
}

static void test_routes_of_both_once_each(void **state) {
    (void)state;
    merges("", "", "");
    merges("", A " console\n" B "\n", A " console\n" B "\n");
    merges(A "\n", "", A "\n");
    merges(A "\n" B "\n", B " console\n" C "\n", A "\n" B "\n" C "\n"); /* today's word counts */
    merges(A " console\n", A "\n", A " console\n");
    merges("", A, A "\n"); /* the last line feed was lost */
}

static void test_vault_damaged_where_a_route_is_none(void **state) {
    (void)state;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_reason(vrx_backup_merge_routes(vrx_view_text(""), vrx_view_text("abc\n"), &out),
        VRX_VAULT_DAMAGED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes_of_both_once_each),
        cmocka_unit_test(test_vault_damaged_where_a_route_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
