/* SPDX-License-Identifier: Apache-2.0
 *
 * Versions that never go back, over restarts too: a struct of its own is a restart.
 */
#include "files/seen.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/files.h"
#include "support/check.h"

static char folder[64];
static char file[80];

static int setup(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/vrx-seen-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(file, sizeof file, "%s/seen", folder);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    (void)remove(file);
    return rmdir(folder);
}

static struct vrx_seen start(void) {
    struct vrx_seen seen = {
        .file = file, .count = 2, .clause = {"the first ascends", "the second ascends"}};
    assert_ok(vrx_seen_read(&seen));
    return seen;
}

static void assert_stale(struct vrx_result result, const char *clause) {
    assert_reason(result, VRX_DIRECTORY_STALE);
    assert_string_equal(result.clause, clause);
}

static void what_was_noted_is_known_after_a_restart(void **state) {
    (void)state;
    struct vrx_seen seen = start();
    const uint64_t none[] = {0, 0};
    const uint64_t first[] = {3, UINT64_MAX - 1};
    assert_ok(vrx_seen_check(&seen, none));
    assert_ok(vrx_seen_note(&seen, first));
    seen = start();
    assert_memory_equal(seen.version, first, sizeof first);
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_file_read(file, 64, &bytes));
    assert_memory_equal(bytes.ptr, "\0\0\0\0\0\0\0\3\xff\xff\xff\xff\xff\xff\xff\xfe", 16);
    assert_int_equal(bytes.len, 16);
}

static void neither_goes_back(void **state) {
    (void)state;
    struct vrx_seen seen = start();
    const uint64_t noted[] = {3, 5};
    const uint64_t older[][2] = {{2, 9}, {9, 4}};
    const uint64_t newer[] = {3, 6};
    assert_ok(vrx_seen_note(&seen, noted));
    for (size_t i = 0; i < 2; i++) {
        assert_stale(vrx_seen_check(&seen, older[i]), seen.clause[i]);
        assert_stale(vrx_seen_note(&seen, older[i]), seen.clause[i]);
    }
    assert_memory_equal(start().version, noted, sizeof noted);
    assert_ok(vrx_seen_check(&seen, newer));
    assert_memory_equal(seen.version, noted, sizeof noted); /* looking notes nothing */
    assert_ok(vrx_seen_note(&seen, newer));
    assert_memory_equal(start().version, newer, sizeof newer);
}

static void the_same_again_writes_nothing(void **state) {
    (void)state;
    struct vrx_seen seen = start();
    const uint64_t noted[] = {1, 1};
    assert_ok(vrx_seen_note(&seen, noted));
    assert_int_equal(remove(file), 0);
    assert_ok(vrx_seen_note(&seen, noted));
    assert_int_equal(access(file, F_OK), -1);
}

static void what_cannot_be_noted_does_not_count(void **state) {
    (void)state;
    struct vrx_seen seen = start();
    const uint64_t noted[] = {1, 1};
    seen.file = "/nowhere/at/all";
    assert_reason(vrx_seen_note(&seen, noted), VRX_NOT_FOUND);
    assert_int_equal(seen.version[0], 0);
}

static void a_file_of_another_form_is_refused(void **state) {
    (void)state;
    static const uint8_t bytes[17];
    const size_t lengths[] = {0, 8, 15, 17};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct vrx_seen seen = {.file = file, .count = 2};
        assert_ok(vrx_file_replace(file, 0600, vrx_view_of(bytes, lengths[i])));
        assert_reason(vrx_seen_read(&seen), VRX_FILE_REFUSED);
    }
}

#define SEEN_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        SEEN_TEST(what_was_noted_is_known_after_a_restart),
        SEEN_TEST(neither_goes_back),
        SEEN_TEST(the_same_again_writes_nothing),
        SEEN_TEST(what_cannot_be_noted_does_not_count),
        SEEN_TEST(a_file_of_another_form_is_refused),
    };
    return cmocka_run_group_tests_name("files/seen", tests, NULL, NULL);
}
