/* SPDX-License-Identifier: Apache-2.0
 *
 * Whoever has the files kept an older state of them, all genuine, and puts parts of it back.
 * Opening fails with VRX_VAULT_DAMAGED, or shows one whole state: the newest, or, where the WAL is
 * older or gone, that of the database alone. It never shows a page beside another that was not
 * there with it.
 */
#include <stdio.h>
#include <unistd.h>

#include "support/check.h"
#include "support/shim_vfs.h"
#include "support/vault_files.h"

#include "crypto/random.h"
#include "vaultfs/backup.h"
#include "vaultfs/header.h"

#define ROWS 24
#define FRAME 4120
#define WAL_HEADER 32
#define MOMENTS 64

/* The files at one moment, and what a vault shows that opens them. */
struct moment {
    struct vrx_buffer database;
    struct vrx_buffer wal;
    struct vrx_buffer content;
};

static void moment_done(struct moment *moment) {
    vrx_buffer_done(&moment->database);
    vrx_buffer_done(&moment->wal);
    vrx_buffer_done(&moment->content);
}

static struct vrx_vault *open_vault(const struct vault_folder *folder, bool create) {
    struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), create, &vault));
    sql_run(vrx_vault_db(vault), "PRAGMA wal_autocheckpoint = 0");
    return vault;
}

/* Every row in a page of its own: a new value changes them all. */
static void set_all(struct vrx_vault *vault, int value) {
    char sql[400];
    (void)snprintf(sql, sizeof sql,
        "CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v INTEGER, b BLOB) STRICT;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
        "INSERT OR REPLACE INTO t SELECT i, %d, zeroblob(3000) FROM n",
        ROWS, value);
    sql_run(vrx_vault_db(vault), sql);
}

static void set_some(struct vrx_vault *vault, int value) {
    char sql[80];
    (void)snprintf(sql, sizeof sql, "UPDATE t SET v = %d WHERE id %% 5 = 1", value);
    sql_run(vrx_vault_db(vault), sql);
}

static void checkpoint(struct vrx_vault *vault, const char *mode) {
    char sql[60];
    (void)snprintf(sql, sizeof sql, "PRAGMA wal_checkpoint(%s)", mode);
    sql_run(vrx_vault_db(vault), sql);
}

/* The files as they are, as if the process were killed now. */
static struct moment moment_of(const struct vault_folder *folder, struct vrx_vault *vault) {
    struct moment moment = {
        .database = file_read(folder->vault),
        .wal = file_read(folder->wal),
        .content = {.limit = (size_t)64 << 20},
    };
    if (vault)
        assert_ok(database_dump(vrx_vault_db(vault), &moment.content));
    return moment;
}

static bool same(const struct vrx_buffer *a, const struct vrx_buffer *b) {
    return vrx_view_equal(vrx_buffer_view(a), vrx_buffer_view(b));
}

static struct vrx_result open_copy(
    const struct vault_folder *folder, uint8_t key, struct vrx_buffer *ret_content) {
    VRX_CLEANUP(vrx_vault_close) struct vrx_vault *vault = NULL;
    VRX_TRY(vrx_vault_open(folder->copy, vault_key(key), vrx_random_system(), false, &vault));
    VRX_TRY(database_dump(vrx_vault_db(vault), ret_content));
    return vrx_vault_check(vault);
}

static void put(
    const struct vault_folder *folder, const struct vrx_buffer *database, struct vrx_view wal) {
    file_write(folder->copy, vrx_buffer_view(database));
    file_write(folder->copy_wal, wal);
}

static void assert_refused(const struct vault_folder *folder, const struct vrx_buffer *database,
    struct vrx_view wal, const char *what, size_t where) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {.limit = (size_t)64 << 20};
    put(folder, database, wal);
    struct vrx_result result = open_copy(folder, 1, &content);
    if (result.reason != VRX_VAULT_DAMAGED)
        fail_msg("%s at %zu: %s", what, where, vrx_reason_name(result.reason));
    /* It stays refused: nothing was written. */
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer after = file_read(folder->copy);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wal_after = file_read(folder->copy_wal);
    assert_true(same(&after, database));
    assert_true(vrx_view_equal(vrx_buffer_view(&wal_after), wal));
}

static void assert_shows(const struct vault_folder *folder, const struct vrx_buffer *database,
    struct vrx_view wal, const struct vrx_buffer *expected, const char *what, size_t where) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {.limit = (size_t)64 << 20};
    put(folder, database, wal);
    struct vrx_result result = open_copy(folder, 1, &content);
    if (!vrx_is_ok(result) || !same(&content, expected))
        fail_msg("%s at %zu: %s", what, where, vrx_reason_name(result.reason));
}

