/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/cbor/writer.c: the deterministic examples of RFC 8949 Appendix A written, and each misuse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cbor/reader.h"
#include "cbor/writer.h"
#include "support/hex.h"

/* Writes again what the reader reads, pull by pull. */
static void copy_item(struct vrx_cbor_reader *reader, struct vrx_cbor_writer *writer);

static void copy_items(struct vrx_cbor_reader *reader, struct vrx_cbor_writer *writer, uint64_t n) {
    for (uint64_t i = 0; i < n; i++)
        copy_item(reader, writer);
}

static void copy_string(struct vrx_cbor_reader *reader, struct vrx_cbor_writer *writer) {
    struct vrx_view view;
    if (vrx_is_ok(vrx_cbor_bytes(reader, &view))) {
        vrx_cbor_put_bytes(writer, view);
    } else {
        assert_int_equal(vrx_cbor_text(reader, &view).reason, VRX_OK);
        vrx_cbor_put_text(writer, view);
    }
}

static void copy_number(struct vrx_cbor_reader *reader, struct vrx_cbor_writer *writer) {
    int64_t i;
    uint64_t u;
    struct vrx_view item;
    if (vrx_is_ok(vrx_cbor_int(reader, &i))) {
        vrx_cbor_put_int(writer, i);
    } else if (vrx_is_ok(vrx_cbor_uint(reader, &u))) {
        vrx_cbor_put_uint(writer, u);
    } else {
        assert_int_equal(vrx_cbor_item(reader, &item).reason, VRX_OK);
        vrx_cbor_put_item(writer, item);
    }
}

static void copy_item(struct vrx_cbor_reader *reader, struct vrx_cbor_writer *writer) {
    uint64_t count;
    bool truth;
    switch (vrx_cbor_peek(reader)) {
    case VRX_CBOR_BYTES:
    case VRX_CBOR_TEXT:
        copy_string(reader, writer);
        break;
    case VRX_CBOR_ARRAY:
        assert_int_equal(vrx_cbor_array(reader, &count).reason, VRX_OK);
        vrx_cbor_put_array(writer, count);
        copy_items(reader, writer, count);
        break;
    case VRX_CBOR_MAP:
        assert_int_equal(vrx_cbor_map(reader, &count).reason, VRX_OK);
        vrx_cbor_put_map(writer, count);
        copy_items(reader, writer, 2 * count);
        break;
    case VRX_CBOR_TAG:
        assert_int_equal(vrx_cbor_tag(reader, &count).reason, VRX_OK);
        vrx_cbor_put_tag(writer, count);
        copy_item(reader, writer);
        break;
    case VRX_CBOR_BOOL:
        assert_int_equal(vrx_cbor_bool(reader, &truth).reason, VRX_OK);
        vrx_cbor_put_bool(writer, truth);
        break;
    case VRX_CBOR_NULL:
        assert_int_equal(vrx_cbor_null(reader).reason, VRX_OK);
        vrx_cbor_put_null(writer);
        break;
    default:
        copy_number(reader, writer);
    }
}

static const char *const deterministic[] = {
    "00",
    "01",
    "0a",
    "17",
    "1818",
    "1819",
    "1864",
    "1903e8",
    "1a000f4240",
    "1b000000e8d4a51000",
    "1bffffffffffffffff",
    "c249010000000000000000",
    "3bffffffffffffffff",
    "c349010000000000000000",
    "20",
    "29",
    "3863",
    "3903e7",
    "3b7fffffffffffffff",
    "f4",
    "f5",
    "f6",
    "c074323031332d30332d32315432303a30343a30305a",
    "c11a514b67b0",
    "d28101",
    "d74401020304",
    "d818456449455446",
    "d82076687474703a2f2f7777772e6578616d706c652e636f6d",
    "40",
    "4401020304",
    "60",
    "6161",
    "6449455446",
    "62225c",
    "62c3bc",
    "63e6b0b4",
    "64f0908591",
    "80",
    "83010203",
    "8301820203820405",
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
    "a0",
    "a201020304",
    "a26161016162820203",
    "826161a161626163",
    "a56161614161626142616361436164614461656145",
    "a3018080a0810100",
    "8181818181818181818181818181818100",
};

static void rfc_8949_appendix_a(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof deterministic / sizeof *deterministic; i++) {
        struct vrx_view input = vrx_test_hex(deterministic[i]);
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
        assert_int_equal(vrx_buffer_append_byte(&out, 0xee).reason, VRX_OK);
        struct vrx_cbor_reader reader;
        struct vrx_cbor_writer writer;
        assert_int_equal(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, input).reason, VRX_OK);
        vrx_cbor_writer_init(&writer, &out);
        copy_item(&reader, &writer);
        assert_int_equal(vrx_cbor_writer_finish(&writer).reason, VRX_OK);
        assert_int_equal(out.len, input.len + 1);
        assert_int_equal(out.ptr[0], 0xee);
        assert_memory_equal(out.ptr + 1, input.ptr, input.len);
        vrx_test_hex_free(input);
    }
}

