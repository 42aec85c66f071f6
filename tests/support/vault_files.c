/* SPDX-License-Identifier: Apache-2.0 */
#include "support/vault_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

int vault_folder_setup(void **state) {
    struct vault_folder *folder = calloc(1, sizeof *folder);
    if (!folder)
        return -1;
    const char *parent = getenv("VRX_FAULT_FOLDER");
    if (!parent)
        parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    int len = snprintf(folder->path, sizeof folder->path, "%s/vrx-vault-XXXXXX", parent);
    if ((size_t)len >= sizeof folder->path || !mkdtemp(folder->path)) {
        free(folder);
        return -1;
    }
    (void)snprintf(folder->vault, sizeof folder->vault, "%s/vault.db", folder->path);
    (void)snprintf(folder->wal, sizeof folder->wal, "%s-wal", folder->vault);
    (void)snprintf(folder->copy, sizeof folder->copy, "%s/copy.db", folder->path);
    (void)snprintf(folder->copy_wal, sizeof folder->copy_wal, "%s-wal", folder->copy);
    *state = folder;
    return 0;
}

static int each_file(const struct vault_folder *folder, bool remove_it) {
    int count = 0;
    DIR *listing = opendir(folder->path);
    if (!listing)
        return -1;
    for (struct dirent *entry = readdir(listing); entry; entry = readdir(listing)) {
        if (entry->d_name[0] == '.')
            continue;
        count++;
        if (remove_it)
            (void)unlinkat(dirfd(listing), entry->d_name, 0);
    }
    closedir(listing);
    return count;
}

void vault_folder_empty(const struct vault_folder *folder) {
    (void)each_file(folder, true);
}

int vault_folder_count(const struct vault_folder *folder) {
    return each_file(folder, false);
}

int vault_folder_teardown(void **state) {
    struct vault_folder *folder = *state;
    vault_folder_empty(folder);
    int rc = rmdir(folder->path);
    free(folder);
    return rc;
}

struct vrx_view vault_key(uint8_t byte) {
    static uint8_t keys[256][32];
    memset(keys[byte], byte, sizeof keys[byte]);
    return vrx_view_of(keys[byte], sizeof keys[byte]);
}

struct sequence sequence_of(uint64_t seed) {
    return (struct sequence){(seed + 1) * UINT64_C(0x9e3779b97f4a7c15)};
}

uint64_t sequence_next(struct sequence *sequence) {
    sequence->state ^= sequence->state >> 12;
    sequence->state ^= sequence->state << 25;
    sequence->state ^= sequence->state >> 27;
    return sequence->state * UINT64_C(0x2545f4914f6cdd1d);
}

uint32_t sequence_below(struct sequence *sequence, uint32_t bound) {
    return (uint32_t)((sequence_next(sequence) >> 32) * bound >> 32);
}

static struct vrx_result fill(void *context, uint8_t *out, size_t len) {
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(sequence_next(context) >> 56);
    return vrx_ok();
}

struct vrx_random sequence_random(struct sequence *sequence) {
    return (struct vrx_random){fill, sequence};
}

unsigned long environment_number(const char *name, unsigned long fallback) {
    const char *text = getenv(name);
    return text && *text ? strtoul(text, NULL, 10) : fallback;
}

struct vrx_buffer file_read(const char *path) {
    struct vrx_buffer content = {.limit = (size_t)64 << 20};
    FILE *file = fopen(path, "rb");
    if (!file) {
        assert_int_equal(errno, ENOENT);
        return content;
    }
    uint8_t chunk[16384];
    for (size_t len = fread(chunk, 1, sizeof chunk, file); len > 0;
         len = fread(chunk, 1, sizeof chunk, file))
        assert_true(vrx_is_ok(vrx_buffer_append(&content, vrx_view_of(chunk, len))));
    assert_int_equal(ferror(file), 0);
    assert_int_equal(fclose(file), 0);
    return content;
}

