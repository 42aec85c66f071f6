/* SPDX-License-Identifier: Apache-2.0
 *
 * Whoever has the files changes them. Each change must end in one of these:
 *
 * - detected: opening or reading fails with VRX_VAULT_DAMAGED
 * - harmless: everything reads back as it was
 * - rolled back, for a WAL of which nothing is in the database yet: exactly the state after the
 *   last commit before the first changed byte. That state is genuine and old, which the vault
 * cannot tell; the ledger's checkpoint can.
 */
#include "vaultfs/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/check.h"
#include "support/vault_files.h"

#include "crypto/random.h"

#define PAGE 4096
#define HEADER 32
#define FRAME 4120
#define COMMITS 3

/* A vault as its files' bytes; states[n] is the content after n commits in the WAL. */
struct specimen {
    struct vrx_buffer database;
    struct vrx_buffer wal;
    struct vrx_buffer states[COMMITS + 1];
    size_t commit_end[COMMITS + 1]; /* bytes of the WAL that hold n commits */
};

struct counts {
    unsigned detected;
    unsigned harmless;
    unsigned rolled_back;
};

static struct vrx_buffer dump_of(sqlite3 *db) {
    struct vrx_buffer dump = {.limit = (size_t)64 << 20};
    assert_ok(database_dump(db, &dump));
    return dump;
}

/* Leaves, an overflow chain, an index and free pages, in as few pages as that takes. */
static struct specimen make_specimen(
    const struct vault_folder *folder, uint8_t key, int commits, uint64_t seed) {
    struct specimen made = {0};
    struct sequence sequence = sequence_of(seed);
    struct vrx_random random = sequence_random(&sequence);
    struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open(folder->vault, vault_key(key), &random, true, &vault));
    sqlite3 *db = vrx_vault_db(vault);
    sql_run(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB) STRICT;"
                "CREATE INDEX ta ON t(a);"
                "CREATE TABLE gone(a, b); INSERT INTO gone VALUES (1, zeroblob(9000));"
                "INSERT INTO t VALUES (1, 'one', zeroblob(5000)), (2, 'two', x'0102');"
                "DROP TABLE gone; PRAGMA wal_checkpoint(TRUNCATE)");
    made.states[0] = dump_of(db);
    for (int i = 1; i <= commits; i++) {
        char sql[200];
        (void)snprintf(sql, sizeof sql,
            "BEGIN; INSERT INTO t VALUES (%d, 'row %d', zeroblob(%d));"
            "UPDATE t SET a = a || '.' WHERE id = 2; COMMIT",
            i + 10, i, i * 100);
        sql_run(db, sql);
        made.states[i] = dump_of(db);
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wal = file_read(folder->wal);
        made.commit_end[i] = wal.len;
    }
    made.database = file_read(folder->vault);
    made.wal = file_read(folder->wal);
    vrx_vault_close(&vault);
    vault_folder_empty(folder);
    return made;
}

static void specimen_done(struct specimen *specimen) {
    vrx_buffer_done(&specimen->database);
    vrx_buffer_done(&specimen->wal);
    for (int i = 0; i <= COMMITS; i++)
        vrx_buffer_done(&specimen->states[i]);
}

static void put(const struct vault_folder *folder, const struct vrx_buffer *database,
    const struct vrx_buffer *wal) {
    file_write(folder->copy, vrx_buffer_view(database));
    file_write(folder->copy_wal, vrx_buffer_view(wal));
}

/* Reads all there is; the content only when nothing failed. */
static enum vrx_reason examine(const char *path, uint8_t key, struct vrx_buffer *ret_content) {
    struct vrx_vault *vault = NULL;
    struct vrx_result result =
        vrx_vault_open(path, vault_key(key), vrx_random_system(), false, &vault);
    if (vrx_is_ok(result))
        result = database_dump(vrx_vault_db(vault), ret_content);
    if (vrx_is_ok(result))
        result = vrx_vault_check(vault);
    vrx_vault_close(&vault);
    return result.reason;
}

static bool same(const struct vrx_buffer *a, const struct vrx_buffer *b) {
    return vrx_view_equal(vrx_buffer_view(a), vrx_buffer_view(b));
}

