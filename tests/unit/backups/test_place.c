/* SPDX-License-Identifier: Apache-2.0 */
#include "backups/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/check.h"

#define INSTANT 1795256218 /* 2026-11-21T10:16:58Z */

static struct vrx_result time_of(const char *name, int64_t *ret_time) {
    return vrx_backup_name_time(vrx_view_text(name), ret_time);
}

static void test_a_name_is_an_instant(void **state) {
    (void)state;
    char name[VRX_BACKUP_NAME + 1];
    int64_t time = 0;
    vrx_backup_name(INSTANT, 1, name);
    assert_string_equal(name, "20261121T101658Z");
    assert_ok(time_of(name, &time));
    assert_int_equal(time, INSTANT);
    vrx_backup_name(INSTANT, 9, name);
    assert_string_equal(name, "20261121T101658Z-9");
    assert_ok(time_of(name, &time));
    assert_int_equal(time, INSTANT);
}

static void test_what_is_no_name(void **state) {
    (void)state;
    static const char *const wrong[] = {"", ".", "..", "20261121T101658", "20261121T101658Z-",
        "20261121T101658Z-1", "20261121T101658Z-0", "20261121T101658Z-10", "20261121T101658Z/",
        "20261121t101658Z", "2026x121T101658Z", "20261121T10165xZ", "20261121T101658Z.part",
        "../../../tenants"};
    int64_t time = 7;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_reason(time_of(wrong[i], &time), VRX_INPUT_MALFORMED);
    assert_reason(time_of("20260231T101658Z", &time), VRX_DATE_INVALID);
    assert_int_equal(time, 7);
}

/* ---- on folders ---- */

struct world {
    char folder[32];
    struct vrx_daemon daemon;
    char state[64];
};

static void make(const struct world *world, const char *name, bool folder) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", world->folder, name);
    if (folder) {
        assert_int_equal(mkdir(path, 0700), 0);
        return;
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("12345", file);
    assert_int_equal(fclose(file), 0);
}

static bool is_there(const struct world *world, const char *name) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", world->folder, name);
    return access(path, F_OK) == 0;
}

static void make_world(struct world *world) {
    *world = (struct world){.folder = "/tmp/vrx-place-XXXXXX"};
    assert_non_null(mkdtemp(world->folder));
    snprintf(world->state, sizeof world->state, "%s/state", world->folder);
    world->daemon.options.state = world->state;
    static const char *const folders[] = {"state", "state/tenants", "state/tenants/011002",
        "state/tenants/011002.replaced-20250101T000000Z", "state/tenants/122173.replaced-nonsense",
        "state/tenants/122173.replaced-20250102T000000Z", "state/backups", "state/backups/122173",
        "state/backups/122173/20240101T000000Z", "state/backups/011002",
        "state/backups/011002/20240102T000000Z-2", "state/backups/011002/20240102T000000Z",
        "state/backups/011002/20240103T000000Z.part", "state/backups/011002/notes.part",
        "state/backups/lost+found"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        make(world, folders[i], true);
    make(world, "state/backups/011002/20240102T000000Z/vault.db", false);
    make(world, "state/backups/011002/20240102T000000Z/keyring.cbor", false);
    make(world, "state/backups/011002/20240103T000000Z.part/vault.db.part", false);
}

static void drop_world(const struct world *world) {
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", world->folder);
    assert_int_equal(system(command), 0); /* a fixed command on a folder of ours */
}

static void test_lists_what_there_is_in_order(void **state) {
    (void)state;
    struct world world;
    struct vrx_backup_place *places = NULL;
    size_t count = 0;
    make_world(&world);
    assert_ok(vrx_backup_places(&world.daemon, NULL, &places, &count));
    assert_int_equal(count, 5);
    static const struct {
        const char *code;
        const char *name;
        bool replaced;
    } expected[] = {{"011002", "20240102T000000Z", false}, {"011002", "20240102T000000Z-2", false},
        {"011002", "20250101T000000Z", true}, {"122173", "20240101T000000Z", false},
        {"122173", "20250102T000000Z", true}};
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(places[i].code.digits, expected[i].code);
        assert_string_equal(places[i].name, expected[i].name);
        assert_int_equal(places[i].replaced, expected[i].replaced);
    }
    const struct vrx_municipality_code kashiwa = places[3].code;
    free(places);
    assert_ok(vrx_backup_places(&world.daemon, &kashiwa, &places, &count));
    assert_int_equal(count, 2);
    free(places);
    drop_world(&world);
}

static void test_paths_and_sizes(void **state) {
    (void)state;
    struct world world;
    char path[PATH_MAX];
    uint64_t bytes = 0;
    make_world(&world);
    struct vrx_backup_place place = {.name = "20240102T000000Z"};
    assert_ok(vrx_municipality_code_parse(vrx_view_text("011002"), &place.code));
    assert_ok(vrx_backup_path(&world.daemon, &place, "", path));
    assert_ok(vrx_backup_bytes(path, &bytes));
    assert_int_equal(bytes, 10);
    place.replaced = true;
    assert_ok(vrx_backup_path(&world.daemon, &place, "/vault.db", path));
    assert_non_null(strstr(path, "/state/tenants/011002.replaced-20240102T000000Z/vault.db"));
    assert_reason(vrx_backup_bytes(path, &bytes), VRX_NOT_FOUND);
    world.daemon.options.backups = "/elsewhere";
    place.replaced = false;
    assert_ok(vrx_backup_path(&world.daemon, &place, "", path));
    assert_string_equal(path, "/elsewhere/011002/20240102T000000Z");
    drop_world(&world);
}

static void test_clears_what_a_crash_left_and_nothing_else(void **state) {
    (void)state;
    struct world world;
    make_world(&world);
    assert_ok(vrx_backups_clear(&world.daemon));
    assert_false(is_there(&world, "state/backups/011002/20240103T000000Z.part"));
    assert_true(is_there(&world, "state/backups/011002/20240102T000000Z/vault.db"));
    assert_true(is_there(&world, "state/backups/011002/notes.part"));
    assert_ok(vrx_backups_clear(&world.daemon));
    world.daemon.options.backups = "/nowhere/at/all";
    assert_ok(vrx_backups_clear(&world.daemon)); /* none were taken yet */
    drop_world(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_is_an_instant),
        cmocka_unit_test(test_what_is_no_name),
        cmocka_unit_test(test_lists_what_there_is_in_order),
        cmocka_unit_test(test_paths_and_sizes),
        cmocka_unit_test(test_clears_what_a_crash_left_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