static void swap_page(struct vrx_buffer *a, struct vrx_buffer *b, size_t at) {
    uint8_t kept[VRX_PAGE];
    memcpy(kept, a->ptr + at, VRX_PAGE);
    memcpy(a->ptr + at, b->ptr + at, VRX_PAGE);
    memcpy(b->ptr + at, kept, VRX_PAGE);
}

static bool differs(const struct moment *a, const struct moment *b, size_t at) {
    return memcmp(a->database.ptr + at, b->database.ptr + at, VRX_PAGE) != 0;
}

/* Two states of one vault with the same number of pages, both closed; ret_older and then *vault. */
static struct vrx_vault *make_two(const struct vault_folder *folder, struct moment *ret_older) {
    struct vrx_vault *vault = open_vault(folder, true);
    set_all(vault, 1);
    checkpoint(vault, "TRUNCATE");
    *ret_older = moment_of(folder, vault);
    set_all(vault, 2);
    return vault;
}

static struct moment reopened(const struct vault_folder *folder, struct vrx_vault **vault) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {.limit = (size_t)64 << 20};
    assert_ok(database_dump(vrx_vault_db(*vault), &content));
    vrx_vault_close(vault);
    struct moment moment = moment_of(folder, NULL);
    assert_ok(vrx_buffer_append(&moment.content, vrx_buffer_view(&content)));
    return moment;
}

static void an_old_page_after_a_clean_close(void **state) {
    struct vault_folder *folder = *state;
    VRX_CLEANUP(moment_done) struct moment older = {.wal = {0}};
    struct vrx_vault *vault = make_two(folder, &older);
    VRX_CLEANUP(moment_done) struct moment newer = reopened(folder, &vault);
    const struct vrx_view none = {0};
    size_t tried = 0;
    assert_int_equal(newer.wal.len, 0);
    assert_int_equal(newer.database.len, older.database.len);
    for (size_t at = VRX_HEADER; at < newer.database.len; at += VRX_PAGE) {
        if (!differs(&newer, &older, at))
            continue;
        swap_page(&newer.database, &older.database, at);
        assert_refused(folder, &newer.database, none, "an old page", at);
        assert_refused(folder, &older.database, none, "a new page", at);
        for (size_t other = VRX_HEADER; other < at; other += VRX_PAGE) {
            if (!differs(&newer, &older, other))
                continue;
            swap_page(&newer.database, &older.database, other);
            assert_refused(folder, &newer.database, none, "two old pages", at + other);
            swap_page(&newer.database, &older.database, other);
        }
        swap_page(&newer.database, &older.database, at);
        tried++;
    }
    assert_true(tried >= ROWS / 2);
    assert_shows(folder, &newer.database, none, &newer.content, "all new", 0);
}

/* Either slot, both, and a spoilt one beside an old one. */
static void an_old_header_with_a_new_file(void **state) {
    struct vault_folder *folder = *state;
    VRX_CLEANUP(moment_done) struct moment older = {.wal = {0}};
    struct vrx_vault *vault = make_two(folder, &older);
    VRX_CLEANUP(moment_done) struct moment newer = reopened(folder, &vault);
    const struct vrx_view none = {0};
    for (size_t slot = 0; slot < VRX_HEADER_SLOTS; slot++) {
        size_t other = VRX_HEADER_SLOT - slot * VRX_HEADER_SLOT;
        swap_page(&newer.database, &older.database, slot * VRX_HEADER_SLOT);
        assert_shows(folder, &newer.database, none, &newer.content, "an old slot", slot);
        assert_refused(folder, &older.database, none, "a new slot", slot);
        newer.database.ptr[other + 2000] ^= 1;
        assert_refused(folder, &newer.database, none, "an old slot alone", slot);
        newer.database.ptr[other + 2000] ^= 1;
        swap_page(&newer.database, &older.database, slot * VRX_HEADER_SLOT);
    }
    swap_page(&newer.database, &older.database, 0);
    swap_page(&newer.database, &older.database, VRX_HEADER_SLOT);
    assert_refused(folder, &newer.database, none, "an old header", 0);
    assert_refused(folder, &older.database, none, "a new header", 0);
}