/* The files are in place: opens them and compares with the one state that may be seen. */
static void judge(const struct vault_folder *folder, const struct specimen *specimen, int expected,
    int newest, struct counts *counts, const char *what, size_t where) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {.limit = (size_t)64 << 20};
    enum vrx_reason reason = examine(folder->copy, 1, &content);
    if (reason == VRX_VAULT_DAMAGED) {
        counts->detected++;
        return;
    }
    if (reason != VRX_OK)
        fail_msg("%s at %zu: %s", what, where, vrx_reason_name(reason));
    if (!same(&content, &specimen->states[expected]))
        fail_msg("%s at %zu: wrong content", what, where);
    if (expected == newest)
        counts->harmless++;
    else
        counts->rolled_back++;
}

static void report(const char *what, const struct counts *counts) {
    print_message("%s: %u detected, %u harmless, %u rolled back\n", what, counts->detected,
        counts->harmless, counts->rolled_back);
}

static uint8_t mask(struct sequence *sequence) {
    return (uint8_t)(1 + sequence_below(sequence, 255));
}

static void every_byte_of_the_database_flipped(void **state) {
    struct vault_folder *folder = *state;
    struct specimen specimen = make_specimen(folder, 1, 0, 1);
    struct sequence sequence = sequence_of(environment_number("VRX_FAULT_SEED", 1));
    const struct vrx_buffer none = {0};
    struct counts counts = {0};
    for (size_t i = 0; i < specimen.database.len; i++) {
        uint8_t kept = specimen.database.ptr[i];
        specimen.database.ptr[i] ^= mask(&sequence);
        put(folder, &specimen.database, &none);
        judge(folder, &specimen, 0, 0, &counts, "flip", i);
        specimen.database.ptr[i] = kept;
    }
    report("database", &counts);
    /* Free pages are the only ones that reading everything does not touch, and of the header's two
     * slots one is enough. */
    size_t spare_pages = 3 + 2;
    assert_true(counts.detected + spare_pages * PAGE >= specimen.database.len);
    assert_true(specimen.database.len >= 7 * (size_t)PAGE);
    specimen_done(&specimen);
}

static int commits_before(const struct specimen *specimen, size_t offset) {
    int commits = 0;
    while (offset >= HEADER && commits < COMMITS && specimen->commit_end[commits + 1] <= offset)
        commits++;
    return commits;
}

static void every_byte_of_an_unclean_wal_flipped(void **state) {
    struct vault_folder *folder = *state;
    struct specimen specimen = make_specimen(folder, 1, COMMITS, 2);
    struct sequence sequence = sequence_of(environment_number("VRX_FAULT_SEED", 1));
    struct counts counts = {0};
    for (size_t i = 0; i < specimen.wal.len; i++) {
        uint8_t kept = specimen.wal.ptr[i];
        specimen.wal.ptr[i] ^= mask(&sequence);
        put(folder, &specimen.database, &specimen.wal);
        judge(folder, &specimen, commits_before(&specimen, i), COMMITS, &counts, "flip", i);
        specimen.wal.ptr[i] = kept;
    }
    report("WAL", &counts);
    assert_int_equal(counts.rolled_back, specimen.wal.len);
    specimen_done(&specimen);
}

static void a_wal_cut_short(void **state) {
    struct vault_folder *folder = *state;
    struct specimen specimen = make_specimen(folder, 1, COMMITS, 3);
    struct counts counts = {0};
    for (size_t len = 0; len <= specimen.wal.len; len += len < 64 ? 1 : 103) {
        struct vrx_buffer cut = {.ptr = specimen.wal.ptr, .len = len};
        put(folder, &specimen.database, &cut);
        judge(folder, &specimen, commits_before(&specimen, len), COMMITS, &counts, "cut", len);
    }
    report("WAL cut short", &counts);
    assert_int_equal(counts.detected + counts.harmless, 0);
    specimen_done(&specimen);
}