struct fixture {
    struct vrx_buffer out;
    struct vrx_cbor_writer writer;
};

static int setup(void **state) {
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    assert_int_equal(vrx_buffer_append_byte(&fixture->out, 0xee).reason, VRX_OK);
    vrx_cbor_writer_init(&fixture->writer, &fixture->out);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    vrx_buffer_done(&fixture->out);
    test_free(fixture);
    return 0;
}

/* Whatever went wrong, out is as it was. */
static void assert_refused(struct fixture *fixture, enum vrx_reason reason) {
    struct vrx_result result = vrx_cbor_writer_finish(&fixture->writer);
    assert_string_equal(vrx_reason_name(result.reason), vrx_reason_name(reason));
    assert_int_equal(fixture->out.len, 1);
}

static void s4_2_1_keys_descend(void **state) {
    struct fixture *fixture = *state;
    vrx_cbor_put_map(&fixture->writer, 2);
    vrx_cbor_put_uint(&fixture->writer, 2);
    vrx_cbor_put_null(&fixture->writer);
    vrx_cbor_put_uint(&fixture->writer, 1);
    vrx_cbor_put_null(&fixture->writer);
    assert_refused(fixture, VRX_INTERNAL_ERROR);
}

static void s4_2_1_a_key_twice(void **state) {
    struct fixture *fixture = *state;
    vrx_cbor_put_map(&fixture->writer, 2);
    for (int i = 0; i < 2; i++) {
        vrx_cbor_put_array(&fixture->writer, 1);
        vrx_cbor_put_int(&fixture->writer, -1);
        vrx_cbor_put_null(&fixture->writer);
    }
    assert_refused(fixture, VRX_INTERNAL_ERROR);
}

static void s3_nothing_written(void **state) {
    assert_refused(*state, VRX_INTERNAL_ERROR);
}

static void s3_an_item_is_owed(void **state) {
    struct fixture *fixture = *state;
    vrx_cbor_put_tag(&fixture->writer, 18);
    vrx_cbor_put_array(&fixture->writer, 2);
    vrx_cbor_put_null(&fixture->writer);
    assert_refused(fixture, VRX_INTERNAL_ERROR);
}

static void s3_an_empty_item(void **state) {
    struct fixture *fixture = *state;
    vrx_cbor_put_item(&fixture->writer, vrx_view_of(NULL, 0));
    assert_refused(fixture, VRX_INTERNAL_ERROR);
}

static void s5_1_one_item_too_many(void **state) {
    struct fixture *fixture = *state;
    vrx_cbor_put_array(&fixture->writer, 1);
    vrx_cbor_put_null(&fixture->writer);
    vrx_cbor_put_null(&fixture->writer);
    assert_refused(fixture, VRX_INTERNAL_ERROR);
}

static void s3_1_text_not_utf8(void **state) {
    struct fixture *fixture = *state;
    vrx_cbor_put_text(&fixture->writer, vrx_view_of("\xff", 1));
    assert_refused(fixture, VRX_INPUT_TEXT);
}

static void s3_1_map_of_2_63_pairs(void **state) {
    struct fixture *fixture = *state;
    vrx_cbor_put_map(&fixture->writer, (uint64_t)1 << 63);
    assert_refused(fixture, VRX_INPUT_TOO_LARGE);
}

static void s10_17_levels(void **state) {
    struct fixture *fixture = *state;
    for (int i = 0; i < 17; i++)
        vrx_cbor_put_array(&fixture->writer, 1);
    vrx_cbor_put_null(&fixture->writer);
    assert_refused(fixture, VRX_INPUT_TOO_DEEP);
}

static void the_buffer_s_limit(void **state) {
    struct fixture *fixture = *state;
    fixture->out.limit = 4;
    vrx_cbor_put_bytes(&fixture->writer, vrx_view_of("abc", 3));
    assert_refused(fixture, VRX_INPUT_TOO_LARGE);
}

static void the_first_error_stays(void **state) {
    struct fixture *fixture = *state;
    vrx_cbor_put_text(&fixture->writer, vrx_view_of("\xff", 1));
    vrx_cbor_put_item(&fixture->writer, vrx_view_of(NULL, 0));
    vrx_cbor_put_null(&fixture->writer);
    assert_refused(fixture, VRX_INPUT_TEXT);
}

#define WITH_WRITER(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_8949_appendix_a),
        WITH_WRITER(s4_2_1_keys_descend),
        WITH_WRITER(s4_2_1_a_key_twice),
        WITH_WRITER(s3_nothing_written),
        WITH_WRITER(s3_an_item_is_owed),
        WITH_WRITER(s3_an_empty_item),
        WITH_WRITER(s5_1_one_item_too_many),
        WITH_WRITER(s3_1_text_not_utf8),
        WITH_WRITER(s3_1_map_of_2_63_pairs),
        WITH_WRITER(s10_17_levels),
        WITH_WRITER(the_buffer_s_limit),
        WITH_WRITER(the_first_error_stays),
    };
    return cmocka_run_group_tests_name("cbor/writer", tests, NULL, NULL);
}