/* Killed with commits in the WAL: the database is settled, and its pages are all looked at. */
static void an_old_page_beside_a_wal(void **state) {
    struct vault_folder *folder = *state;
    VRX_CLEANUP(moment_done) struct moment older = {.wal = {0}};
    struct vrx_vault *vault = make_two(folder, &older);
    checkpoint(vault, "TRUNCATE");
    set_some(vault, 3);
    VRX_CLEANUP(moment_done) struct moment newer = moment_of(folder, vault);
    struct vrx_view wal = vrx_buffer_view(&newer.wal);
    vrx_vault_close(&vault);
    assert_true(wal.len > WAL_HEADER);
    for (size_t at = VRX_HEADER; at < newer.database.len; at += VRX_PAGE) {
        if (!differs(&newer, &older, at))
            continue;
        swap_page(&newer.database, &older.database, at);
        assert_refused(folder, &newer.database, wal, "an old page", at);
        swap_page(&newer.database, &older.database, at);
    }
    /* The whole file is older, and this WAL is none of its own: one state, for the ledger to judge.
     */
    assert_shows(folder, &older.database, wal, &older.content, "an old file beside a new WAL", 0);
    assert_shows(folder, &newer.database, wal, &newer.content, "all new", 0);
}

/* Looked at again while it is open, and when it is opened again after the page was overwritten. */
static void an_old_page_under_an_open_vault(void **state) {
    struct vault_folder *folder = *state;
    VRX_CLEANUP(moment_done) struct moment older = {.wal = {0}};
    struct vrx_vault *vault = make_two(folder, &older);
    checkpoint(vault, "TRUNCATE");
    VRX_CLEANUP(moment_done) struct moment newer = moment_of(folder, vault);
    size_t at = newer.database.len - (size_t)3 * VRX_PAGE;
    struct vrx_view old_page = vrx_view_of(older.database.ptr + at, VRX_PAGE);
    assert_true(differs(&newer, &older, at));
    assert_ok(vrx_vault_check(vault));
    file_put(folder->vault, at, old_page);
    assert_reason(vrx_vault_check(vault), VRX_VAULT_DAMAGED);
    assert_int_equal(sqlite3_exec(vrx_vault_db(vault), "UPDATE t SET v = 4", NULL, NULL, NULL),
        SQLITE_IOERR_DATA);
    vrx_vault_close(&vault);

    file_put(folder->vault, at, vrx_view_of(newer.database.ptr + at, VRX_PAGE));
    vault = open_vault(folder, false);
    uint32_t total = 0;
    assert_ok(vrx_vault_check_pages(vault, 1, 1, &total));
    file_put(folder->vault, at, old_page);
    assert_reason(vrx_vault_check_pages(vault, 1, 1, &total), VRX_VAULT_DAMAGED);
    vrx_vault_close(&vault);

    file_put(folder->vault, at, vrx_view_of(newer.database.ptr + at, VRX_PAGE));
    vault = open_vault(folder, false);
    file_put(folder->vault, at, old_page);
    set_all(vault, 3);
    checkpoint(vault, "TRUNCATE");
    vrx_vault_close(&vault);
    assert_reason(vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), false, &vault),
        VRX_VAULT_DAMAGED);
}

/* In the middle of a checkpoint */

/* The files before each write of a page to the database. */
static struct {
    const struct vault_folder *folder;
    struct moment moments[MOMENTS];
    size_t count;
    bool on;
} camera;

static int take_picture(void *context, struct shim_call *call) {
    (void)context;
    bool page = call->operation == SHIM_WRITE && call->offset >= VRX_HEADER &&
                call->amount == VRX_PAGE && !strstr(call->path, "-wal");
    if (camera.on && page) {
        assert_true(camera.count < MOMENTS);
        camera.moments[camera.count++] = moment_of(camera.folder, NULL);
    }
    return SQLITE_OK;
}

static void throw_pictures_away(void) {
    for (size_t i = 0; i < camera.count; i++)
        moment_done(&camera.moments[i]);
    camera.count = 0;
}

