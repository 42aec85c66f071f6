/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the seeds of fuzz_vault into a folder: a vault without WAL, with an unclean WAL of one,
 * two and three commits, cut in the middle of the last frame, and cut down to its header and first
 * page. To be run again when the stored form changes.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/cursor.h"
#include "crypto/random.h"
#include "support/vault_seed.h"

static struct vrx_result read_all(const char *path, struct vrx_buffer *out) {
    uint8_t chunk[4096];
    FILE *file = fopen(path, "rb");
    if (!file)
        return vrx_fail(VRX_DISK_FAILED);
    struct vrx_result result = vrx_ok();
    for (size_t len = fread(chunk, 1, sizeof chunk, file); len > 0 && vrx_is_ok(result);
         len = fread(chunk, 1, sizeof chunk, file))
        result = vrx_buffer_append(out, vrx_view_of(chunk, len));
    (void)fclose(file);
    return result;
}

static struct vrx_result write_seed(
    const char *folder, const char *name, struct vrx_view database, struct vrx_view wal) {
    char path[4096];
    uint8_t len[4];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    vrx_put_u32(len, (uint32_t)database.len);
    FILE *file = fopen(path, "wb");
    if (!file)
        return vrx_fail(VRX_DISK_FAILED);
    bool written = fwrite(len, 1, 4, file) == 4 &&
                   fwrite(database.ptr, 1, database.len, file) == database.len &&
                   (wal.len == 0 || fwrite(wal.ptr, 1, wal.len, file) == wal.len);
    return fclose(file) == 0 && written ? vrx_ok() : vrx_fail(VRX_DISK_FAILED);
}

static struct vrx_result write_seeds(
    const char *folder, const char *path, struct vrx_vault *vault) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer database = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wal = {0};
    char wal_path[80];
    (void)snprintf(wal_path, sizeof wal_path, "%s-wal", path);
    sqlite3 *db = vrx_vault_db(vault);
    VRX_TRY(vrx_sqlite_result(db, sqlite3_exec(db,
                                      "CREATE TABLE t(id INTEGER PRIMARY KEY, body TEXT) STRICT;"
                                      "PRAGMA wal_checkpoint(TRUNCATE)",
                                      NULL, NULL, NULL)));
    VRX_TRY(read_all(path, &database));
    struct vrx_view whole = vrx_buffer_view(&database);
    VRX_TRY(write_seed(folder, "no-wal", whole, vrx_view_of(NULL, 0)));
    for (int id = 1; id <= VAULT_SEED_ROWS; id++) {
        char name[32];
        VRX_TRY(vault_seed_insert(db, id));
        vrx_buffer_clear(&wal);
        VRX_TRY(read_all(wal_path, &wal));
        (void)snprintf(name, sizeof name, "wal-of-%d", id);
        VRX_TRY(write_seed(folder, name, whole, vrx_buffer_view(&wal)));
    }
    struct vrx_view cut = vrx_view_slice(vrx_buffer_view(&wal), 0, wal.len - 1000);
    VRX_TRY(write_seed(folder, "wal-cut", whole, cut));
    return write_seed(
        folder, "first-page", vrx_view_slice(whole, 0, 3 * 4096), vrx_buffer_view(&wal));
}

int main(int argc, char **argv) {
    char path[64];
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s SEED-FOLDER\n", argv[0]);
        return 2;
    }
    (void)snprintf(path, sizeof path, "/tmp/vault-seeds-%ld.db", (long)getpid());
    struct vrx_vault *vault = NULL;
    struct vrx_result result =
        vrx_vault_open(path, vault_seed_key(), vrx_random_system(), true, &vault);
    if (vrx_is_ok(result))
        result = write_seeds(argv[1], path, vault);
    vrx_vault_close(&vault);
    (void)unlink(path);
    if (!vrx_is_ok(result))
        (void)fprintf(stderr, "%s\n", vrx_reason_sentence_en(result.reason));
    return !vrx_is_ok(result);
}
