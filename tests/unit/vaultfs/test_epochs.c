/* SPDX-License-Identifier: Apache-2.0
 *
 * Epochs as a vault goes through them: with a small limit, seen from outside through the epoch that
 * each stored page names.
 */
#include "vaultfs/epochs.h"

#include <stdio.h>

#include "support/check.h"
#include "support/shim_vfs.h"
#include "support/vault_files.h"

#include "crypto/random.h"

#define EPOCHS 200

struct pages {
    unsigned total;
    unsigned of[EPOCHS];
    uint32_t oldest;
    uint32_t newest;
};

static struct pages pages_of(const char *path) {
    struct pages pages = {.oldest = UINT32_MAX};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer file = file_read(path);
    assert_true(file.len >= VRX_HEADER + VRX_PAGE && file.len % VRX_PAGE == 0);
    for (size_t at = VRX_HEADER; at < file.len; at += VRX_PAGE) {
        uint32_t epoch = vrx_page_epoch(file.ptr + at);
        assert_true(epoch < EPOCHS);
        pages.total++;
        pages.of[epoch]++;
        pages.oldest = epoch < pages.oldest ? epoch : pages.oldest;
        pages.newest = epoch > pages.newest ? epoch : pages.newest;
    }
    return pages;
}

static struct vrx_vault *open_vault(const struct vault_folder *folder, bool create) {
    struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), create, &vault));
    return vault;
}

static void fill(sqlite3 *db, int from, int to) {
    for (int i = from; i < to; i++) {
        char sql[120];
        (void)snprintf(
            sql, sizeof sql, "INSERT INTO t VALUES (%d, 'row %d', randomblob(900))", i, i);
        sql_run(db, sql);
    }
}

static void the_next_epoch_begins_by_itself_and_old_pages_stay_readable(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder, true);
    sqlite3 *db = vrx_vault_db(vault);
    vrx_vault_limit_epochs(vault, 10, 7);
    sql_run(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB) STRICT");
    fill(db, 0, 200);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer before = {.limit = (size_t)64 << 20};
    assert_ok(database_dump(db, &before));
    struct vrx_vault_epochs epochs;
    vrx_vault_epochs(vault, &epochs);
    vrx_vault_close(&vault);
    struct pages pages = pages_of(folder->vault);
    assert_true(epochs.current > 5);
    assert_true(pages.newest - pages.oldest >= 3);
    assert_int_equal(epochs.oldest, 1);

    vault = open_vault(folder, false);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer after = {.limit = (size_t)64 << 20};
    assert_ok(database_dump(vrx_vault_db(vault), &after));
    assert_true(vrx_view_equal(vrx_buffer_view(&before), vrx_buffer_view(&after)));
    assert_ok(vrx_vault_check(vault));
    vrx_vault_close(&vault);
}

/* Counted where a disk would see them: the epoch in each page that reaches the file below. */
static unsigned long written[EPOCHS];

static int note_page(void *context, struct shim_call *call) {
    (void)context;
    bool header = call->offset < VRX_HEADER && !strstr(call->path, "-wal");
    if (call->operation == SHIM_WRITE && call->amount == VRX_PAGE && !header) {
        uint32_t epoch = vrx_page_epoch(call->bytes);
        assert_true(epoch < EPOCHS);
        written[epoch]++;
    }
    return SQLITE_OK;
}

static void no_epoch_has_more_writes_than_its_limit(void **state) {
    struct vault_folder *folder = *state;
    static struct shim_vfs shim = {.before = note_page};
    assert_int_equal(shim_vfs_register(&shim, "note"), SQLITE_OK);
    struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open_over(
        folder->vault, vault_key(1), vrx_random_system(), true, "note", &vault));
    sqlite3 *db = vrx_vault_db(vault);
    vrx_vault_limit_epochs(vault, 20, 7);
    sql_run(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB) STRICT;"
                "PRAGMA wal_autocheckpoint = 20");
    struct vrx_vault_epochs epochs = {.current = 0};
    for (int i = 0; epochs.current < 30; i++) {
        fill(db, i, i + 1);
        vrx_vault_epochs(vault, &epochs);
    }
    uint32_t last = epochs.current;
    vrx_vault_close(&vault);
    for (uint32_t epoch = 2; epoch < last; epoch++)
        assert_int_equal(written[epoch], 20);
    shim_vfs_unregister(&shim);
}

static void a_lost_block_is_counted_as_written(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder, true);
    sql_run(vrx_vault_db(vault), "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB) STRICT");
    struct vrx_vault_epochs before;
    struct vrx_vault_epochs after;
    vrx_vault_epochs(vault, &before);
    assert_int_equal(before.written, VRX_EPOCH_BLOCK);
    assert_int_equal(before.current, 1);
    vrx_vault_close(&vault);
    /* Reading counts nothing; the first write takes a new block. */
    vault = open_vault(folder, false);
    assert_int_equal(sql_number(vrx_vault_db(vault), "SELECT count(*) FROM t"), 0);
    vrx_vault_epochs(vault, &after);
    assert_int_equal(after.written, before.written);
    fill(vrx_vault_db(vault), 0, 1);
    vrx_vault_epochs(vault, &after);
    assert_int_equal(after.written, before.written + VRX_EPOCH_BLOCK);
    vrx_vault_close(&vault);
}

