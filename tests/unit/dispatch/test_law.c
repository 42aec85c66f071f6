/* SPDX-License-Identifier: Apache-2.0
 *
 * Directory and permit table as a daemon holds them: never an older version than one that was seen,
 * whether it has been running since or not.
 */
#include "dispatch/law.h"

#include <stdio.h>

#include "support/check.h"
#include "support/daemon_world.h"
#include "support/vault_files.h"

static struct daemon_world world;
static char seen[80];
static char archive[80];

static int setup(void **state) {
    (void)state;
    daemon_world_init(&world, WORLD_NOW);
    (void)snprintf(seen, sizeof seen, "%s/seen", world.folder);
    (void)snprintf(archive, sizeof archive, "%s/laws", world.folder);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    daemon_world_done(&world);
    return 0;
}

/* A keeper that starts on the files as they are. */
static struct vrx_result keep(struct vrx_law_keeper **ret_keeper) {
    const struct vrx_law_files files = {.directory = world.directory_file,
        .permits = world.permits_file,
        .seen = seen,
        .archive = archive};
    return vrx_law_keeper_new(&files, world.authority_public, ret_keeper);
}

static struct vrx_result start_and_end(void) {
    struct vrx_law_keeper *keeper = NULL;
    VRX_TRY(keep(&keeper));
    vrx_law_keeper_free(&keeper);
    return vrx_ok();
}

static void what_was_seen_is_noted(void **state) {
    (void)state;
    assert_ok(start_and_end());
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = file_read(seen);
    const uint8_t versions[16] = {
        [7] = (uint8_t)world.directory.version, [15] = (uint8_t)world.permits.version};
    assert_int_equal(bytes.len, sizeof versions);
    assert_memory_equal(bytes.ptr, versions, sizeof versions);
    assert_ok(start_and_end()); /* the same ones again */
}

/* Each of the two files put back, alone. */
static void an_older_file_is_refused_after_a_restart(void **state) {
    (void)state;
    static const struct {
        const char *clause;
        bool directory;
    } cases[] = {{"directory.version ascends", true}, {"permit_table.version ascends", false}};
    for (size_t i = 0; i < 2; i++) {
        const char *path = cases[i].directory ? world.directory_file : world.permits_file;
        struct vrx_buffer old VRX_CLEANUP(vrx_buffer_done) = file_read(path);
        daemon_world_sign_law(&world);
        assert_ok(start_and_end());
        struct vrx_buffer fresh VRX_CLEANUP(vrx_buffer_done) = file_read(path);
        file_write(path, vrx_buffer_view(&old));
        struct vrx_result result = start_and_end();
        assert_reason(result, VRX_DIRECTORY_STALE);
        assert_string_equal(result.clause, cases[i].clause);
        file_write(path, vrx_buffer_view(&fresh));
        assert_ok(start_and_end());
    }
}

static void an_older_file_is_refused_while_it_runs(void **state) {
    (void)state;
    struct vrx_law_keeper *keeper = NULL;
    struct vrx_buffer old VRX_CLEANUP(vrx_buffer_done) = file_read(world.permits_file);
    daemon_world_sign_law(&world);
    assert_ok(keep(&keeper));
    file_write(world.permits_file, vrx_buffer_view(&old));
    assert_reason(vrx_law_reload(keeper, WORLD_NOW), VRX_DIRECTORY_STALE);
    const struct vrx_law *law = vrx_law_hold(keeper);
    assert_int_equal(law->permits.version, world.permits.version);
    vrx_law_release(keeper, law);
    daemon_world_sign_law(&world);
    assert_ok(vrx_law_reload(keeper, WORLD_NOW));
    vrx_law_keeper_free(&keeper);
}

/* What cannot be noted does not count, and is tried again. */
static void a_version_counts_only_when_it_is_noted(void **state) {
    (void)state;
    struct vrx_law_keeper *keeper = NULL;
    const uint64_t before = world.permits.version;
    char kept[80];
    (void)snprintf(kept, sizeof kept, "%s", seen);
    assert_ok(start_and_end());
    assert_ok(keep(&keeper));
    assert_int_equal(remove(seen), 0);
    (void)snprintf(seen, sizeof seen, "%s/none/seen", world.folder);
    daemon_world_sign_law(&world);
    assert_int_not_equal(vrx_law_reload(keeper, WORLD_NOW).reason, VRX_OK);
    const struct vrx_law *law = vrx_law_hold(keeper);
    assert_int_equal(law->permits.version, before);
    vrx_law_release(keeper, law);
    (void)snprintf(seen, sizeof seen, "%s", kept);
    assert_ok(vrx_law_reload(keeper, WORLD_NOW));
    law = vrx_law_hold(keeper);
    assert_int_equal(law->permits.version, before + 1);
    vrx_law_release(keeper, law);
    vrx_law_keeper_free(&keeper);
}

static void a_note_of_another_form_is_refused(void **state) {
    (void)state;
    static const size_t lengths[] = {1, 15, 17};
    uint8_t bytes[17] = {0};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        file_write(seen, vrx_view_of(bytes, lengths[i]));
        assert_reason(start_and_end(), VRX_FILE_REFUSED);
    }
    file_write(seen, vrx_view_of(NULL, 0));
    assert_ok(start_and_end());
}