static uint32_t frame_page(struct vrx_view wal, size_t frame) {
    const uint8_t *at = wal.ptr + WAL_HEADER + frame * FRAME;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool has_page(struct vrx_view wal, size_t at) {
    for (size_t i = 0; i < (wal.len - WAL_HEADER) / FRAME; i++)
        if (VRX_HEADER + (frame_page(wal, i) - 1) * (size_t)VRX_PAGE == at)
            return true;
    return false;
}

/* What is to be copied is in the WAL and may be anything in the database; nothing else may. */
static void judge_pages(const struct vault_folder *folder, struct moment *now, struct moment *older,
    const struct vrx_buffer *content, unsigned *ret_refused) {
    struct vrx_view wal = vrx_buffer_view(&now->wal);
    for (size_t at = VRX_HEADER; at < now->database.len; at += VRX_PAGE) {
        if (!differs(now, older, at))
            continue;
        swap_page(&now->database, &older->database, at);
        if (has_page(wal, at)) {
            assert_shows(folder, &now->database, wal, content, "a page that the WAL has", at);
        } else {
            assert_refused(folder, &now->database, wal, "an old page", at);
            ++*ret_refused;
        }
        swap_page(&now->database, &older->database, at);
    }
}

static void an_old_page_in_the_middle_of_a_checkpoint(void **state) {
    struct vault_folder *folder = *state;
    static struct shim_vfs shim = {.before = take_picture};
    assert_int_equal(shim_vfs_register(&shim, "camera"), SQLITE_OK);
    camera.folder = folder;
    VRX_CLEANUP(moment_done) struct moment older = {.wal = {0}};
    struct vrx_vault *vault = make_two(folder, &older);
    vrx_vault_close(&vault);
    VRX_CLEANUP(moment_done) struct moment before = moment_of(folder, NULL);
    assert_ok(vrx_vault_open_over(
        folder->vault, vault_key(1), vrx_random_system(), false, "camera", &vault));
    sql_run(vrx_vault_db(vault), "PRAGMA wal_autocheckpoint = 0");
    set_some(vault, 2);
    VRX_CLEANUP(moment_done) struct moment early = moment_of(folder, vault);
    set_some(vault, 3);
    VRX_CLEANUP(moment_done) struct moment last = moment_of(folder, vault);
    camera.on = true;
    checkpoint(vault, "PASSIVE");
    camera.on = false;
    vrx_vault_close(&vault);
    unsigned refused = 0;
    assert_true(camera.count >= 4);
    for (size_t i = 0; i < camera.count; i++) {
        struct moment *now = &camera.moments[i];
        struct vrx_view wal = vrx_buffer_view(&now->wal);
        assert_shows(folder, &now->database, wal, &last.content, "a power failure", i);
        judge_pages(folder, now, &older, &last.content, &refused);
        for (size_t len = 0; len < wal.len; len += len < WAL_HEADER ? WAL_HEADER : FRAME)
            assert_refused(
                folder, &now->database, vrx_view_slice(wal, 0, len), "a WAL cut short", len);
        assert_refused(folder, &now->database, vrx_view_slice(wal, 0, wal.len - 100),
            "a WAL cut in a frame", i);
        assert_refused(folder, &now->database, vrx_buffer_view(&early.wal), "an older WAL", i);
        /* The file as it was, under the header that says copying: the pages are in the WAL. */
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer mixed = {.limit = (size_t)64 << 20};
        assert_ok(vrx_buffer_append(&mixed, vrx_buffer_view(&before.database)));
        memcpy(mixed.ptr, now->database.ptr, VRX_HEADER);
        assert_shows(folder, &mixed, wal, &last.content, "nothing copied yet", i);
        /* And the other way round. */
        memcpy(mixed.ptr, now->database.ptr, mixed.len);
        memcpy(mixed.ptr, before.database.ptr, VRX_HEADER);
        if (i > 0)
            assert_refused(folder, &mixed, wal, "a header before the checkpoint", i);
    }
    assert_true(refused > 10);
    throw_pictures_away();
    shim_vfs_unregister(&shim);
}

/* What a checkpoint does to the database file, a letter each; a run of pages is one. */
static struct {
    char letters[32];
    size_t len;
} notes;

static int note_down(void *context, struct shim_call *call) {
    (void)context;
    char letter = 0;
    if (call->operation == SHIM_WRITE)
        letter = call->offset < VRX_HEADER ? 'H' : 'P';
    else if (call->operation == SHIM_TRUNCATE)
        letter = 'T';
    else if (call->operation == SHIM_SYNC)
        letter = 'S';
    bool again = letter == 'P' && notes.len > 0 && notes.letters[notes.len - 1] == 'P';
    if (letter && !again && !strstr(call->path, "-wal") && notes.len + 1 < sizeof notes.letters)
        notes.letters[notes.len++] = letter;
    return SQLITE_OK;
}

/* The header says copying before any page is written, and settled after all of them are durable: no
 * disk may do that in another order, however seldom a crash would show it. */
static void the_order_of_a_checkpoint(void **state) {
    struct vault_folder *folder = *state;
    static struct shim_vfs shim = {.before = note_down};
    assert_int_equal(shim_vfs_register(&shim, "notes"), SQLITE_OK);
    struct vrx_vault *vault = open_vault(folder, true);
    set_all(vault, 1);
    vrx_vault_close(&vault);
    assert_ok(vrx_vault_open_over(
        folder->vault, vault_key(1), vrx_random_system(), false, "notes", &vault));
    sql_run(vrx_vault_db(vault), "PRAGMA wal_autocheckpoint = 0");
    for (int i = 0; i < 3; i++) {
        set_all(vault, 2 + i);
        memset(&notes, 0, sizeof notes);
        checkpoint(vault, i == 1 ? "TRUNCATE" : "PASSIVE");
        assert_string_equal(notes.letters, "HSPTSHS");
    }
    memset(&notes, 0, sizeof notes);
    vrx_vault_close(&vault);
    assert_string_equal(notes.letters, "HS"); /* the other slot */
    shim_vfs_unregister(&shim);
}

/* The WAL after a checkpoint: all of it, or none; a part of it would hide newer pages. */
static void a_copied_wal_cut_short(void **state) {
    struct vault_folder *folder = *state;
    VRX_CLEANUP(moment_done) struct moment older = {.wal = {0}};
    struct vrx_vault *vault = make_two(folder, &older);
    checkpoint(vault, "TRUNCATE");
    set_some(vault, 3);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer early = file_read(folder->wal);
    set_all(vault, 4);
    checkpoint(vault, "PASSIVE");
    VRX_CLEANUP(moment_done) struct moment newer = moment_of(folder, vault);
    struct vrx_view wal = vrx_buffer_view(&newer.wal);
    vrx_vault_close(&vault);
    assert_shows(folder, &newer.database, wal, &newer.content, "all", 0);
    for (size_t len = 0; len < wal.len; len += len < WAL_HEADER ? WAL_HEADER : FRAME) {
        struct vrx_view cut = vrx_view_slice(wal, 0, len);
        if (len >= early.len)
            assert_refused(folder, &newer.database, cut, "a WAL cut short", len);
        else /* no commit is in it: SQLite finds it empty */
            assert_shows(folder, &newer.database, cut, &newer.content, "no commit", len);
    }
    assert_refused(folder, &newer.database, vrx_buffer_view(&early), "an older WAL", 0);
    assert_shows(folder, &older.database, wal, &older.content, "an older file", 0);
}

/* A WAL of an earlier time, all its frames genuine, is none of the database as it is now: what
 * shows is the database alone, as without any WAL. */
static void an_older_wal_is_none(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder, true);
    struct moment moments[6];
    for (int i = 0; i < 6; i++) {
        if (i % 3 == 2) {
            vrx_vault_close(&vault);
            vault = open_vault(folder, false);
        }
        checkpoint(vault, i % 2 ? "TRUNCATE" : "PASSIVE");
        set_all(vault, i);
        set_some(vault, 10 + i);
        moments[i] = moment_of(folder, vault);
    }
    vrx_vault_close(&vault);
    const struct vrx_view none = {0};
    for (size_t of = 1; of < 6; of++) {
        const struct moment *now = &moments[of];
        struct moment alone = {.content = {.limit = (size_t)64 << 20}};
        put(folder, &now->database, none);
        assert_ok(open_copy(folder, 1, &alone.content));
        assert_false(same(&alone.content, &now->content));
        for (size_t wal = 0; wal < 6; wal++) {
            VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {.limit = (size_t)64 << 20};
            put(folder, &now->database, vrx_buffer_view(&moments[wal].wal));
            assert_ok(open_copy(folder, 1, &content));
            assert_true(same(&content, wal == of ? &now->content : &alone.content));
        }
        moment_done(&alone);
    }
    for (size_t i = 0; i < 6; i++)
        moment_done(&moments[i]);
}

