/* SPDX-License-Identifier: Apache-2.0
 *
 * Every call to the file system fails in turn, once or from then on, while one tenant's folder
 * takes another's place, and while what a crash left is put in order. Whatever fails, the old
 * folder is there, in its place or set aside; after the next start there is one in the place.
 */
#include "dispatch/swap.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/check.h"
#include "support/fault_calls.h"

static char tenants[40];

static void path_of(const char *name, const char *end, char path[PATH_MAX]) {
    (void)snprintf(path, PATH_MAX, "%s/%s%s", tenants, name, end);
}

static bool is_there(const char *name) {
    char path[PATH_MAX];
    path_of(name, "", path);
    return access(path, F_OK) == 0;
}

static void make(const char *name, const char *content) {
    char path[PATH_MAX];
    path_of(name, "", path);
    assert_int_equal(mkdir(path, 0700), 0);
    path_of(name, "/vault.db", path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(content, file);
    assert_int_equal(fclose(file), 0);
}

static bool holds(const char *name, const char *content) {
    char path[PATH_MAX];
    char read[16] = "";
    path_of(name, "/vault.db", path);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    const bool got = fgets(read, sizeof read, file) != NULL;
    (void)fclose(file);
    return got && strcmp(read, content) == 0;
}

static void empty(void) {
    char command[64];
    (void)snprintf(command, sizeof command, "rm -rf %s/*", tenants);
    assert_int_equal(system(command), 0); /* a fixed command on a folder of ours */
}

static int set_up(void **state) {
    (void)state;
    (void)strcpy(tenants, "/dev/shm/vrx-swap-XXXXXX");
    if (access("/dev/shm", W_OK) != 0)
        (void)strcpy(tenants, "/tmp/vrx-swap-XXXXXX");
    return mkdtemp(tenants) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    empty();
    return rmdir(tenants);
}

#define OLD_ASIDE "011002.replaced-20240101T000000Z"

/* True when the fault was met. */
static bool swap_disturbed(unsigned long at, bool lasting) {
    make("011002", "old");
    make("011002.restored", "new");
    fault_calls_arm(at, lasting);
    struct vrx_result result = vrx_swap_in(tenants, "011002", "20240101T000000Z");
    const bool met = fault_calls_disarm();
    if (vrx_is_ok(result)) {
        assert_true(holds("011002", "new") && holds(OLD_ASIDE, "old"));
    } else {
        assert_true(met);
        assert_true(holds("011002", "old") || holds(OLD_ASIDE, "old"));
        if (!lasting)
            assert_true(holds("011002", "old") && holds("011002.restored", "new"));
    }
    assert_ok(vrx_swap_recover(tenants));
    assert_true(holds("011002", "old") || (holds("011002", "new") && holds(OLD_ASIDE, "old")));
    assert_false(is_there("011002.restored"));
    empty();
    return met;
}

static bool recovery_disturbed(unsigned long at, bool lasting) {
    make("011002.restoring", "half");
    make("122173", "old");
    make("122173.restored", "new");
    make("131016.replaced-20240101T000000Z", "old");
    make("131016.restored", "new");
    fault_calls_arm(at, lasting);
    VRX_IGNORE(
        vrx_swap_recover(tenants)); /* the daemon does not start then, and is started again */
    const bool met = fault_calls_disarm();
    assert_ok(vrx_swap_recover(tenants));
    assert_false(
        is_there("011002.restoring") || is_there("122173.restored") || is_there("131016.restored"));
    assert_true(holds("122173", "old") && holds("131016", "new") &&
                holds("131016.replaced-20240101T000000Z", "old"));
    empty();
    return met;
}

static void each_call(bool (*disturbed)(unsigned long at, bool lasting), unsigned long least) {
    for (unsigned lasting = 0; lasting < 2; lasting++) {
        unsigned long at = 1;
        fault_calls_begin();
        while (disturbed(at, lasting != 0))
            at++;
        fault_calls_end();
        print_message("%lu calls\n", at - 1);
        assert_true(at > least);
    }
}

static void a_swap_with_each_call_failing(void **state) {
    (void)state;
    each_call(swap_disturbed, 6);
}

static void a_recovery_with_each_call_failing(void **state) {
    (void)state;
    each_call(recovery_disturbed, 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_swap_with_each_call_failing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_recovery_with_each_call_failing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
