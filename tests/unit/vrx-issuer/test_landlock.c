/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/vrx-issuer/landlock.c, in processes of its own, for it cannot be undone. Skipped, and
 * counted so, where the kernel has no Landlock.
 */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"

static char folder[] = "/tmp/vrx-landlock-XXXXXX";

/* Whether this open is allowed: 0, or why not. */
static int try_open(const char *path, int flags) {
    const int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int make(const char *path) {
    return try_open(path, O_WRONLY | O_CREAT);
}

static int setup(void **state) {
    (void)state;
    memcpy(folder, "/tmp/vrx-landlock-XXXXXX", sizeof folder);
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(mkdir("state", 0700), 0);
    assert_int_equal(mkdir("read", 0700), 0);
    assert_int_equal(mkdir("run", 0700), 0);
    static const char *const files[] = {"state/journal", "read/directory", "run/socket", "key"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_int_equal(make(files[i]), 0);
    return 0;
}

static int teardown(void **state) {
    char line[64];
    (void)state;
    (void)snprintf(line, sizeof line, "rm -rf %s", folder);
    return chdir("/") != 0 || system(line);
}

static void needs_landlock(void) {
    int abi = 0;
    const char *path = NULL;
    const pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        _exit(vrx_landlock_close(NULL, 0, &abi, &path) && abi ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0) {
        print_message("this kernel has no Landlock\n");
        skip();
    }
}

/* Runs what is tried in a process that is closed as the issuer is; it returns the row that came out
 * otherwise than expected, counted from 1. */
static void in_closed_process(int (*attempt)(void)) {
    static const struct vrx_landlock_rule rules[] = {
        {"state", VRX_LANDLOCK_WRITE}, {"read", VRX_LANDLOCK_READ}, {"run", VRX_LANDLOCK_REMOVE}};
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int abi = 0;
        const char *path = NULL;
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        _exit(vrx_landlock_close(rules, 3, &abi, &path) && abi > 0 ? attempt() : 100);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int opens(void) {
    static const struct {
        const char *path;
        int flags;
        int expected;
    } rows[] = {
        {"state/journal", O_RDWR, 0},
        {"state/new", O_WRONLY | O_CREAT, 0},
        {"read/directory", O_RDONLY, 0},
        {"read/directory", O_WRONLY, EACCES},
        {"read/new", O_WRONLY | O_CREAT, EACCES},
        {"run/socket", O_RDONLY, EACCES},
        {"run/new", O_WRONLY | O_CREAT, EACCES},
        {"key", O_RDONLY, EACCES},
        {"key", O_WRONLY, EACCES},
        {"/etc/passwd", O_RDONLY, EACCES},
        {"/tmp/vrx-landlock-nothing", O_WRONLY | O_CREAT, EACCES},
    };
    for (int i = 0; i < (int)(sizeof rows / sizeof *rows); i++)
        if (try_open(rows[i].path, rows[i].flags) != rows[i].expected)
            return i + 1;
    return 0;
}

static int removes(void) {
    static const struct {
        const char *path;
        int expected;
    } rows[] = {
        {"run/socket", 0}, {"read/directory", EACCES}, {"key", EACCES}, {"state/journal", 0}};
    for (int i = 0; i < (int)(sizeof rows / sizeof *rows); i++) {
        const int why = unlink(rows[i].path) == 0 ? 0 : errno;
        if (why != rows[i].expected)
            return i + 1;
    }
    return 0;
}

static void only_what_is_named_can_be_opened(void **state) {
    (void)state;
    needs_landlock();
    in_closed_process(opens);
}

static void only_what_is_named_can_be_removed(void **state) {
    (void)state;
    needs_landlock();
    in_closed_process(removes);
}

/* Put there anew, as an administrator does it. */
static int reads_after_replacement(void) {
    return try_open("read/directory", O_RDONLY);
}

static void file_of_a_folder_may_be_replaced(void **state) {
    int ends[2];
    (void)state;
    needs_landlock();
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    const pid_t pid = fork();
    if (pid == 0) {
        static const struct vrx_landlock_rule rules[] = {{"read", VRX_LANDLOCK_READ}};
        int abi = 0;
        char byte = 0;
        const char *path = NULL;
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        _exit(vrx_landlock_close(rules, 1, &abi, &path) && read(ends[0], &byte, 1) == 1
                  ? reads_after_replacement()
                  : 100);
    }
    assert_int_equal(make("read/next"), 0);
    assert_int_equal(rename("read/next", "read/directory"), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    close(ends[0]);
    close(ends[1]);
}

static void path_that_is_not_there_is_named(void **state) {
    static const struct vrx_landlock_rule rules[] = {
        {"state", VRX_LANDLOCK_WRITE}, {"nowhere", VRX_LANDLOCK_READ}};
    int abi = 0;
    const char *path = NULL;
    (void)state;
    needs_landlock();
    assert_false(vrx_landlock_close(rules, 2, &abi, &path));
    assert_int_equal(errno, ENOENT);
    assert_string_equal(path, "nowhere");
    assert_int_equal(try_open("/etc/passwd", O_RDONLY), 0); /* nothing was given up */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(only_what_is_named_can_be_opened),
        TEST(only_what_is_named_can_be_removed),
        TEST(file_of_a_folder_may_be_replaced),
        TEST(path_that_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
