/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* What a file reads as: "line:a|b|c;" for each record, "line!REASON;" for one that is wrong, then
 * "END" or the reason that ended it. */
static void transcript(struct vrx_view input, size_t chunk, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_csv_done) struct vrx_csv csv;
    vrx_csv_init(&csv);
    size_t fed = 0;
    for (;;) {
        enum vrx_csv_step step;
        const struct vrx_csv_record *record;
        char head[64];
        struct vrx_result result = vrx_csv_next(&csv, &step, &record);
        if (!vrx_is_ok(result)) {
            snprintf(head, sizeof head, "%lu %s", (unsigned long)vrx_csv_line(&csv),
                vrx_reason_name(result.reason));
            assert_true(vrx_is_ok(vrx_buffer_append(out, vrx_view_text(head))));
            break;
        }
        if (step == VRX_CSV_END) {
            assert_true(vrx_is_ok(vrx_buffer_append(out, vrx_view_text("END"))));
            break;
        }
        if (step == VRX_CSV_MORE) {
            struct vrx_view part = vrx_view_slice(input, fed, chunk);
            fed += part.len;
            if (part.len)
                assert_true(vrx_is_ok(vrx_csv_feed(&csv, part)));
            else
                vrx_csv_finish(&csv);
            continue;
        }
        snprintf(head, sizeof head, "%lu%s", (unsigned long)record->line,
            vrx_is_ok(record->error) ? ":" : "!");
        assert_true(vrx_is_ok(vrx_buffer_append(out, vrx_view_text(head))));
        if (!vrx_is_ok(record->error)) {
            assert_int_equal(record->count, 0);
            const char *name = vrx_reason_name(record->error.reason);
            assert_true(vrx_is_ok(vrx_buffer_append(out, vrx_view_text(name))));
        }
        for (size_t i = 0; i < record->count; i++) {
            if (i)
                assert_true(vrx_is_ok(vrx_buffer_append_byte(out, '|')));
            assert_true(vrx_is_ok(vrx_buffer_append(out, record->fields[i])));
        }
        assert_true(vrx_is_ok(vrx_buffer_append_byte(out, ';')));
    }
    assert_true(vrx_is_ok(vrx_buffer_append_byte(out, '\0')));
}

static void reads_as(const char *input, const char *expected) {
    for (size_t chunk = 1; chunk < 70; chunk++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
        transcript(vrx_view_text(input), chunk, &out);
        assert_string_equal((const char *)out.ptr, expected);
    }
}

static void rfc_4180_2_records_and_fields(void **state) {
    (void)state;
    reads_as("", "END");
    reads_as("a,b,c\r\nd,e,f\r\n", "1:a|b|c;2:d|e|f;END");
    reads_as("a,b,c\nd,e,f", "1:a|b|c;2:d|e|f;END");
    reads_as(",\n,,", "1:|;2:||;END");
    reads_as(" a , b \n", "1: a | b ;END");
    reads_as("\"a\",\"b,c\",\"\"\r\n", "1:a|b,c|;END");
    reads_as("\"a \"\"b\"\" c\",\"\"\"\"\n", "1:a \"b\" c|\";END");
    reads_as("\"a\"", "1:a;END");
}

static void lines_are_counted_through_quotes(void **state) {
    (void)state;
    reads_as("a\n\"b\r\nc\nd\",e\nf\n", "1:a;2:b\r\nc\nd|e;5:f;END");
    reads_as("a\n\n\r\nb\n", "1:a;4:b;END");
}

static void rfc_4180_2_1_a_lone_carriage_return(void **state) {
    (void)state;
    reads_as("a\rb,c\nd\n", "1!INPUT_MALFORMED;2:d;END");
    reads_as("a\r\r\nd\n", "1!INPUT_MALFORMED;2:d;END");
}

static void rfc_4180_2_5_quotes_where_none_may_be(void **state) {
    (void)state;
    reads_as("a\"b,c\nd\n", "1!INPUT_MALFORMED;2:d;END");
    reads_as("\"a\"b,c\nd\n", "1!INPUT_MALFORMED;2:d;END");
    reads_as("\"a\" ,c\nd\n", "1!INPUT_MALFORMED;2:d;END");
    reads_as("a, \"b\"\nd\n", "1!INPUT_MALFORMED;2:d;END");
}

static void a_quote_that_is_never_closed_ends_the_file(void **state) {
    (void)state;
    reads_as("a\n\"b\nc,d\n", "1:a;2 INPUT_TRUNCATED");
    reads_as("\"", "1 INPUT_TRUNCATED");
}

static void a_byte_order_mark_is_no_text(void **state) {
    (void)state;
    reads_as("\xEF\xBB\xBF\"札幌\",b\r\n", "1:札幌|b;END");
    reads_as("\xEF\xBB\xBF", "END");
    reads_as("a\n\xEF\xBB\xBF"
             "b\n",
        "1:a;2:\xEF\xBB\xBF"
        "b;END");
}

