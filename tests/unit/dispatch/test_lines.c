/* SPDX-License-Identifier: Apache-2.0
 *
 * A pipe that nobody reads is what a log must not wait for.
 */
#include "dispatch/lines.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/check.h"

static int ends[2];

static int setup(void **state) {
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    return pipe2(ends, O_CLOEXEC);
}

static int teardown(void **state) {
    (void)state;
    if (ends[0] >= 0)
        close(ends[0]);
    return ends[1] >= 0 ? close(ends[1]) : 0;
}

static void put(struct vrx_lines *lines, const char *text) {
    vrx_lines_put(lines, vrx_view_text(text));
}

/* All that comes until the pipe's other end is closed, or, with lines, until it is silent. */
static char *read_lines(size_t count) {
    static char text[1 << 20];
    size_t len = 0;
    size_t seen = 0;
    while (seen < count) {
        const ssize_t got = read(ends[0], text + len, sizeof text - 1 - len);
        assert_true(got > 0);
        for (ssize_t i = 0; i < got; i++)
            seen += text[len + (size_t)i] == '\n';
        len += (size_t)got;
    }
    text[len] = '\0';
    return text;
}

static void lines_are_written_in_order(void **state) {
    (void)state;
    struct vrx_lines *lines = NULL;
    assert_ok(vrx_lines_new(ends[1], 4096, &lines));
    put(lines, "one\n");
    put(lines, "two\n");
    put(lines, "three\n");
    assert_string_equal(read_lines(3), "one\ntwo\nthree\n");
    assert_true(vrx_lines_free(&lines, 60000));
    assert_null(lines);
}

static void the_end_writes_what_is_queued(void **state) {
    (void)state;
    struct vrx_lines *lines = NULL;
    char line[32];
    assert_ok(vrx_lines_new(ends[1], 65536, &lines));
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(line, sizeof line, "line %d\n", i);
        put(lines, line);
    }
    assert_true(vrx_lines_free(&lines, 60000));
    const char *text = read_lines(1000);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(line, sizeof line, "line %d\n", i);
        assert_memory_equal(text, line, strlen(line));
        text += strlen(line);
    }
    assert_string_equal(text, "");
}

#define LINE 512

/* Puts lines into a pipe that is full until the queue is full as well, and a hundred more; returns
 * how many were lost. */
static uint64_t flood(struct vrx_lines *lines) {
    char line[LINE];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    while (!vrx_lines_counts(lines).lost)
        vrx_lines_put(lines, vrx_view_of(line, sizeof line));
    for (int i = 0; i < 99; i++)
        vrx_lines_put(lines, vrx_view_of(line, sizeof line));
    return vrx_lines_counts(lines).lost;
}

static void fill_pipe(void) {
    char line[LINE];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    const int flags = fcntl(ends[1], F_GETFL);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
    assert_int_equal(fcntl(ends[1], F_SETFL, flags | O_NONBLOCK), 0);
    while (write(ends[1], line, sizeof line) > 0)
        ;
    assert_int_equal(fcntl(ends[1], F_SETFL, flags), 0);
}

/* The sum of what whole lines in this text say was lost. */
static uint64_t losses_told(const char *text) {
    static const char before[] = "\"event\":\"lines lost\",\"subject\":\"";
    static const char after[] = "\",\"outcome\":\"QUEUE_FULL\"}\n";
    uint64_t sum = 0;
    for (const char *at = text; (at = strstr(at, before));) {
        char *end = NULL;
        at += sizeof before - 1;
        const uint64_t count = strtoull(at, &end, 10);
        if (strncmp(end, after, sizeof after - 1) == 0)
            sum += count;
    }
    return sum;
}

static void nobody_waits_for_a_reader_and_losses_are_told(void **state) {
    (void)state;
    struct vrx_lines *lines = NULL;
    fill_pipe();
    assert_ok(vrx_lines_new(ends[1], 4096, &lines));
    const uint64_t lost = flood(lines); /* returns, though nobody reads */
    assert_true(lost >= 1);
    /* Whole lines only, and among them those that tell: one, or more where the thread took lines
     * out between two losses. */
    static char text[1 << 20];
    size_t len = 0;
    do {
        const ssize_t got = read(ends[0], text + len, sizeof text - 1 - len);
        assert_true(got > 0);
        len += (size_t)got;
        text[len] = '\0';
    } while (losses_told(text) < lost || text[len - 1] != '\n');
    assert_int_equal(losses_told(text), lost);
    for (const char *at = text; *at;) {
        const char *end = strchr(at, '\n');
        assert_non_null(end);
        assert_true(*at == '{' || end - at == LINE - 1);
        at = end + 1;
    }
    put(lines, "again\n");
    assert_true(vrx_lines_free(&lines, 60000));
    assert_string_equal(read_lines(1), "again\n");
}

static void the_end_does_not_wait_for_ever(void **state) {
    (void)state;
    static struct vrx_lines *kept; /* its thread has it for as long as the process lives */
    struct vrx_lines *lines = NULL;
    fill_pipe();
    assert_ok(vrx_lines_new(ends[1], 4096, &lines));
    (void)flood(lines);
    kept = lines;
    assert_false(vrx_lines_free(&lines, 20));
    assert_null(lines);
    /* Its thread is still there, and ends once somebody reads. */
    while (vrx_lines_counts(kept).written < 1)
        (void)read_lines(1);
    close(ends[0]);
    ends[0] = -1;
    for (struct vrx_lines_counts now = {0}; now.written + now.lost < 10;)
        now = vrx_lines_counts(kept);
    ends[1] = -1; /* the thread's, which may be about to say that lines were lost */
}

static void a_reader_who_has_gone_costs_lines_only(void **state) {
    (void)state;
    struct vrx_lines *lines = NULL;
    close(ends[0]);
    ends[0] = -1;
    assert_ok(vrx_lines_new(ends[1], 4096, &lines));
    for (int i = 0; i < 10; i++)
        put(lines, "nobody reads this\n");
    while (vrx_lines_counts(lines).lost < 10)
        (void)sched_yield();
    assert_true(vrx_lines_free(&lines, 60000));
}

static void a_descriptor_that_does_not_block_is_waited_for(void **state) {
    (void)state;
    struct vrx_lines *lines = NULL;
    fill_pipe();
    assert_true(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
    assert_ok(vrx_lines_new(ends[1], 4096, &lines));
    (void)flood(lines);
    while (vrx_lines_counts(lines).written < 8)
        (void)read_lines(1);
    close(ends[0]);
    ends[0] = -1;
    assert_true(vrx_lines_free(&lines, 60000));
}

static void a_queue_that_is_too_small_is_refused(void **state) {
    (void)state;
    struct vrx_lines *lines = NULL;
    assert_reason(vrx_lines_new(ends[1], 4095, &lines), VRX_INPUT_RANGE);
    assert_null(lines);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_are_written_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(the_end_writes_what_is_queued, setup, teardown),
        cmocka_unit_test_setup_teardown(
            nobody_waits_for_a_reader_and_losses_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(the_end_does_not_wait_for_ever, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reader_who_has_gone_costs_lines_only, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_descriptor_that_does_not_block_is_waited_for, setup, teardown),
        cmocka_unit_test_setup_teardown(a_queue_that_is_too_small_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