static void exchange(uint8_t *a, uint8_t *b, size_t len) {
    for (size_t i = 0; i < len; i++) {
        uint8_t kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

static void pages_swapped_copied_and_zeroed(void **state) {
    struct vault_folder *folder = *state;
    struct specimen specimen = make_specimen(folder, 1, 0, 4);
    const struct vrx_buffer none = {0};
    struct counts counts = {0};
    uint8_t *bytes = specimen.database.ptr;
    size_t pages = specimen.database.len / PAGE;
    uint8_t kept[PAGE];
    for (size_t i = 0; i < pages; i++) {
        for (size_t k = 0; k < pages; k++) {
            memcpy(kept, bytes + i * PAGE, PAGE);
            if (k == i)
                memset(bytes + i * PAGE, 0, PAGE);
            else
                memcpy(bytes + i * PAGE, bytes + k * PAGE, PAGE);
            put(folder, &specimen.database, &none);
            judge(folder, &specimen, 0, 0, &counts, "copy", i * pages + k);
            memcpy(bytes + i * PAGE, kept, PAGE);
            if (k <= i)
                continue;
            exchange(bytes + i * PAGE, bytes + k * PAGE, PAGE);
            put(folder, &specimen.database, &none);
            judge(folder, &specimen, 0, 0, &counts, "swap", i * pages + k);
            exchange(bytes + i * PAGE, bytes + k * PAGE, PAGE);
        }
    }
    report("pages", &counts);
    assert_true(counts.detected > counts.harmless);
    specimen_done(&specimen);
}

static void a_database_cut_short_or_extended(void **state) {
    struct vault_folder *folder = *state;
    struct specimen specimen = make_specimen(folder, 1, 0, 5);
    const struct vrx_buffer none = {0};
    struct counts counts = {0};
    for (size_t len = 1; len < specimen.database.len; len += 509) {
        struct vrx_buffer cut = {.ptr = specimen.database.ptr, .len = len};
        put(folder, &cut, &none);
        judge(folder, &specimen, 0, 0, &counts, "cut", len);
    }
    for (size_t k = 0; k < specimen.database.len / PAGE; k++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer longer = {0};
        assert_ok(vrx_buffer_append(&longer, vrx_buffer_view(&specimen.database)));
        assert_ok(vrx_buffer_append(
            &longer, vrx_view_of(specimen.database.ptr + k * PAGE, (size_t)PAGE - k * 100)));
        put(folder, &longer, &none);
        judge(folder, &specimen, 0, 0, &counts, "extension by page", k);
    }
    report("length", &counts);
    specimen_done(&specimen);
}

/* A table that a VACUUM may lay out in more pages than it had. */
static void make_uneven(sqlite3 *db, struct sequence *sequence) {
    sql_run(db, "CREATE TABLE u(k BLOB PRIMARY KEY, n INTEGER) STRICT, WITHOUT ROWID; BEGIN");
    for (int i = 0; i < 46; i++) {
        char sql[100];
        (void)snprintf(sql, sizeof sql,
            "INSERT INTO u VALUES (CAST('%08x' || hex(zeroblob(%u)) AS BLOB), 1)",
            sequence_below(sequence, UINT32_MAX), 100 + sequence_below(sequence, 350));
        sql_run(db, sql);
    }
    sql_run(db, "COMMIT");
}

/* Puts so many whole pages behind the last one. */
static void extend(const char *path, unsigned count) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = file_read(path);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer longer = {0};
    assert_ok(vrx_buffer_append(&longer, vrx_buffer_view(&bytes)));
    for (unsigned i = 0; i < count; i++)
        assert_ok(
            vrx_buffer_append(&longer, vrx_view_of(bytes.ptr + (3 + (size_t)i % 4) * PAGE, PAGE)));
    file_write(path, vrx_buffer_view(&longer));
}

/* *grew: that SQLite wrote where the pages lie. */
static void vacuum_beside(struct vrx_vault *vault, unsigned *grew) {
    sqlite3 *db = vrx_vault_db(vault);
    sql_run(db, "CREATE TABLE v(x); DROP TABLE v");
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer before = dump_of(db);
    int64_t pages = sql_number(db, "PRAGMA page_count");
    assert_ok(vrx_vault_vacuum(vault));
    *grew += sql_number(db, "PRAGMA page_count") > pages;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer after = dump_of(db);
    assert_true(same(&before, &after));
    assert_ok(vrx_vault_check(vault));
}

/* A kill in the middle of a rekey leaves a lot of pages there. They are in nobody's way: SQLite
 * does not read them, not even when it writes where they are. */
static void pages_behind_the_last_one(void **state) {
    struct vault_folder *folder = *state;
    unsigned grew = 0;
    for (unsigned seed = 1; seed <= 150; seed++) {
        struct sequence sequence = sequence_of(seed);
        struct vrx_random random = sequence_random(&sequence);
        struct vrx_vault *vault = NULL;
        assert_ok(vrx_vault_open(folder->vault, vault_key(1), &random, true, &vault));
        make_uneven(vrx_vault_db(vault), &sequence);
        vrx_vault_close(&vault);
        extend(folder->vault, 1 + seed % 20);
        assert_ok(vrx_vault_open(folder->vault, vault_key(1), &random, false, &vault));
        vacuum_beside(vault, &grew);
        vrx_vault_close(&vault);
        vault_folder_empty(folder);
    }
    assert_true(grew > 0);
}

static void frames_swapped_copied_and_zeroed(void **state) {
    struct vault_folder *folder = *state;
    struct specimen specimen = make_specimen(folder, 1, COMMITS, 6);
    struct counts counts = {0};
    uint8_t *frames = specimen.wal.ptr + HEADER;
    size_t count = (specimen.wal.len - HEADER) / FRAME;
    uint8_t kept[FRAME];
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            size_t first = i < k ? i : k;
            memcpy(kept, frames + i * FRAME, FRAME);
            if (k == i)
                memset(frames + i * FRAME, 0, FRAME);
            else
                memcpy(frames + i * FRAME, frames + k * FRAME, FRAME);
            put(folder, &specimen.database, &specimen.wal);
            judge(folder, &specimen, commits_before(&specimen, HEADER + i * FRAME), COMMITS,
                &counts, "copy", i * count + k);
            memcpy(frames + i * FRAME, kept, FRAME);
            if (k == i)
                continue;
            exchange(frames + i * FRAME, frames + k * FRAME, FRAME);
            put(folder, &specimen.database, &specimen.wal);
            judge(folder, &specimen, commits_before(&specimen, HEADER + first * FRAME), COMMITS,
                &counts, "swap", i * count + k);
            exchange(frames + i * FRAME, frames + k * FRAME, FRAME);
        }
    }
    report("frames", &counts);
    assert_int_equal(counts.harmless, 0);
    specimen_done(&specimen);
}