void file_write(const char *path, struct vrx_view content) {
    (void)unlink(path);
    if (content.len == 0)
        return;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.ptr, 1, content.len, file), content.len);
    assert_int_equal(fclose(file), 0);
}

void file_put(const char *path, size_t offset, struct vrx_view bytes) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes.ptr, bytes.len, (off_t)offset), bytes.len);
    close(fd);
}

void file_copy(const char *from, const char *to) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = file_read(from);
    file_write(to, vrx_buffer_view(&content));
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

void sql_run(sqlite3 *db, const char *sql) {
    char *message = NULL;
    int rc = sqlite3_exec(db, sql, NULL, NULL, &message);
    if (rc != SQLITE_OK)
        print_error("%s: %s (%d)\n", sql, message ? message : "?", rc);
    sqlite3_free(message);
    assert_int_equal(rc, SQLITE_OK);
}

int64_t sql_number(sqlite3 *db, const char *sql) {
    sqlite3_stmt *query = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &query, NULL), SQLITE_OK);
    int64_t number = sqlite3_step(query) == SQLITE_ROW ? sqlite3_column_int64(query, 0) : -1;
    sqlite3_finalize(query);
    return number;
}

/* Type, length, bytes: no two values look the same. */
static struct vrx_result dump_value(sqlite3_stmt *row, int column, struct vrx_buffer *out) {
    int type = sqlite3_column_type(row, column);
    const void *bytes = type == SQLITE_BLOB ? sqlite3_column_blob(row, column)
                                            : (const void *)sqlite3_column_text(row, column);
    int len = sqlite3_column_bytes(row, column);
    char head[32];
    (void)snprintf(head, sizeof head, "%d:%d:", type, len);
    VRX_TRY(vrx_buffer_append(out, vrx_view_text(head)));
    return vrx_buffer_append(out, vrx_view_of(bytes, bytes ? (size_t)len : 0));
}

static struct vrx_result dump_query(sqlite3 *db, const char *sql, struct vrx_buffer *out) {
    sqlite3_stmt *query = NULL;
    VRX_TRY(vrx_sqlite_result(db, sqlite3_prepare_v2(db, sql, -1, &query, NULL)));
    struct vrx_result result = vrx_ok();
    int rc = sqlite3_step(query);
    for (; rc == SQLITE_ROW && vrx_is_ok(result); rc = sqlite3_step(query)) {
        for (int i = 0; i < sqlite3_column_count(query) && vrx_is_ok(result); i++)
            result = dump_value(query, i, out);
        if (vrx_is_ok(result))
            result = vrx_buffer_append_byte(out, '\n');
    }
    if (vrx_is_ok(result))
        result = vrx_sqlite_result(db, rc);
    sqlite3_finalize(query);
    return result;
}

struct vrx_result database_dump(sqlite3 *db, struct vrx_buffer *out) {
    VRX_TRY(dump_query(db, "PRAGMA user_version", out));
    VRX_TRY(dump_query(
        db, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name", out));
    sqlite3_stmt *tables = NULL;
    VRX_TRY(vrx_sqlite_result(
        db, sqlite3_prepare_v2(db,
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                " ORDER BY name",
                -1, &tables, NULL)));
    struct vrx_result result = vrx_ok();
    int rc = sqlite3_step(tables);
    for (; rc == SQLITE_ROW && vrx_is_ok(result); rc = sqlite3_step(tables)) {
        char *sql = sqlite3_mprintf(
            "SELECT * FROM \"%w\" ORDER BY 1, 2", (const char *)sqlite3_column_text(tables, 0));
        result = sql ? dump_query(db, sql, out) : vrx_fail(VRX_OUT_OF_MEMORY);
        sqlite3_free(sql);
    }
    if (vrx_is_ok(result))
        result = vrx_sqlite_result(db, rc);
    sqlite3_finalize(tables);
    return result;
}
