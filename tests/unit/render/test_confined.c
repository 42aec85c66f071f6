/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/render/read/confined.c: what a program can and cannot do in there, tried by one
 * (support/try_out.c).
 */
#include "render/read/confined.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/check.h"

#define TRIES \
    "read a file: done\n" \
    "write a file: EPERM\n" \
    "append to a file: EPERM\n" \
    "remove a file: EPERM\n" \
    "make a folder: EPERM\n" \
    "socket: EPERM\n" \
    "local socket: EPERM\n" \
    "fork: EPERM\n" \
    "run a program: EPERM\n" \
    "raise a limit: EPERM\n" \
    "memory: ENOMEM\n" \
    "kill: EPERM\n" \
    "trace: EPERM\n" \
    "LC_ALL=C\n" \
    "HOME=/nonexistent\n"

static struct vrx_confined start(const char *what, struct vrx_view input) {
    const char *const argv[] = {VRX_TRY_OUT, what, NULL};
    struct vrx_confined confined;
    assert_ok(vrx_confined_start(argv, input, &confined));
    return confined;
}

static struct vrx_buffer output_of(struct vrx_confined *confined) {
    struct vrx_buffer out = {0};
    uint8_t bytes[1000];
    size_t len = 0;
    do {
        assert_ok(vrx_confined_read(confined, bytes, sizeof bytes, &len));
        assert_ok(vrx_buffer_append(&out, vrx_view_of(bytes, len)));
    } while (len);
    return out;
}

static void nothing_else_can_be_done(void **state) {
    (void)state;
    /* What is open here stays here. */
    const int open_here = fcntl(STDERR_FILENO, F_DUPFD, 100);
    assert_true(open_here >= 100);
    setenv("VRX_SECRET", "secret", 1);
    struct vrx_confined confined = start("all", vrx_view_text(""));
    struct vrx_buffer out = output_of(&confined);
    assert_int_equal(vrx_confined_end(&confined), 0);
    assert_ok(vrx_buffer_append_byte(&out, 0));
    assert_string_equal((const char *)out.ptr, TRIES);
    vrx_buffer_done(&out);
    close(open_here);
}

static void input_becomes_output(void **state) {
    (void)state;
    static uint8_t input[300000];
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)(i * 31 >> 3);
    struct vrx_confined confined = start("copy", vrx_view_of(input, sizeof input));
    struct vrx_buffer out = output_of(&confined);
    assert_int_equal(vrx_confined_end(&confined), 0);
    assert_true(vrx_view_equal(vrx_buffer_view(&out), vrx_view_of(input, sizeof input)));
    vrx_buffer_done(&out);
}

static void its_status_is_told(void **state) {
    (void)state;
    static const char *const nobody[] = {"/nonexistent/program", NULL};
    struct vrx_confined confined = start("status", vrx_view_text(""));
    struct vrx_buffer out = output_of(&confined);
    assert_int_equal(vrx_confined_end(&confined), 3);
    assert_ok(vrx_confined_start(nobody, vrx_view_text(""), &confined));
    vrx_buffer_done(&out);
    out = output_of(&confined);
    assert_int_equal(out.len, 0);
    assert_int_equal(vrx_confined_end(&confined), 127);
    vrx_buffer_done(&out);
}

/* What is left before its end is killed, and nobody waits for it. */
static void one_that_goes_on_is_ended(void **state) {
    (void)state;
    static const char *const ways[] = {"sleep", "full"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct vrx_confined confined = start(ways[i], vrx_view_text(""));
        assert_int_equal(vrx_confined_end(&confined), -1);
    }
}

static void refusal_when_its_time_is_over(void **state) {
    (void)state;
    uint8_t byte = 0;
    size_t len = 7;
    struct vrx_confined confined = start("sleep", vrx_view_text(""));
    assert_true(confined.deadline > 0);
    confined.deadline = 0;
    assert_reason(vrx_confined_read(&confined, &byte, 1, &len), VRX_INPUT_TOO_LARGE);
    assert_int_equal(len, 7);
    assert_int_equal(vrx_confined_end(&confined), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_else_can_be_done),
        cmocka_unit_test(input_becomes_output),
        cmocka_unit_test(its_status_is_told),
        cmocka_unit_test(one_that_goes_on_is_ended),
        cmocka_unit_test(refusal_when_its_time_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
