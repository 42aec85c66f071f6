/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/formats/base45.c against RFC 9285 and further pairs (VRX_VECTORS/base45.json).
 */
#include "formats/base45.h"

#include <jansson.h>
#include <stdlib.h>

#include "support/check.h"

static json_t *load_vectors(void) {
    const char *folder = getenv("VRX_VECTORS");
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/base45.json", folder ? folder : "../shared/vectors");
    return json_load_file(path, 0, NULL);
}

static void expect_pair(struct vrx_view bytes, const char *text) {
    struct vrx_buffer encoded = {0};
    struct vrx_buffer decoded = {0};
    assert_ok(vrx_base45_encode(bytes, &encoded));
    assert_true(vrx_view_equal(vrx_buffer_view(&encoded), vrx_view_text(text)));
    assert_ok(vrx_base45_decode(vrx_view_text(text), &decoded));
    assert_true(vrx_view_equal(vrx_buffer_view(&decoded), bytes));
    vrx_buffer_done(&encoded);
    vrx_buffer_done(&decoded);
}

static void expect_refusal(struct vrx_view text) {
    struct vrx_buffer out = {0};
    assert_ok(vrx_buffer_append_byte(&out, 'x'));
    assert_reason(vrx_base45_decode(text, &out), VRX_INPUT_MALFORMED);
    assert_int_equal(out.len, 1);
    vrx_buffer_done(&out);
}

static void published_vectors(void **state) {
    (void)state;
    json_t *vectors = load_vectors();
    if (!vectors) {
        print_message("vectors base45.json: absent\n");
        skip();
    }
    size_t i;
    json_t *row;
    size_t passed = 0;
    json_array_foreach(json_object_get(vectors, "encode"), i, row) {
        expect_pair(vrx_view_text(json_string_value(json_object_get(row, "utf8"))),
            json_string_value(json_object_get(row, "base45")));
        passed++;
    }
    json_array_foreach(json_object_get(vectors, "extra"), i, row) {
        uint8_t bytes[64];
        size_t len = test_hex(json_string_value(json_object_get(row, "hex")), bytes, sizeof bytes);
        expect_pair(vrx_view_of(bytes, len), json_string_value(json_object_get(row, "base45")));
        passed++;
    }
    json_array_foreach(json_object_get(vectors, "reject"), i, row) {
        expect_refusal(vrx_view_text(json_string_value(row)));
        passed++;
    }
    print_message("vectors base45: %zu passed, 0 failed, 0 skipped\n", passed);
    assert_true(passed >= 10);
    json_decref(vectors);
}

static void every_pair_of_bytes_round_trips(void **state) {
    (void)state;
    struct vrx_buffer all = {0};
    struct vrx_buffer text = {0};
    struct vrx_buffer back = {0};
    for (unsigned value = 0; value <= 0xffff; value++) {
        assert_ok(vrx_buffer_append_byte(&all, (uint8_t)(value >> 8)));
        assert_ok(vrx_buffer_append_byte(&all, (uint8_t)value));
    }
    assert_ok(vrx_base45_encode(vrx_buffer_view(&all), &text));
    assert_int_equal(text.len, 0x10000 * 3);
    assert_ok(vrx_base45_decode(vrx_buffer_view(&text), &back));
    assert_true(vrx_view_equal(vrx_buffer_view(&back), vrx_buffer_view(&all)));
    vrx_buffer_done(&all);
    vrx_buffer_done(&text);
    vrx_buffer_done(&back);
}

/* Every text of three characters is either one of the 65,536 groups or refused. */
static void refusal_rfc_9285_6_every_other_group(void **state) {
    (void)state;
    unsigned accepted = 0;
    for (unsigned first = 0; first < 128; first++)
        for (unsigned second = 0; second < 128; second++)
            for (unsigned third = 0; third < 128; third++) {
                uint8_t group[3] = {(uint8_t)first, (uint8_t)second, (uint8_t)third};
                uint8_t room[8];
                /* Borrowed memory: two million allocations would say nothing more. */
                struct vrx_buffer out = {.ptr = room, .capacity = sizeof room};
                struct vrx_result result = vrx_base45_decode(vrx_view_of(group, 3), &out);
                assert_true(out.ptr == room);
                accepted += vrx_is_ok(result);
            }
    assert_int_equal(accepted, 0x10000);
}

static void refusal_rfc_9285_6_byte_outside_ascii(void **state) {
    (void)state;
    expect_refusal(vrx_view_of("\xff\xff", 2));
    expect_refusal(vrx_view_of("0\0", 2));
    expect_refusal(vrx_view_of("00\x80", 3));
}

static void refusal_rfc_9285_6_length_1_modulo_3(void **state) {
    (void)state;
    expect_refusal(vrx_view_text("0"));
    expect_refusal(vrx_view_text("0000"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(every_pair_of_bytes_round_trips),
        cmocka_unit_test(refusal_rfc_9285_6_every_other_group),
        cmocka_unit_test(refusal_rfc_9285_6_byte_outside_ascii),
        cmocka_unit_test(refusal_rfc_9285_6_length_1_modulo_3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
