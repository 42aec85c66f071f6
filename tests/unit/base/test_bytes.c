/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"

static void slice_is_clamped(void **state) {
    (void)state;
    struct vrx_view view = vrx_view_text("abcdef");
    assert_true(vrx_view_equal(vrx_view_slice(view, 2, 3), vrx_view_text("cde")));
    assert_true(vrx_view_equal(vrx_view_slice(view, 4, 100), vrx_view_text("ef")));
    assert_true(vrx_view_equal(vrx_view_slice(view, 4, SIZE_MAX), vrx_view_text("ef")));
    assert_int_equal(vrx_view_slice(view, 6, 1).len, 0);
    assert_int_equal(vrx_view_slice(view, SIZE_MAX, SIZE_MAX).len, 0);
    assert_ptr_equal(vrx_view_slice(view, 7, 1).ptr, view.ptr + 6);
    assert_int_equal(vrx_view_slice(vrx_view_text(NULL), 0, 1).len, 0);
}

static void equality_and_order(void **state) {
    (void)state;
    assert_true(vrx_view_equal(vrx_view_text(""), vrx_view_text(NULL)));
    assert_false(vrx_view_equal(vrx_view_text("ab"), vrx_view_text("a")));
    assert_false(vrx_view_equal(vrx_view_text("ab"), vrx_view_text("aB")));
    assert_true(vrx_view_compare(vrx_view_text("a"), vrx_view_text("ab")) < 0);
    assert_true(vrx_view_compare(vrx_view_text("b"), vrx_view_text("ab")) > 0);
    assert_true(vrx_view_compare(vrx_view_text("\xff"), vrx_view_text("a")) > 0);
    assert_int_equal(vrx_view_compare(vrx_view_text("ab"), vrx_view_text("ab")), 0);
    assert_int_equal(vrx_view_compare(vrx_view_text(NULL), vrx_view_text("")), 0);
}

static void constant_time_equality_sees_every_bit(void **state) {
    (void)state;
    uint8_t a[32];
    uint8_t b[32];
    for (size_t i = 0; i < sizeof a; i++)
        a[i] = b[i] = (uint8_t)(i * 7);
    assert_true(vrx_equal_constant_time(vrx_view_of(a, 32), vrx_view_of(b, 32)));
    for (size_t bit = 0; bit < 256; bit++) {
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(vrx_equal_constant_time(vrx_view_of(a, 32), vrx_view_of(b, 32)));
        b[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_false(vrx_equal_constant_time(vrx_view_of(a, 32), vrx_view_of(b, 31)));
    assert_true(vrx_equal_constant_time(vrx_view_of(a, 0), vrx_view_text(NULL)));
}

static void buffer_grows_and_keeps_its_content(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer buffer = {0};
    for (size_t i = 0; i < 1000; i++) {
        assert_true(vrx_is_ok(vrx_buffer_append_byte(&buffer, (uint8_t)i)));
        assert_true(vrx_is_ok(vrx_buffer_append(&buffer, vrx_view_text("xy"))));
    }
    assert_int_equal(buffer.len, 3000);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(buffer.ptr[3 * i], (uint8_t)i);
        assert_memory_equal(buffer.ptr + 3 * i + 1, "xy", 2);
    }
    assert_true(vrx_is_ok(vrx_buffer_append(&buffer, vrx_view_text(NULL))));
    assert_int_equal(vrx_buffer_view(&buffer).len, 3000);
}

static void buffer_extends_by_zeros(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer buffer = {0};
    assert_true(vrx_is_ok(vrx_buffer_append(&buffer, vrx_view_text("secret"))));
    vrx_buffer_clear(&buffer);
    uint8_t *at;
    assert_true(vrx_is_ok(vrx_buffer_extend(&buffer, 100, &at)));
    assert_ptr_equal(at, buffer.ptr);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(at[i], 0);
    assert_true(vrx_is_ok(vrx_buffer_extend(&buffer, 1, &at)));
    assert_ptr_equal(at, buffer.ptr + 100);
}

static void over_the_limit_is_refused_and_changes_nothing(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer buffer = {.limit = 10};
    uint8_t *at = NULL;
    assert_true(vrx_is_ok(vrx_buffer_append(&buffer, vrx_view_text("0123456789"))));
    assert_int_equal(buffer.capacity, 10);
    assert_int_equal(vrx_buffer_append_byte(&buffer, 'x').reason, VRX_INPUT_TOO_LARGE);
    assert_int_equal(vrx_buffer_extend(&buffer, 1, &at).reason, VRX_INPUT_TOO_LARGE);
    assert_int_equal(vrx_buffer_reserve(&buffer, SIZE_MAX).reason, VRX_INPUT_TOO_LARGE);
    assert_null(at);
    assert_int_equal(buffer.len, 10);
    assert_memory_equal(buffer.ptr, "0123456789", 10);

    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer by_default = {0};
    assert_int_equal(
        vrx_buffer_reserve(&by_default, VRX_LIMIT_BUFFER + 1).reason, VRX_INPUT_TOO_LARGE);
    assert_true(vrx_is_ok(vrx_buffer_reserve(&by_default, VRX_LIMIT_BUFFER)));
}

static void clear_wipes_and_done_leaves_a_usable_buffer(void **state) {
    (void)state;
    struct vrx_buffer buffer = {0};
    assert_true(vrx_is_ok(vrx_buffer_append(&buffer, vrx_view_text("secret"))));
    uint8_t *memory = buffer.ptr;
    vrx_buffer_clear(&buffer);
    assert_int_equal(buffer.len, 0);
    assert_memory_equal(memory, "\0\0\0\0\0\0", 6);
    vrx_buffer_done(&buffer);
    assert_null(buffer.ptr);
    assert_true(vrx_is_ok(vrx_buffer_append_byte(&buffer, 'a')));
    vrx_buffer_done(&buffer);
    vrx_buffer_done(&buffer);
}

static void wipe_takes_nothing(void **state) {
    (void)state;
    char text[] = "abc";
    vrx_wipe(NULL, 0);
    vrx_wipe(text, 2);
    assert_memory_equal(text, "\0\0c", 4);
}

/* Records of a key of two bytes and one byte more. */
static void lower_bound_is_the_first_not_below(void **state) {
    (void)state;
    static const uint8_t records[][3] = {{0, 1, 9}, {0, 3, 0}, {0, 3, 9}, {2, 0, 0}};
    static const struct {
        uint8_t key[2];
        size_t at;
    } rows[] = {{{0, 0}, 0}, {{0, 1}, 0}, {{0, 2}, 1}, {{0, 3}, 1}, {{0, 4}, 3}, {{1, 255}, 3},
        {{2, 0}, 3}, {{2, 1}, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(vrx_lower_bound(records, 4, sizeof *records, rows[i].key, 2), rows[i].at);
    assert_int_equal(vrx_lower_bound(NULL, 0, 3, rows[0].key, 2), 0);
    assert_int_equal(vrx_lower_bound(records, 4, sizeof *records, "\0\3\1", 3), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slice_is_clamped),
        cmocka_unit_test(equality_and_order),
        cmocka_unit_test(constant_time_equality_sees_every_bit),
        cmocka_unit_test(buffer_grows_and_keeps_its_content),
        cmocka_unit_test(buffer_extends_by_zeros),
        cmocka_unit_test(over_the_limit_is_refused_and_changes_nothing),
        cmocka_unit_test(clear_wipes_and_done_leaves_a_usable_buffer),
        cmocka_unit_test(wipe_takes_nothing),
        cmocka_unit_test(lower_bound_is_the_first_not_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
