/* SPDX-License-Identifier: Apache-2.0 */
#include "pki/ceremony.h"

#include <stdio.h>
#include <stdlib.h>

#include "files/files.h"
#include "support/check.h"

#define NOW ((int64_t)1640995200) /* 2022-01-01T00:00:00Z */

static char folder[64];
static char path[96];

static int set_up(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/vrx-ceremony-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/ceremony.log", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    assert_ok(vrx_folder_remove(folder));
    return 0;
}

static struct vrx_ceremony_log *opened(void) {
    struct vrx_ceremony_log *log = NULL;
    assert_ok(vrx_ceremony_open(folder, &log));
    return log;
}

static struct vrx_result note(enum vrx_ceremony_act act, const char *who) {
    const struct vrx_ceremony_line line = {.time = NOW + (int64_t)act,
        .act = act,
        .key = {0xaa},
        .object = {(uint8_t)act},
        .who = vrx_view_text(who)};
    struct vrx_ceremony_log *log = opened();
    struct vrx_result result = vrx_ceremony_note(log, &line);
    vrx_ceremony_close(&log);
    return result;
}

static struct vrx_buffer content(void) {
    struct vrx_buffer text = {0};
    assert_ok(vrx_file_read(path, 65536, &text));
    return text;
}

static void expect_refused(struct vrx_view text, const char *clause) {
    struct vrx_ceremony_log *log = NULL;
    assert_ok(vrx_file_replace(path, 0644, text));
    struct vrx_result result = vrx_ceremony_open(folder, &log);
    assert_reason(result, VRX_FILE_REFUSED);
    assert_string_equal(result.clause, clause);
    assert_null(log);
}

static void what_was_noted_is_read(void **state) {
    (void)state;
    struct vrx_ceremony_log *log = opened();
    assert_int_equal(vrx_ceremony_count(log), 0);
    vrx_ceremony_close(&log);
    for (unsigned act = VRX_CEREMONY_MADE; act < VRX_CEREMONY_ACTS; act++)
        assert_ok(note((enum vrx_ceremony_act)act, "山田 花子, witness: J. Doe"));
    log = opened();
    assert_int_equal(vrx_ceremony_count(log), 5);
    for (size_t i = 0; i < 5; i++) {
        const struct vrx_ceremony_line line = vrx_ceremony_at(log, i);
        assert_int_equal(line.act, i + 1);
        assert_int_equal(line.time, NOW + (int64_t)i + 1);
        assert_int_equal(line.key[0], 0xaa);
        assert_int_equal(line.object[0], i + 1);
        assert_true(vrx_view_equal(line.who, vrx_view_text("山田 花子, witness: J. Doe")));
    }
    vrx_ceremony_close(&log);
}

/* The first line as sha256sum chains it: printf of 32 zero bytes and the rest of the line. */
static void the_chain_is_what_the_header_says(void **state) {
    (void)state;
    static const char first[] =
        "2045bdc57780d7aa893fa0b886516ab4d43c40632d36cdf95dfd0aca8eb0c154 2022-01-01T00:00:01Z "
        "made "
        "aa00000000000000000000000000000000000000000000000000000000000000 "
        "0100000000000000000000000000000000000000000000000000000000000000 who\n";
    assert_ok(note(VRX_CEREMONY_MADE, "who"));
    struct vrx_buffer text = content();
    assert_true(vrx_view_equal(vrx_buffer_view(&text), vrx_view_text(first)));
    vrx_buffer_done(&text);
}

static void a_name_ends_no_line(void **state) {
    (void)state;
    assert_ok(note(VRX_CEREMONY_MADE, "a\nb\x7f"));
    struct vrx_ceremony_log *log = opened();
    assert_true(vrx_view_equal(vrx_ceremony_at(log, 0).who, vrx_view_text("ab")));
    vrx_ceremony_close(&log);
    assert_reason(note(VRX_CEREMONY_MADE, ""), VRX_INPUT_FIELD_MISSING);
    assert_reason(note(VRX_CEREMONY_MADE, "\n"), VRX_INPUT_FIELD_MISSING);
}

static void every_changed_byte_is_noticed(void **state) {
    (void)state;
    assert_ok(note(VRX_CEREMONY_MADE, "who"));
    assert_ok(note(VRX_CEREMONY_SIGNED, "who"));
    struct vrx_buffer text = content();
    for (size_t i = 0; i < text.len; i++) {
        struct vrx_ceremony_log *log = NULL;
        text.ptr[i] ^= 1;
        assert_ok(vrx_file_replace(path, 0644, vrx_buffer_view(&text)));
        assert_reason(vrx_ceremony_open(folder, &log), VRX_FILE_REFUSED);
        text.ptr[i] ^= 1;
    }
    vrx_buffer_done(&text);
}

static void a_line_that_is_gone_is_noticed(void **state) {
    (void)state;
    for (unsigned act = VRX_CEREMONY_MADE; act <= VRX_CEREMONY_RENEWED; act++)
        assert_ok(note((enum vrx_ceremony_act)act, "who"));
    struct vrx_buffer text = content();
    const uint8_t *end = memchr(text.ptr, '\n', text.len);
    assert_non_null(end);
    const size_t first = (size_t)(end - text.ptr) + 1;
    expect_refused(vrx_view_slice(vrx_buffer_view(&text), first, SIZE_MAX),
        "ceremony.log: the chain is broken");
    expect_refused(vrx_view_slice(vrx_buffer_view(&text), 0, text.len - 1),
        "ceremony.log: its last line is not complete");
    expect_refused(vrx_view_text("hello\n"), "ceremony.log: chain, time, act, key, object, name");
    vrx_buffer_done(&text);
}

static void no_folder_no_log(void **state) {
    (void)state;
    struct vrx_ceremony_log *log = NULL;
    assert_reason(vrx_ceremony_open("/nonexistent", &log), VRX_NOT_FOUND);
    assert_null(log);
    assert_string_equal(vrx_ceremony_act_name((enum vrx_ceremony_act)0), "unknown");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_was_noted_is_read),
        TEST(the_chain_is_what_the_header_says),
        TEST(a_name_ends_no_line),
        TEST(every_changed_byte_is_noticed),
        TEST(a_line_that_is_gone_is_noticed),
        TEST(no_folder_no_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