static void files_of_two_vaults_mixed(void **state) {
    struct vault_folder *folder = *state;
    struct counts counts = {0};
    /* Key 1 twice: one municipality's older vault, or a copy under another file id. */
    for (uint8_t key = 1; key <= 2; key++) {
        struct specimen one = make_specimen(folder, 1, COMMITS, 7);
        struct specimen two = make_specimen(folder, key, COMMITS, 8);
        assert_int_equal(one.database.len, two.database.len);
        put(folder, &one.database, &two.wal);
        judge(folder, &one, 0, COMMITS, &counts, "WAL of key", key);
        for (size_t i = 0; i < two.database.len / PAGE; i++) {
            exchange(one.database.ptr + i * PAGE, two.database.ptr + i * PAGE, PAGE);
            put(folder, &one.database, &one.wal);
            /* Page 1 is in the WAL and hides the one in the database, but not the file id. */
            judge(folder, &one, COMMITS, COMMITS, &counts, "page of key", (size_t)key * 100 + i);
            exchange(one.database.ptr + i * PAGE, two.database.ptr + i * PAGE, PAGE);
        }
        for (size_t i = HEADER; i < two.wal.len; i += FRAME) {
            exchange(one.wal.ptr + i, two.wal.ptr + i, FRAME);
            put(folder, &one.database, &one.wal);
            judge(folder, &one, commits_before(&one, i), COMMITS, &counts, "frame of key", i);
            exchange(one.wal.ptr + i, two.wal.ptr + i, FRAME);
        }
        put(folder, &two.database, &two.wal);
        struct vrx_buffer content = {0};
        assert_reason(vrx_fail(examine(folder->copy, 3, &content)), VRX_VAULT_DAMAGED);
        specimen_done(&one);
        specimen_done(&two);
    }
    report("two vaults", &counts);
    assert_true(counts.detected > 0);
}

