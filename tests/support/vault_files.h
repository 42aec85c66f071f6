/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of the vault: a folder that goes away, whole files as bytes, and the content of a
 * database as bytes that can be compared.
 */
#ifndef VRX_SUPPORT_VAULT_FILES_H
#define VRX_SUPPORT_VAULT_FILES_H

#include <sqlite3.h>

#include "base/bytes.h"
#include "base/random.h"
#include "vaultfs/vault.h"

struct vault_folder {
    char path[64];
    char vault[80]; /* path/vault.db */
    char wal[88];   /* path/vault.db-wal */
    char copy[80];  /* path/copy.db */
    char copy_wal[88];
};

/* cmocka setup and teardown: *state is a struct vault_folder. It lies in VRX_FAULT_FOLDER
 * (at most 40 bytes), by default in memory (/dev/shm) where the system has that, so that a thousand
 * fsyncs cost nothing. */
int vault_folder_setup(void **state);
int vault_folder_teardown(void **state);
/* Removes every file in it. */
void vault_folder_empty(const struct vault_folder *folder);
/* How many files are in it. */
int vault_folder_count(const struct vault_folder *folder);

/* 32 bytes, all of them this one. */
struct vrx_view vault_key(uint8_t byte);

/* A pseudo-random sequence, the same for the same seed (xorshift64*). */
struct sequence {
    uint64_t state;
};
struct sequence sequence_of(uint64_t seed);
uint64_t sequence_next(struct sequence *sequence);
/* 0 to bound - 1. */
uint32_t sequence_below(struct sequence *sequence, uint32_t bound);
/* The sequence as the source of randomness. */
struct vrx_random sequence_random(struct sequence *sequence);

/* Number from the environment, fallback when it is not set. */
unsigned long environment_number(const char *name, unsigned long fallback);

/* Fail the test when the file system does. A file that is absent is empty, and an empty view
 * removes the file. */
struct vrx_buffer file_read(const char *path);
void file_write(const char *path, struct vrx_view content);
/* Overwrites bytes of a file that is there. */
void file_put(const char *path, size_t offset, struct vrx_view bytes);
void file_copy(const char *from, const char *to);
bool file_exists(const char *path);

/* Runs statements that must succeed. */
void sql_run(sqlite3 *db, const char *sql);
/* The first column of the first row as a number; -1 where there is none. */
int64_t sql_number(sqlite3 *db, const char *sql);

/* Appends the schema and every row of every table: equal bytes, equal content. A table's first two
 * columns must tell its rows apart. */
struct vrx_result database_dump(sqlite3 *db, struct vrx_buffer *out);

#endif