/* A change of the data key, in its middle and after it. */
static void an_old_page_and_a_rekey(void **state) {
    struct vault_folder *folder = *state;
    VRX_CLEANUP(moment_done) struct moment older = {.wal = {0}};
    struct vrx_vault *vault = make_two(folder, &older);
    const struct vrx_view none = {0};
    checkpoint(vault, "TRUNCATE");
    VRX_CLEANUP(moment_done) struct moment before = moment_of(folder, vault);
    assert_ok(vrx_vault_rekey_begin(vault, vault_key(2)));
    assert_ok(vrx_vault_rekey_step(vault, 9));
    for (int finished = 0; finished < 2; finished++) {
        VRX_CLEANUP(moment_done) struct moment now = moment_of(folder, vault);
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {.limit = (size_t)64 << 20};
        put(folder, &now.database, none);
        assert_ok(open_copy(folder, 2, &content));
        assert_true(same(&content, &now.content));
        for (size_t at = VRX_HEADER; at < now.database.len; at += VRX_PAGE) {
            struct moment *earlier = differs(&now, &before, at) ? &before : &older;
            if (!differs(&now, earlier, at))
                continue;
            swap_page(&now.database, &earlier->database, at);
            put(folder, &now.database, none);
            assert_reason(open_copy(folder, 2, &content), VRX_VAULT_DAMAGED);
            swap_page(&now.database, &earlier->database, at);
        }
        if (!finished) {
            assert_ok(vrx_vault_rekey_step(vault, UINT32_MAX));
            assert_ok(vrx_vault_rekey_finish(vault));
        }
    }
    /* What was put back meanwhile ends the change. */
    assert_ok(vrx_vault_rekey_begin(vault, vault_key(3)));
    size_t at = before.database.len - (size_t)2 * VRX_PAGE;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer file = file_read(folder->vault);
    assert_ok(vrx_vault_rekey_step(vault, UINT32_MAX));
    file_put(folder->vault, at, vrx_view_of(file.ptr + at, VRX_PAGE));
    assert_reason(vrx_vault_rekey_finish(vault), VRX_INTERNAL_ERROR);
    vrx_vault_close(&vault);
}

