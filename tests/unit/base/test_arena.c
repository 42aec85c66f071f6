/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/limits.h"

static void allocations_are_zero_aligned_and_apart(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    uint8_t *all[400];
    for (size_t i = 0; i < 400; i++) {
        size_t size = i % 50;
        all[i] = vrx_arena_alloc(&arena, size);
        assert_non_null(all[i]);
        assert_int_equal((uintptr_t)all[i] % _Alignof(max_align_t), 0);
        for (size_t at = 0; at < size; at++)
            assert_int_equal(all[i][at], 0);
        memset(all[i], (int)i, size);
    }
    for (size_t i = 0; i < 400; i++) {
        for (size_t at = 0; at < i % 50; at++)
            assert_int_equal(all[i][at], (uint8_t)i);
    }
}

static void larger_than_a_chunk(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    char *small = vrx_arena_alloc(&arena, 4);
    char *large = vrx_arena_alloc(&arena, 1000000);
    assert_non_null(small);
    assert_non_null(large);
    memset(large, 'x', 1000000);
    assert_int_equal(small[3], 0);
}

static void the_limit_holds_and_clear_gives_it_back(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 1024);
    assert_null(vrx_arena_alloc(&arena, 1025));
    assert_null(vrx_arena_alloc(&arena, SIZE_MAX));
    assert_non_null(vrx_arena_alloc(&arena, 1000));
    assert_null(vrx_arena_alloc(&arena, 100));
    assert_int_equal(arena.used % _Alignof(max_align_t), 0);
    vrx_arena_clear(&arena);
    assert_int_equal(arena.used, 0);
    assert_non_null(vrx_arena_alloc(&arena, 1024));
    assert_null(vrx_arena_alloc(&arena, 0));
}

static void a_limit_of_zero_means_the_default(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    assert_null(vrx_arena_alloc(&arena, VRX_LIMIT_ARENA + 1));
    assert_non_null(vrx_arena_alloc(&arena, VRX_LIMIT_ARENA));
}

static void array_size_that_overflows_is_refused(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    assert_null(vrx_arena_alloc_array(&arena, SIZE_MAX / 2 + 1, 2));
    uint64_t *numbers = vrx_arena_alloc_array(&arena, 10, sizeof *numbers);
    assert_non_null(numbers);
    assert_int_equal(numbers[9], 0);
}

static void copies_are_copies(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    char text[] = "札幌";
    struct vrx_view copy;
    char *string;
    char *formatted;
    assert_true(vrx_is_ok(vrx_arena_copy(&arena, vrx_view_text(text), &copy)));
    assert_true(vrx_is_ok(vrx_arena_string(&arena, vrx_view_text(text), &string)));
    assert_true(vrx_is_ok(vrx_arena_format(&arena, &formatted, "%s-%d", text, 42)));
    text[0] = 'x';
    assert_true(vrx_view_equal(copy, vrx_view_text("札幌")));
    assert_string_equal(string, "札幌");
    assert_string_equal(formatted, "札幌-42");
    assert_true(vrx_is_ok(vrx_arena_copy(&arena, vrx_view_text(NULL), &copy)));
    assert_int_equal(copy.len, 0);
}

static void what_does_not_fit_is_out_of_memory(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 16);
    struct vrx_view copy = vrx_view_text("before");
    char *string = NULL;
    struct vrx_view long_text = vrx_view_text("seventeen letters");
    assert_int_equal(vrx_arena_copy(&arena, long_text, &copy).reason, VRX_OUT_OF_MEMORY);
    assert_int_equal(vrx_arena_string(&arena, long_text, &string).reason, VRX_OUT_OF_MEMORY);
    assert_int_equal(vrx_arena_format(&arena, &string, "%017d", 1).reason, VRX_OUT_OF_MEMORY);
    assert_true(vrx_view_equal(copy, vrx_view_text("before")));
    assert_null(string);
}

static void an_array_grows_and_keeps_its_content(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    uint32_t *array = NULL;
    size_t capacity = 0;
    vrx_arena_init(&arena, 64 * sizeof *array + 128 * sizeof *array);
    for (size_t count = 0; count < 128; count++) {
        uint32_t *before = array;
        array = vrx_arena_grow(&arena, array, count, sizeof *array, &capacity);
        assert_non_null(array);
        assert_int_equal(array == before, count != 0 && count != 64);
        assert_true(count < capacity);
        array[count] = (uint32_t)count;
    }
    for (size_t i = 0; i < 128; i++)
        assert_int_equal(array[i], i);
    assert_null(vrx_arena_grow(&arena, array, 128, sizeof *array, &capacity));
    assert_int_equal(capacity, 128);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_zero_aligned_and_apart),
        cmocka_unit_test(larger_than_a_chunk),
        cmocka_unit_test(the_limit_holds_and_clear_gives_it_back),
        cmocka_unit_test(a_limit_of_zero_means_the_default),
        cmocka_unit_test(array_size_that_overflows_is_refused),
        cmocka_unit_test(copies_are_copies),
        cmocka_unit_test(what_does_not_fit_is_out_of_memory),
        cmocka_unit_test(an_array_grows_and_keeps_its_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