static void charsets_become_utf8(void **state) {
    (void)state;
    reads_as("1,札幌\n2,\"花\"\n", "1:1|札幌;2:2|花;END");
    reads_as("1,\x8E\x44\x96\x79\r\n2,\"\x89\xD4\"\r\n", "1:1|札幌;2:2|花;END");
    reads_as("ab,c\n1,\x8E\x44\x96\x79\n", "1:ab|c;2:1|札幌;END");
    /* 表: its second byte is ASCII's backslash; ソ likewise. */
    reads_as("\x95\x5C,\x83\x5C\n", "1:表|ソ;END");
}

static void a_byte_that_is_no_character_spoils_one_record(void **state) {
    (void)state;
    reads_as("\x8E\x44,a\n1,\x81\n2,\x8E\x44\n", "1:札|a;2!INPUT_TEXT;3:2|札;END");
    reads_as("\xEF\xBB\xBF"
             "1,札\n2,\x8E\x44\n3,花\n",
        "1:1|札;2!INPUT_TEXT;3:3|花;END");
}

static void dos_end_of_file_is_no_record(void **state) {
    (void)state;
    reads_as("a\r\n\x1A", "1:a;END");
    reads_as("a\r\n\x1A\r\n", "1:a;2:\x1A;END");
}

/* The first record of a file that has count bytes in its first line, or fields in it. */
static enum vrx_reason reason_for(size_t count, char byte) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer file = {0};
    uint8_t *at;
    assert_true(vrx_is_ok(vrx_buffer_extend(&file, count, &at)));
    memset(at, byte, count);
    assert_true(vrx_is_ok(vrx_buffer_append(&file, vrx_view_text("\nend\n"))));
    VRX_CLEANUP(vrx_csv_done) struct vrx_csv csv;
    vrx_csv_init(&csv);
    enum vrx_csv_step step;
    const struct vrx_csv_record *record = NULL;
    assert_true(vrx_is_ok(vrx_csv_feed(&csv, vrx_buffer_view(&file))));
    struct vrx_result result = vrx_csv_next(&csv, &step, &record);
    if (!vrx_is_ok(result))
        return result.reason;
    enum vrx_reason reason = record->error.reason;
    assert_true(vrx_is_ok(vrx_csv_next(&csv, &step, &record)));
    assert_true(vrx_view_equal(record->fields[0], vrx_view_text("end")));
    return reason;
}

static void records_are_bounded(void **state) {
    (void)state;
    assert_int_equal(reason_for(VRX_CSV_RECORD_BYTES, 'a'), VRX_OK);
    assert_int_equal(reason_for(VRX_CSV_RECORD_BYTES + 1, 'a'), VRX_INPUT_TOO_LARGE);
    assert_int_equal(reason_for(VRX_CSV_FIELDS - 1, ','), VRX_OK);
    assert_int_equal(reason_for(VRX_CSV_FIELDS, ','), VRX_INPUT_TOO_LARGE);
}

/* However long a file is, the reader keeps a record and a chunk of it. */
static void memory_stays_bounded(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_csv_done) struct vrx_csv csv;
    vrx_csv_init(&csv);
    char chunk[1000];
    memset(chunk, 'a', sizeof chunk);
    chunk[998] = '\r';
    chunk[999] = '\n';
    for (unsigned i = 0; i < 5000; i++) {
        enum vrx_csv_step step;
        const struct vrx_csv_record *record;
        assert_true(vrx_is_ok(vrx_csv_feed(&csv, vrx_view_of(chunk, sizeof chunk))));
        assert_true(vrx_is_ok(vrx_csv_next(&csv, &step, &record)));
        assert_int_equal(step, VRX_CSV_RECORD);
        assert_int_equal(record->line, i + 1);
        assert_int_equal(record->fields[0].len, 998);
        assert_true(vrx_is_ok(vrx_csv_next(&csv, &step, &record)));
        assert_int_equal(step, VRX_CSV_MORE);
    }
    assert_true(csv.input.capacity <= 4096);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_4180_2_records_and_fields),
        cmocka_unit_test(lines_are_counted_through_quotes),
        cmocka_unit_test(rfc_4180_2_1_a_lone_carriage_return),
        cmocka_unit_test(rfc_4180_2_5_quotes_where_none_may_be),
        cmocka_unit_test(a_quote_that_is_never_closed_ends_the_file),
        cmocka_unit_test(a_byte_order_mark_is_no_text),
        cmocka_unit_test(charsets_become_utf8),
        cmocka_unit_test(a_byte_that_is_no_character_spoils_one_record),
        cmocka_unit_test(dos_end_of_file_is_no_record),
        cmocka_unit_test(records_are_bounded),
        cmocka_unit_test(memory_stays_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