/* The limit that vault.h states: what was genuine once authenticates. */
static void an_older_copy_of_the_files_opens(void **state) {
    struct vault_folder *folder = *state;
    struct specimen specimen = make_specimen(folder, 1, COMMITS, 9);
    struct vrx_buffer older = {.ptr = specimen.wal.ptr, .len = specimen.commit_end[2]};
    struct counts counts = {0};
    put(folder, &specimen.database, &older);
    judge(folder, &specimen, 2, COMMITS, &counts, "older copy", 0);
    assert_int_equal(counts.rolled_back, 1);
    specimen_done(&specimen);
}

/* The vault is open and has recovered its WAL; then bytes of it change. */
static enum vrx_reason read_after_change(const struct vault_folder *folder,
    const struct specimen *specimen, size_t offset, const void *bytes, size_t len,
    struct vrx_buffer *ret_content) {
    put(folder, &specimen->database, &specimen->wal);
    struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open(folder->copy, vault_key(1), vrx_random_system(), false, &vault));
    sql_run(vrx_vault_db(vault), "PRAGMA shrink_memory");
    file_put(folder->copy_wal, offset, vrx_view_of(bytes, len));
    struct vrx_result result = database_dump(vrx_vault_db(vault), ret_content);
    if (vrx_is_ok(result))
        result = vrx_vault_check(vault);
    vrx_vault_close(&vault);
    /* Damaged: nothing was copied from the WAL into the database. */
    if (result.reason == VRX_VAULT_DAMAGED) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer database = file_read(folder->copy);
        assert_true(same(&database, &specimen->database));
        assert_true(file_exists(folder->copy_wal));
    }
    return result.reason;
}

static void every_byte_of_a_frame_flipped_while_the_vault_is_open(void **state) {
    struct vault_folder *folder = *state;
    struct specimen specimen = make_specimen(folder, 1, COMMITS, 10);
    struct sequence sequence = sequence_of(environment_number("VRX_FAULT_SEED", 1));
    size_t last = specimen.wal.len - FRAME;
    unsigned detected = 0;
    for (size_t i = 0; i < FRAME; i++) {
        uint8_t byte = specimen.wal.ptr[last + i] ^ mask(&sequence);
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {.limit = (size_t)64 << 20};
        enum vrx_reason reason = read_after_change(folder, &specimen, last + i, &byte, 1, &content);
        if (reason == VRX_VAULT_DAMAGED)
            detected++;
        else if (reason != VRX_OK || !same(&content, &specimen.states[COMMITS]))
            fail_msg("byte %zu: %s", i, vrx_reason_name(reason));
    }
    /* All but salts and checksum, which SQLite reads when it recovers only. */
    assert_int_equal(detected, FRAME - 16);
    specimen_done(&specimen);
}

/* Two frames hold versions of one page: the older must not be taken for the newer. */
static void frames_exchanged_while_the_vault_is_open(void **state) {
    struct vault_folder *folder = *state;
    struct specimen specimen = make_specimen(folder, 1, COMMITS, 11);
    size_t count = (specimen.wal.len - HEADER) / FRAME;
    unsigned same_page = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            const uint8_t *from = specimen.wal.ptr + HEADER + i * FRAME;
            size_t to = HEADER + k * FRAME;
            VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {.limit = (size_t)64 << 20};
            enum vrx_reason reason =
                read_after_change(folder, &specimen, to, from, FRAME, &content);
            if (reason == VRX_OK)
                assert_true(same(&content, &specimen.states[COMMITS]));
            else
                assert_int_equal(reason, VRX_VAULT_DAMAGED);
            same_page +=
                i < k && memcmp(from, specimen.wal.ptr + to, 4) == 0 && reason == VRX_VAULT_DAMAGED;
        }
    }
    assert_true(same_page > 0);
    specimen_done(&specimen);
}

