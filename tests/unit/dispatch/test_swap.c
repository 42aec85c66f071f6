/* SPDX-License-Identifier: Apache-2.0
 *
 * What every state that a crash can leave becomes at the next start.
 */
#include "dispatch/swap.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/check.h"

static char tenants[32];

static void path_of(const char *name, char path[PATH_MAX]) {
    snprintf(path, PATH_MAX, "%s/%s", tenants, name);
}

/* A folder with one file in it that says which it is. */
static void make(const char *name, const char *content) {
    char path[PATH_MAX];
    path_of(name, path);
    assert_int_equal(mkdir(path, 0700), 0);
    strcat(path, "/vault.db");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    assert_int_equal(fclose(file), 0);
}

static bool is_there(const char *name) {
    char path[PATH_MAX];
    path_of(name, path);
    return access(path, F_OK) == 0;
}

static void holds(const char *name, const char *content) {
    char path[PATH_MAX];
    char read[16] = "";
    path_of(name, path);
    strcat(path, "/vault.db");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(read, sizeof read, file));
    fclose(file);
    assert_string_equal(read, content);
}

static int set_up(void **state) {
    (void)state;
    strcpy(tenants, "/tmp/vrx-swap-XXXXXX");
    return mkdtemp(tenants) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", tenants);
    return system(command); /* a fixed command on a folder of ours */
}

static void test_the_restored_folder_takes_the_place(void **state) {
    (void)state;
    make("011002", "old");
    make("011002.restored", "new");
    assert_ok(vrx_swap_in(tenants, "011002", "20240101T000000Z"));
    holds("011002", "new");
    holds("011002.replaced-20240101T000000Z", "old");
    assert_false(is_there("011002.restored"));
    assert_ok(vrx_swap_recover(tenants));
    holds("011002", "new");
    holds("011002.replaced-20240101T000000Z", "old");
}

static void test_what_is_retired_is_out_of_use(void **state) {
    (void)state;
    assert_reason(vrx_swap_out(tenants, "011002", "20240101T000000Z"), VRX_NOT_FOUND);
    make("011002", "old");
    assert_ok(vrx_swap_out(tenants, "011002", "20240101T000000Z"));
    assert_false(is_there("011002"));
    holds("011002.retired-20240101T000000Z", "old");
    assert_ok(vrx_swap_recover(tenants));
    assert_false(is_there("011002"));
    make("011002", "next");
    assert_reason(vrx_swap_out(tenants, "011002", "20240101T000000Z"), VRX_ALREADY_EXISTS);
    holds("011002", "next");
    assert_ok(vrx_swap_out(tenants, "011002", "20240101T000000Z-2"));
    holds("011002.retired-20240101T000000Z", "old");
    holds("011002.retired-20240101T000000Z-2", "next");
}

static void test_an_instant_as_part_of_a_name(void **state) {
    (void)state;
    char stamp[VRX_SWAP_STAMP + 1];
    vrx_swap_stamp(1704067199, stamp);
    assert_string_equal(stamp, "20231231T235959Z");
}

static void test_where_none_was(void **state) {
    (void)state;
    make("011002.restored", "new");
    assert_ok(vrx_swap_in(tenants, "011002", "20240101T000000Z"));
    holds("011002", "new");
    assert_false(is_there("011002.replaced-20240101T000000Z"));
}

static void test_already_exists_leaves_all_as_it_was(void **state) {
    (void)state;
    make("011002", "old");
    make("011002.restored", "new");
    make("011002.replaced-20240101T000000Z", "older");
    assert_reason(vrx_swap_in(tenants, "011002", "20240101T000000Z"), VRX_ALREADY_EXISTS);
    holds("011002", "old");
    holds("011002.restored", "new");
    holds("011002.replaced-20240101T000000Z", "older");
}

static void test_without_a_restored_folder_what_is_in_use_stays(void **state) {
    (void)state;
    make("011002", "old");
    assert_reason(vrx_swap_in(tenants, "011002", "20240101T000000Z"), VRX_DISK_FAILED);
    holds("011002", "old");
    assert_false(is_there("011002.replaced-20240101T000000Z"));
}

static void test_recovers_from_each_instant(void **state) {
    (void)state;
    make("011002", "old"); /* while it was made */
    make("011002.restoring", "half");
    make("122173", "old"); /* before the first name changed */
    make("122173.restored", "new");
    make("131016.replaced-20240101T000000Z", "old"); /* between the two */
    make("131016.restored", "new");
    make("271004", "old"); /* others are left alone */
    make("271004.restored-not", "other");
    make("999999.restored", "other");
    assert_ok(vrx_swap_recover(tenants));
    holds("011002", "old");
    assert_false(is_there("011002.restoring"));
    holds("122173", "old");
    assert_false(is_there("122173.restored"));
    holds("131016", "new");
    holds("131016.replaced-20240101T000000Z", "old");
    assert_false(is_there("131016.restored"));
    holds("271004.restored-not", "other");
    holds("999999.restored", "other"); /* no municipality's code */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_the_restored_folder_takes_the_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_where_none_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_retired_is_out_of_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_instant_as_part_of_a_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_already_exists_leaves_all_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_without_a_restored_folder_what_is_in_use_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_recovers_from_each_instant, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
