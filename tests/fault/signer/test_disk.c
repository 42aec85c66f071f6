/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal's disk fails or is full, at each write and each sync, of a request and of a start:
 * whole or after half of what was to be written. No certificate is handed out then and none
 * afterwards, until the journal is opened anew; it has what it should, and the same request is
 * answered, once.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#include "desk.h"
#include "support/check.h"

/* The linker's --wrap gives these names to the callers' functions and to the system's. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c) */
ssize_t __real_write(int fd, const void *bytes, size_t len);
int __real_fdatasync(int fd);
int __real_fsync(int fd);
int __real_ftruncate(int fd, off_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __wrap_ftruncate(int fd, off_t len);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c) */

static struct {
    unsigned at; /* the call that fails, from 1, and all after it; 0: none */
    unsigned calls;
    int why;
    bool half; /* of a write gets through */
} fault;

static bool fails(void) {
    if (!fault.at || ++fault.calls < fault.at)
        return false;
    errno = fault.why;
    return true;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t len) {
    if (!fails())
        return __real_write(fd, bytes, len);
    if (!fault.half || fault.calls != fault.at || len < 2)
        return -1;
    return __real_write(fd, bytes, len / 2);
}

int __wrap_fdatasync(int fd) {
    return fails() ? -1 : __real_fdatasync(fd);
}

int __wrap_fsync(int fd) {
    return fails() ? -1 : __real_fsync(fd);
}

int __wrap_ftruncate(int fd, off_t len) {
    return fails() ? -1 : __real_ftruncate(fd, len);
}

static const struct {
    int why;
    bool half;
    enum vrx_reason reason;
} ways[] = {
    {EIO, false, VRX_DISK_FAILED},
    {EIO, true, VRX_DISK_FAILED},
    {ENOSPC, false, VRX_DISK_FULL},
    {ENOSPC, true, VRX_DISK_FULL},
    {EDQUOT, true, VRX_DISK_FULL},
};
#define WAYS (sizeof ways / sizeof *ways)

static void arm(unsigned at, size_t way) {
    fault.at = at;
    fault.calls = 0;
    fault.why = ways[way].why;
    fault.half = ways[way].half;
}

/* Disarms; whether it came to that. */
static bool met(void) {
    const bool reached = fault.calls >= fault.at;
    fault.at = 0;
    return reached;
}

/* Opened anew, the case is as if the answer had been lost. */
static void answered_after_a_restart(struct desk *desk, const struct vrx_buffer *request) {
    char first[DESK_TEXT];
    char second[DESK_TEXT];
    desk_close(desk);
    assert_ok(desk_open(desk));
    const struct desk_lines before = desk_lines(desk);
    assert_true(before.intents <= 1 && before.issued <= before.intents);
    assert_ok(desk_ask(desk, request, first));
    assert_ok(desk_ask(desk, request, second));
    assert_true(first[0]);
    assert_string_equal(first, second);
    const struct desk_lines after = desk_lines(desk);
    assert_int_equal(after.intents, 1);
    assert_int_equal(after.issued, 1);
}

/* True while there was a call to fail. */
static bool fail_in_a_request(struct desk *desk, unsigned at, size_t way) {
    struct vrx_buffer request = {0};
    char text[DESK_TEXT];
    desk_next_case(desk);
    desk_request(desk, &request);
    arm(at, way);
    const struct vrx_result result = desk_ask(desk, &request, text);
    const bool reached = met();
    if (reached) {
        assert_reason(result, ways[way].reason);
        assert_int_equal(text[0], '\0');
        /* Room again or not: what the disk holds is not known before it is read. */
        assert_reason(desk_ask(desk, &request, text), VRX_DISK_FAILED);
        assert_int_equal(text[0], '\0');
        answered_after_a_restart(desk, &request);
    } else {
        assert_ok(result);
    }
    vrx_buffer_done(&request);
    return reached;
}

static void nothing_is_handed_out_when_the_disk_fails(void **state) {
    struct desk *desk = *state;
    for (size_t way = 0; way < WAYS; way++) {
        unsigned at = 1;
        while (fail_in_a_request(desk, at, way))
            at++;
        assert_int_equal(at - 1, 4); /* intent and record: each a write and a sync */
    }
}

/* What fails in a start: the journal is not opened, and the next start finds it whole. */
static bool fail_in_a_start(
    struct desk *desk, const struct vrx_buffer *request, unsigned at, size_t way, bool torn) {
    char path[96];
    (void)snprintf(path, sizeof path, "%s/journal", desk->folder);
    desk_close(desk);
    if (torn) {
        FILE *file = fopen(path, "ab");
        assert_non_null(file);
        assert_int_equal(fwrite("\x01\x02\x03", 1, 3, file), 3);
        assert_int_equal(fclose(file), 0);
    } else {
        unlink(path);
    }
    arm(at, way);
    const struct vrx_result result = desk_open(desk);
    const bool reached = met();
    if (reached && vrx_is_ok(result))
        fail_msg("call %u failed, and the journal was opened", at);
    if (reached)
        desk_close(desk);
    else
        assert_ok(result);
    answered_after_a_restart(desk, request);
    return reached;
}

static void a_start_fails_as_the_disk_does_and_the_next_is_whole(void **state) {
    struct desk *desk = *state;
    struct vrx_buffer request = {0};
    desk_request(desk, &request);
    for (size_t way = 0; way < WAYS; way++)
        for (int torn = 0; torn < 2; torn++) {
            unsigned at = 1;
            while (fail_in_a_start(desk, &request, at, way, torn))
                at++;
            assert_in_range(at, 3, 20);
        }
    vrx_buffer_done(&request);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_handed_out_when_the_disk_fails),
        TEST(a_start_fails_as_the_disk_does_and_the_next_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
