/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const uint8_t input[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B,
    0x0C, 0x0D, 0x0E, 0x0F, 'a', 'b'};

static void integers_are_big_endian(void **state) {
    (void)state;
    struct vrx_cursor cursor;
    vrx_cursor_init(&cursor, vrx_view_of(input, sizeof input));
    assert_int_equal(vrx_cursor_u8(&cursor), 0x01);
    assert_int_equal(vrx_cursor_u16(&cursor), 0x0203);
    assert_int_equal(vrx_cursor_u32(&cursor), 0x04050607);
    assert_true(vrx_cursor_u64(&cursor) == 0x08090A0B0C0D0E0Fu);
    assert_int_equal(vrx_cursor_finish(&cursor).reason, VRX_INPUT_TRAILING);
    assert_true(vrx_view_equal(vrx_cursor_bytes(&cursor, 2), vrx_view_text("ab")));
    assert_true(vrx_is_ok(vrx_cursor_finish(&cursor)));
}

static void a_read_beyond_the_end_sticks(void **state) {
    (void)state;
    struct vrx_cursor cursor;
    vrx_cursor_init(&cursor, vrx_view_of(input, 3));
    assert_int_equal(vrx_cursor_u32(&cursor), 0);
    assert_int_equal(vrx_cursor_u8(&cursor), 0);
    assert_int_equal(vrx_cursor_bytes(&cursor, 1).len, 0);
    assert_int_equal(vrx_cursor_finish(&cursor).reason, VRX_INPUT_TRUNCATED);

    vrx_cursor_init(&cursor, vrx_view_of(input, 3));
    assert_int_equal(vrx_cursor_bytes(&cursor, SIZE_MAX).len, 0);
    assert_int_equal(vrx_cursor_finish(&cursor).reason, VRX_INPUT_TRUNCATED);
}

static void empty_input(void **state) {
    (void)state;
    struct vrx_cursor cursor;
    vrx_cursor_init(&cursor, vrx_view_text(NULL));
    assert_int_equal(vrx_cursor_bytes(&cursor, 0).len, 0);
    assert_true(vrx_is_ok(vrx_cursor_finish(&cursor)));
    assert_int_equal(vrx_cursor_u16(&cursor), 0);
    assert_int_equal(vrx_cursor_finish(&cursor).reason, VRX_INPUT_TRUNCATED);
}

static void put_and_get_are_inverse(void **state) {
    (void)state;
    uint8_t out[8];
    vrx_put_u64(out, 0x0102030405060708u);
    assert_memory_equal(out, input, 8);
    assert_true(vrx_get_u64(out) == 0x0102030405060708u);
    assert_true(vrx_get_u32(out) == 0x01020304u);
    vrx_put_u16(out, 0xFFFE);
    assert_int_equal(out[0], 0xFF);
    assert_int_equal(out[1], 0xFE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_big_endian),
        cmocka_unit_test(a_read_beyond_the_end_sticks),
        cmocka_unit_test(empty_input),
        cmocka_unit_test(put_and_get_are_inverse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