static void a_page_moves_to_the_present_epoch_when_it_is_written(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder, true);
    sqlite3 *db = vrx_vault_db(vault);
    sql_run(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB) STRICT");
    fill(db, 0, 100);
    sql_run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    struct pages before = pages_of(folder->vault);
    assert_int_equal(before.of[1], before.total);
    vrx_vault_limit_epochs(vault, 1, 1); /* epoch 1 is used up */
    sql_run(db, "PRAGMA shrink_memory");
    assert_int_equal(sql_number(db, "SELECT count(*) FROM t WHERE length(b) = 900"), 100);
    vrx_vault_limit_epochs(vault, VRX_EPOCH_BLOCK, VRX_EPOCH_BLOCK);
    sql_run(db, "UPDATE t SET b = zeroblob(900) WHERE id < 50; PRAGMA wal_checkpoint(TRUNCATE)");
    struct pages half = pages_of(folder->vault);
    assert_true(half.of[1] > 0 && half.of[1] < before.of[1]);
    sql_run(db, "UPDATE t SET b = zeroblob(900); PRAGMA wal_checkpoint(TRUNCATE)");
    struct pages all = pages_of(folder->vault);
    assert_true(all.of[1] < half.of[1]);
    vrx_vault_close(&vault);
}

static void vacuum_retires_earlier_epochs(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder, true);
    sqlite3 *db = vrx_vault_db(vault);
    vrx_vault_limit_epochs(vault, 10, 10);
    sql_run(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB) STRICT");
    fill(db, 0, 200);
    sql_run(db, "DELETE FROM t WHERE id % 3 = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    struct pages before = pages_of(folder->vault);
    assert_true(before.newest - before.oldest >= 3);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer older = file_read(folder->vault);

    sql_run(db, "BEGIN");
    assert_reason(vrx_vault_vacuum(vault), VRX_WRONG_STATE);
    sql_run(db, "COMMIT");
    vrx_vault_limit_epochs(vault, 10000, 10000);
    struct vrx_vault_epochs epochs;
    vrx_vault_epochs(vault, &epochs);
    uint32_t last = epochs.current;
    assert_ok(vrx_vault_vacuum(vault));
    struct pages after = pages_of(folder->vault);
    assert_true(after.total < before.total);
    assert_true(after.oldest > last);
    vrx_vault_epochs(vault, &epochs);
    assert_int_equal(epochs.oldest, after.oldest);
    vrx_vault_close(&vault);
    vault = open_vault(folder, false);
    assert_int_equal(sql_number(vrx_vault_db(vault), "SELECT count(*) FROM t"), 133);
    assert_ok(vrx_vault_check(vault));
    vrx_vault_close(&vault);

    /* A page of a retired epoch, once genuine in this place, is damage now, whenever it comes. */
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer mixed = file_read(folder->vault);
    memcpy(mixed.ptr + VRX_HEADER + VRX_PAGE, older.ptr + VRX_HEADER + VRX_PAGE, VRX_PAGE);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer whole = file_read(folder->vault);
    file_write(folder->vault, vrx_buffer_view(&mixed));
    assert_reason(vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), false, &vault),
        VRX_VAULT_DAMAGED);
    file_write(folder->vault, vrx_buffer_view(&whole));
    vault = open_vault(folder, false);
    file_put(folder->vault, VRX_HEADER + VRX_PAGE,
        vrx_view_of(mixed.ptr + VRX_HEADER + VRX_PAGE, VRX_PAGE));
    assert_reason(vrx_vault_check(vault), VRX_VAULT_DAMAGED);
    vrx_vault_close(&vault);
}

/* A block may end in the middle of a VACUUM; all its pages are of new epochs all the same. */
static void vacuum_over_several_epochs(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder, true);
    sqlite3 *db = vrx_vault_db(vault);
    sql_run(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB) STRICT");
    fill(db, 0, 100);
    vrx_vault_limit_epochs(vault, 9, 4);
    struct vrx_vault_epochs epochs;
    assert_ok(vrx_vault_vacuum(vault));
    vrx_vault_epochs(vault, &epochs);
    assert_true(epochs.oldest >= 2 && epochs.current > epochs.oldest);
    struct pages pages = pages_of(folder->vault);
    assert_int_equal(pages.of[1], 0);
    assert_ok(vrx_vault_check(vault));
    vrx_vault_close(&vault);
}

static void either_slot_of_the_header_is_enough(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder, true);
    sql_run(vrx_vault_db(vault), "CREATE TABLE t(a)");
    vrx_vault_close(&vault);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer whole = file_read(folder->vault);
    for (size_t spoilt = 1; spoilt <= 3; spoilt++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer file = file_read(folder->vault);
        for (size_t slot = 0; slot < 2; slot++)
            if (spoilt & 1U << slot)
                file.ptr[slot * VRX_HEADER_SLOT + 2000] ^= 1;
        file_write(folder->vault, vrx_buffer_view(&file));
        if (spoilt == 3) {
            assert_reason(
                vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), false, &vault),
                VRX_VAULT_DAMAGED);
        } else {
            vault = open_vault(folder, false);
            assert_int_equal(sql_number(vrx_vault_db(vault), "SELECT count(*) FROM t"), 0);
            vrx_vault_close(&vault);
        }
        file_write(folder->vault, vrx_buffer_view(&whole));
    }
}

#define VAULT_TEST(function) \
    cmocka_unit_test_setup_teardown(function, vault_folder_setup, vault_folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        VAULT_TEST(the_next_epoch_begins_by_itself_and_old_pages_stay_readable),
        VAULT_TEST(no_epoch_has_more_writes_than_its_limit),
        VAULT_TEST(a_lost_block_is_counted_as_written),
        VAULT_TEST(a_page_moves_to_the_present_epoch_when_it_is_written),
        VAULT_TEST(vacuum_retires_earlier_epochs),
        VAULT_TEST(vacuum_over_several_epochs),
        VAULT_TEST(either_slot_of_the_header_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
