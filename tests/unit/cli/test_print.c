/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print.h"

#include "capture.h"
#include "objects/dated_key.h"
#include "support/check.h"

static struct capture err;

static void the_exit_status_follows_from_the_category(void **state) {
    (void)state;
    static const struct {
        enum vrx_reason reason;
        int status;
    } cases[] = {
        {VRX_INPUT_MALFORMED, VRX_EXIT_REFUSED},
        {VRX_CONSENT_REVOKED, VRX_EXIT_REFUSED},
        {VRX_TENANT_SEALED, VRX_EXIT_REFUSED},
        {VRX_CAP_REACHED, VRX_EXIT_REFUSED},
        {VRX_VAULT_DAMAGED, VRX_EXIT_REFUSED},
        {VRX_NETWORK_FAILED, VRX_EXIT_FAILED},
        {VRX_FILE_REFUSED, VRX_EXIT_FAILED},
        {VRX_INTERNAL_ERROR, VRX_EXIT_FAILED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        capture_begin(&err, STDERR_FILENO);
        int status = vrx_print_refusal("x", vrx_fail(cases[i].reason));
        capture_end(&err);
        assert_int_equal(status, cases[i].status);
    }
}

static void a_refusal_names_reason_clause_and_advice_in_both_languages(void **state) {
    (void)state;
    capture_begin(&err, STDERR_FILENO);
    vrx_print_refusal("history", vrx_refuse(VRX_CONSENT_REVOKED, "consent.status"));
    assert_string_equal(capture_end(&err),
        "vrx: history: the consent was revoked / 本人同意は撤回されています\n"
        "     CONSENT_REVOKED: consent.status - asking again will not help / "
        "再試行しても変わりません\n");
    capture_begin(&err, STDERR_FILENO);
    vrx_print_refusal("a.csv", vrx_fail(VRX_DISK_FULL));
    assert_string_equal(capture_end(&err),
        "vrx: a.csv: the disk is full / ディスクの空きがありません\n"
        "     DISK_FULL - try again later / しばらくしてから再試行してください\n");
}

static void advice_that_names_a_time_is_in_whole_seconds(void **state) {
    (void)state;
    capture_begin(&err, STDERR_FILENO);
    vrx_print_refusal("x", vrx_refuse_for(VRX_RATE_EXCEEDED, "limit", 1001));
    assert_non_null(strstr(capture_end(&err),
        "RATE_EXCEEDED: limit - try again in 2 s / 2秒後に再試行してください\n"));
}

/* A clause may come from another office's answer. */
static void a_clause_moves_no_cursor(void **state) {
    (void)state;
    capture_begin(&err, STDERR_FILENO);
    vrx_print_refusal("x", vrx_refuse(VRX_CONSENT_REVOKED, "\x1b]0;title\x07"));
    const char *said = capture_end(&err);
    assert_null(strchr(said, '\x1b'));
    assert_non_null(strstr(said, "?]0;title?"));
}

static void an_instant_is_shown_in_japans_time(void **state) {
    (void)state;
    char text[VRX_PRINT_TIME];
    vrx_print_time(1634007845, text); /* 2021-10-12T03:04:05Z */
    assert_string_equal(text, "2021-10-12 12:04:05 JST");
    vrx_print_time(1634052600, text); /* 15:30 UTC is the next day */
    assert_string_equal(text, "2021-10-13 00:30:00 JST");
}

static void an_instant_is_a_cell(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_table_done) struct vrx_table table;
    vrx_table_init(&table, (const char *const[]){"a", "b", "c", NULL});
    vrx_table_time(&table, 1634007845);
    vrx_table_time(&table, 0);
    vrx_table_time(&table, VRX_KEY_NO_END);
    assert_ok(table.error);
    assert_string_equal(table.cells[3], "2021-10-12 12:04:05 JST");
    assert_string_equal(table.cells[4], "");
    assert_string_equal(table.cells[5], "-");
}

/* Standard error is a file here. */
static void there_is_no_bar_but_on_a_terminal(void **state) {
    (void)state;
    struct vrx_progress progress;
    capture_begin(&err, STDERR_FILENO);
    vrx_progress_init(&progress, "a.csv");
    vrx_progress_show(&progress, 1, 2);
    vrx_progress_show(&progress, 2, 2);
    vrx_progress_stop(&progress);
    assert_string_equal(capture_end(&err), "");
}

static void the_bar_ends_with_one_line_feed(void **state) {
    (void)state;
    struct vrx_progress progress = {.what = "a.csv", .enabled = true};
    capture_begin(&err, STDERR_FILENO);
    vrx_progress_show(&progress, 1, 2);
    vrx_progress_show(&progress, 2, 2);
    vrx_progress_stop(&progress);
    const char *said = capture_end(&err);
    assert_non_null(strstr(said, "a.csv [████████████████████····················]  50 %"));
    assert_non_null(strstr(said, "] 100 %\n"));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_exit_status_follows_from_the_category),
        cmocka_unit_test(a_refusal_names_reason_clause_and_advice_in_both_languages),
        cmocka_unit_test(advice_that_names_a_time_is_in_whole_seconds),
        cmocka_unit_test(a_clause_moves_no_cursor),
        cmocka_unit_test(an_instant_is_shown_in_japans_time),
        cmocka_unit_test(an_instant_is_a_cell),
        cmocka_unit_test(there_is_no_bar_but_on_a_terminal),
        cmocka_unit_test(the_bar_ends_with_one_line_feed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