/* ---- what is over ---- */

static uint64_t version_kept(struct vrx_law_keeper *keeper) {
    const struct vrx_law *law = vrx_law_hold(keeper);
    const uint64_t version = law->permits.version;
    vrx_law_release(keeper, law);
    return version;
}

static void what_is_over_is_not_taken(void **state) {
    (void)state;
    struct vrx_law_keeper *keeper = NULL;
    int64_t *const ends[] = {&world.directory.expires, &world.permits.expires};
    static const char *const clauses[] = {"directory.expires", "permit_table.expires"};
    assert_ok(keep(&keeper));
    for (size_t i = 0; i < 2; i++) {
        const int64_t end = *ends[i];
        const uint64_t before = version_kept(keeper);
        *ends[i] = WORLD_NOW - 1;
        daemon_world_sign_law(&world);
        struct vrx_result result = vrx_law_reload(keeper, WORLD_NOW);
        assert_reason(result, VRX_DIRECTORY_EXPIRED);
        assert_string_equal(result.clause, clauses[i]);
        assert_int_equal(version_kept(keeper), before);
        assert_ok(vrx_law_reload(keeper, WORLD_NOW)); /* not looked at again until it changes */
        *ends[i] = end;
        daemon_world_sign_law(&world);
        assert_ok(vrx_law_reload(keeper, WORLD_NOW));
        assert_int_equal(version_kept(keeper), world.permits.version);
    }
    vrx_law_keeper_free(&keeper);
}

/* A directory that ran out does not keep a permit table from being taken. */
static void one_that_is_over_does_not_hold_up_the_other(void **state) {
    (void)state;
    struct vrx_law_keeper *keeper = NULL;
    world.directory.expires = WORLD_NOW - 1;
    daemon_world_sign_law(&world);
    assert_ok(keep(&keeper));
    struct vrx_buffer directory VRX_CLEANUP(vrx_buffer_done) = file_read(world.directory_file);
    daemon_world_sign_law(&world);
    file_write(world.directory_file, vrx_buffer_view(&directory));
    assert_ok(vrx_law_reload(keeper, WORLD_NOW));
    assert_int_equal(version_kept(keeper), world.permits.version);
    vrx_law_keeper_free(&keeper);
}

/* ---- copies ---- */

static struct vrx_law_text text_of(struct vrx_law_keeper *keeper, enum vrx_law_kind kind) {
    const struct vrx_law *law = vrx_law_hold(keeper);
    const bool directory = kind == VRX_LAW_DIRECTORY;
    struct vrx_law_text text = {
        .kind = kind, .version = directory ? law->directory.version : law->permits.version};
    memcpy(text.digest, directory ? law->directory_digest : law->permits_digest, VRX_DIGEST);
    vrx_law_release(keeper, law);
    return text;
}

static void each_version_that_counted_is_kept(void **state) {
    (void)state;
    struct vrx_law_keeper *keeper = NULL;
    assert_ok(keep(&keeper));
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = file_read(world.directory_file);
    struct vrx_law_text old = text_of(keeper, VRX_LAW_DIRECTORY);
    daemon_world_sign_law(&world);
    assert_ok(vrx_law_reload(keeper, WORLD_NOW));
    struct vrx_buffer second VRX_CLEANUP(vrx_buffer_done) = file_read(world.permits_file);
    struct vrx_law_text present = text_of(keeper, VRX_LAW_PERMITS);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer found = {0};
    assert_ok(vrx_law_archived(keeper, &old, &found));
    assert_true(vrx_view_equal(vrx_buffer_view(&found), vrx_buffer_view(&first)));
    vrx_buffer_clear(&found);
    assert_ok(vrx_law_archived(keeper, &present, &found));
    assert_true(vrx_view_equal(vrx_buffer_view(&found), vrx_buffer_view(&second)));
    old.digest[VRX_DIGEST - 1] ^= 1; /* its name is found, its content is another */
    assert_reason(vrx_law_archived(keeper, &old, &found), VRX_NOT_FOUND);
    old.version += 9;
    assert_reason(vrx_law_archived(keeper, &old, &found), VRX_NOT_FOUND);
    vrx_law_keeper_free(&keeper);
}

/* It may be what ends a permit. */
static void a_law_counts_though_no_copy_can_be_kept(void **state) {
    (void)state;
    struct vrx_law_keeper *keeper = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer found = {0};
    (void)snprintf(archive, sizeof archive, "%s/none/laws", world.folder);
    assert_ok(keep(&keeper));
    struct vrx_law_text text = text_of(keeper, VRX_LAW_PERMITS);
    assert_reason(vrx_law_archived(keeper, &text, &found), VRX_NOT_FOUND);
    vrx_law_keeper_free(&keeper);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_seen_is_noted, setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_file_is_refused_after_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(an_older_file_is_refused_while_it_runs, setup, teardown),
        cmocka_unit_test_setup_teardown(a_version_counts_only_when_it_is_noted, setup, teardown),
        cmocka_unit_test_setup_teardown(a_note_of_another_form_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_over_is_not_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(
            one_that_is_over_does_not_hold_up_the_other, setup, teardown),
        cmocka_unit_test_setup_teardown(each_version_that_counted_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(a_law_counts_though_no_copy_can_be_kept, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
