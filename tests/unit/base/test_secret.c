/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/limits.h"

/* The mlock of the address and thread sanitizers does nothing: what that call does is tested
 * without them. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MLOCK_IS_REPLACED 1
#endif
#endif
#ifndef MLOCK_IS_REPLACED
#define MLOCK_IS_REPLACED 0
#endif

static void lengths_outside_the_range_are_refused(void **state) {
    (void)state;
    struct vrx_secret *secret = NULL;
    assert_int_equal(vrx_secret_new(0, &secret).reason, VRX_INPUT_RANGE);
    assert_int_equal(vrx_secret_new(VRX_LIMIT_SECRET + 1, &secret).reason, VRX_INPUT_RANGE);
    assert_null(secret);
}

static void memory_is_zero_and_writable_to_its_end(void **state) {
    (void)state;
    const size_t lengths[] = {1, 32, 4095, 4096, 4097, VRX_LIMIT_SECRET};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        VRX_CLEANUP(vrx_secret_free) struct vrx_secret *secret = NULL;
        assert_true(vrx_is_ok(vrx_secret_new(lengths[i], &secret)));
        assert_int_equal(vrx_secret_view(secret).len, lengths[i]);
        for (size_t at = 0; at < lengths[i]; at++)
            assert_int_equal(secret->ptr[at], 0);
        memset(secret->ptr, 0xA5, lengths[i]);
    }
}

/* The flags of the mapping that holds address, from /proc/self/smaps; empty when none is found. */
static void mapping_flags(const void *address, char *out, size_t size) {
    out[0] = '\0';
    FILE *file = fopen("/proc/self/smaps", "r");
    if (!file)
        return;
    char line[512];
    int inside = 0;
    while (fgets(line, sizeof line, file)) {
        unsigned long from;
        unsigned long to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            inside = from <= (unsigned long)address && (unsigned long)address < to;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            snprintf(out, size, "%s", line);
    }
    fclose(file);
}

static void pages_are_locked_and_left_out_of_cores_and_children(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) { /* in new pages, then in those of a secret before */
        VRX_CLEANUP(vrx_secret_free) struct vrx_secret *secret = NULL;
        assert_true(vrx_is_ok(vrx_secret_new(32, &secret)));
        char flags[1024];
        mapping_flags(secret->ptr, flags, sizeof flags);
        if (!flags[0])
            skip(); /* a kernel without VmFlags */
        assert_non_null(strstr(flags, " dd"));
        assert_non_null(strstr(flags, " wf"));
        if (!MLOCK_IS_REPLACED)
            assert_non_null(strstr(flags, " lo"));
    }
}

static void what_comes_after_a_secret_sees_nothing_of_it(void **state) {
    (void)state;
    struct vrx_secret *secrets[20] = {0}; /* more than are kept */
    const size_t count = sizeof secrets / sizeof secrets[0];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < count; i++) {
            const size_t len = (i * 1009 + (size_t)round * 4001) % 4096 + 1;
            assert_true(vrx_is_ok(vrx_secret_new(len, &secrets[i])));
            for (size_t at = 0; at < len; at++)
                assert_int_equal(secrets[i]->ptr[at], 0);
            memset(secrets[i]->ptr, 0xA5, len);
        }
        for (size_t i = 0; i < count; i++)
            for (size_t at = 0; at < secrets[i]->len; at++)
                assert_int_equal(secrets[i]->ptr[at], 0xA5); /* nobody else's */
        for (size_t i = 0; i < count; i++)
            vrx_secret_free(&secrets[i]);
    }
}

/* The child's exit status after it ran step on the secret, or -1 for a signal. */
static int in_child(struct vrx_secret *secret, int (*step)(struct vrx_secret *)) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &none);
        (void)signal(SIGSEGV, SIG_DFL); /* cmocka's handler would go on with the tests here */
        _exit(step(secret));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int sees_zeros(struct vrx_secret *secret) {
    int seen = 0;
    for (size_t i = 0; i < secret->len; i++)
        seen |= secret->ptr[i];
    return seen ? 1 : 0;
}

static void a_child_sees_zeros(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_secret_free) struct vrx_secret *secret = NULL;
    assert_true(vrx_is_ok(vrx_secret_new(32, &secret)));
    memset(secret->ptr, 0xA5, 32);
    assert_int_equal(in_child(secret, sees_zeros), 0);
    assert_int_equal(secret->ptr[0], 0xA5);
}

/* The sanitizer turns the fault into an exit of its own; either way the child does not return 0. */
static int reads_past_the_end(struct vrx_secret *secret) {
    volatile const uint8_t *at = secret->ptr;
    return at[secret->len] ? 0 : 0;
}

/* Locks are not inherited: a child's secret stands in pages that it locked itself. */
static int has_locked_pages(struct vrx_secret *unused) {
    (void)unused;
    struct vrx_secret *secret = NULL;
    if (!vrx_is_ok(vrx_secret_new(32, &secret)))
        return 1;
    char flags[1024];
    mapping_flags(secret->ptr, flags, sizeof flags);
    return !flags[0] || strstr(flags, " lo") ? 0 : 1;
}

static void a_child_takes_no_pages_of_its_parent(void **state) {
    (void)state;
    if (MLOCK_IS_REPLACED)
        skip();
    struct vrx_secret *secret = NULL;
    assert_true(vrx_is_ok(vrx_secret_new(32, &secret)));
    vrx_secret_free(&secret);
    assert_int_equal(in_child(NULL, has_locked_pages), 0);
}

static void a_read_past_the_end_faults(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_secret_free) struct vrx_secret *secret = NULL;
    assert_true(vrx_is_ok(vrx_secret_new(33, &secret)));
    assert_int_not_equal(in_child(secret, reads_past_the_end), 0);
}

static void free_takes_null_and_sets_null(void **state) {
    (void)state;
    struct vrx_secret *secret = NULL;
    vrx_secret_free(&secret);
    assert_true(vrx_is_ok(vrx_secret_new(8, &secret)));
    vrx_secret_free(&secret);
    assert_null(secret);
}

static int refused_without_lockable_memory(struct vrx_secret *unused) {
    (void)unused;
    struct rlimit none = {0, 0};
    /* Root is exempt from the limit; nobody is not. */
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0))
        return 2;
    struct vrx_secret *secret = NULL;
    return vrx_secret_new(8, &secret).reason == VRX_OUT_OF_MEMORY && !secret ? 0 : 1;
}

static void pages_that_cannot_be_locked_are_refused(void **state) {
    (void)state;
    if (MLOCK_IS_REPLACED)
        skip();
    int status = in_child(NULL, refused_without_lockable_memory);
    if (status == 2)
        skip(); /* neither root nor allowed to lower the limit */
    assert_int_equal(status, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_outside_the_range_are_refused),
        cmocka_unit_test(memory_is_zero_and_writable_to_its_end),
        cmocka_unit_test(pages_are_locked_and_left_out_of_cores_and_children),
        cmocka_unit_test(what_comes_after_a_secret_sees_nothing_of_it),
        cmocka_unit_test(a_child_sees_zeros),
        cmocka_unit_test(a_child_takes_no_pages_of_its_parent),
        cmocka_unit_test(a_read_past_the_end_faults),
        cmocka_unit_test(free_takes_null_and_sets_null),
        cmocka_unit_test(pages_that_cannot_be_locked_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