static void the_database_cut_short_while_the_vault_is_open(void **state) {
    struct vault_folder *folder = *state;
    struct specimen specimen = make_specimen(folder, 1, 0, 12);
    const struct vrx_buffer none = {0};
    for (size_t len = 0; len < specimen.database.len; len += 1000) {
        put(folder, &specimen.database, &none);
        struct vrx_vault *vault = NULL;
        assert_ok(vrx_vault_open(folder->copy, vault_key(1), vrx_random_system(), false, &vault));
        sqlite3 *db = vrx_vault_db(vault);
        sql_run(db, "INSERT INTO t VALUES (99, 'so that the size is in the WAL', NULL);"
                    "PRAGMA shrink_memory");
        assert_int_equal(truncate(folder->copy, (off_t)len), 0);
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {0};
        struct vrx_result result = database_dump(db, &content);
        /* The last pages are free ones. */
        if (len < specimen.database.len - 3 * (size_t)PAGE)
            assert_reason(result, VRX_VAULT_DAMAGED);
        vrx_vault_close(&vault);
    }
    specimen_done(&specimen);
}

/* A large transaction is in the WAL before its commit. When one of its frames changes, the commit
 * fails or the frame is left alone: it is never given a checksum. */
static void frames_changed_before_their_commit(void **state) {
    struct vault_folder *folder = *state;
    struct specimen specimen = make_specimen(folder, 1, 0, 13);
    const struct vrx_buffer none = {0};
    unsigned detected = 0;
    unsigned count = 1;
    for (unsigned i = 0; i < count; i++) {
        put(folder, &specimen.database, &none);
        struct vrx_vault *vault = NULL;
        assert_ok(vrx_vault_open(folder->copy, vault_key(1), vrx_random_system(), false, &vault));
        sqlite3 *db = vrx_vault_db(vault);
        sql_run(db,
            "PRAGMA cache_size = 4; BEGIN;"
            "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 600)"
            "INSERT INTO t SELECT i, 'n' || i, randomblob(200) FROM n;"
            "UPDATE t SET b = randomblob(201) WHERE id >= 100");
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wal = file_read(folder->copy_wal);
        count = (unsigned)((wal.len - HEADER) / FRAME);
        file_put(folder->copy_wal, HEADER + (size_t)i * FRAME + 500, vrx_view_of("\x55\xaa", 2));
        int rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
        if (rc != SQLITE_OK)
            assert_reason(vrx_sqlite_result(db, rc), VRX_VAULT_DAMAGED);
        detected += rc != SQLITE_OK;
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer after = file_read(folder->copy_wal);
        static const uint8_t no_page[4] = {0};
        for (size_t at = HEADER; at < after.len; at += FRAME)
            assert_memory_not_equal(after.ptr + at, no_page, sizeof no_page);
        vrx_vault_close(&vault);
    }
    print_message("%u of %u noticed by the commit\n", detected, count);
    assert_true(count > 10 && detected > 0);
    specimen_done(&specimen);
}

#define VAULT_TEST(function) \
    cmocka_unit_test_setup_teardown(function, vault_folder_setup, vault_folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        VAULT_TEST(pages_behind_the_last_one),
        VAULT_TEST(every_byte_of_the_database_flipped),
        VAULT_TEST(every_byte_of_an_unclean_wal_flipped),
        VAULT_TEST(a_wal_cut_short),
        VAULT_TEST(pages_swapped_copied_and_zeroed),
        VAULT_TEST(a_database_cut_short_or_extended),
        VAULT_TEST(frames_swapped_copied_and_zeroed),
        VAULT_TEST(files_of_two_vaults_mixed),
        VAULT_TEST(an_older_copy_of_the_files_opens),
        VAULT_TEST(every_byte_of_a_frame_flipped_while_the_vault_is_open),
        VAULT_TEST(the_database_cut_short_while_the_vault_is_open),
        VAULT_TEST(frames_changed_before_their_commit),
        VAULT_TEST(frames_exchanged_while_the_vault_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