static void a_backup_with_an_old_page_is_not_restored(void **state) {
    struct vault_folder *folder = *state;
    VRX_CLEANUP(moment_done) struct moment older = {.wal = {0}};
    struct vrx_vault *vault = make_two(folder, &older);
    struct vrx_backup *backup = NULL;
    enum vrx_restored restored = 0;
    assert_ok(vrx_backup_begin(vault, folder->copy, &backup));
    assert_ok(vrx_backup_step(backup, UINT32_MAX));
    assert_ok(vrx_backup_finish(&backup));
    vrx_vault_close(&vault);
    file_write(folder->vault, vrx_view_of(NULL, 0));
    size_t at = older.database.len - (size_t)2 * VRX_PAGE;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer whole = file_read(folder->copy);
    file_put(folder->copy, at, vrx_view_of(older.database.ptr + at, VRX_PAGE));
    assert_reason(vrx_backup_restore(folder->copy, folder->vault, vault_key(1), vrx_random_system(),
                      NULL, &restored),
        VRX_VAULT_DAMAGED);
    assert_int_equal(vault_folder_count(folder), 1);
    file_put(folder->copy, at, vrx_view_of(whole.ptr + at, VRX_PAGE));
    assert_ok(vrx_backup_restore(
        folder->copy, folder->vault, vault_key(1), vrx_random_system(), NULL, &restored));
}

static void an_older_format_is_refused_by_name(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder, true);
    vrx_vault_close(&vault);
    static const uint8_t version[] = {0, 0, 0, 2};
    for (size_t slot = 0; slot < VRX_HEADER_SLOTS; slot++) {
        file_put(folder->vault, slot * VRX_HEADER_SLOT + 8, vrx_view_of(version, sizeof version));
        struct vrx_result result =
            vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), false, &vault);
        assert_reason(result, slot == 0 ? VRX_OK : VRX_VAULT_DAMAGED);
        vrx_vault_close(&vault);
    }
}

#define VAULT_TEST(function) \
    cmocka_unit_test_setup_teardown(function, vault_folder_setup, vault_folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        VAULT_TEST(an_old_page_after_a_clean_close),
        VAULT_TEST(an_old_header_with_a_new_file),
        VAULT_TEST(an_old_page_beside_a_wal),
        VAULT_TEST(an_old_page_under_an_open_vault),
        VAULT_TEST(an_old_page_in_the_middle_of_a_checkpoint),
        VAULT_TEST(the_order_of_a_checkpoint),
        VAULT_TEST(a_copied_wal_cut_short),
        VAULT_TEST(an_older_wal_is_none),
        VAULT_TEST(an_old_page_and_a_rekey),
        VAULT_TEST(a_backup_with_an_old_page_is_not_restored),
        VAULT_TEST(an_older_format_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
