/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality's vault: one SQLite database (3.40 or later) whose every stored byte, in the
 * database and in its WAL, is encrypted and authenticated. The header is the manual; page.h has the
 * stored form.
 *
 * What is shown to whoever has the files: their sizes, which page was written when, the file id.
 * What a change of the files leads to:
 *
 * - a byte of the database changed, a page moved, zeroed, or taken from another vault, the database
 *   cut short: reading that page fails with VRX_VAULT_DAMAGED;
 * - a byte of the WAL changed while the vault is open: the same;
 * - an older page in its own place, an older header, an older database under a newer header, a part
 *   of the WAL whose later frames are in the database already: opening fails with
 *   VRX_VAULT_DAMAGED (fresh.h), and vrx_vault_check where it was put there afterwards and stayed;
 * - otherwise, the WAL changed, cut short or removed while the vault is closed: SQLite takes the
 *   first frame that does not authenticate for the end of the log, as it must after a power
 * failure. The vault opens, with the state after the last commit before that frame. A WAL of an
 * earlier time counts as none;
 * - an older copy of all files: it authenticates.
 *
 * In the last two nothing is forged and nothing is mixed, but it is not the newest. Whether the
 * whole is, is not the vault's to judge: the audit ledger's checkpoint, which the municipality
 * holds, is compared when it is unsealed.
 *
 * After damage was seen the vault reads on but writes, truncates and deletes nothing; close it.
 *
 * A vault serves one thread at a time; several vaults may be opened, used and closed by different
 * threads at once. Rules for who uses the connection: no sqlite3_serialize, sqlite3_deserialize or
 * sqlite3_backup (they hold or write plaintext), no authorizer of one's own.
 */
#ifndef VRX_VAULTFS_VAULT_H
#define VRX_VAULTFS_VAULT_H

#include <sqlite3.h>

#include "base/bytes.h"
#include "base/random.h"

struct vrx_vault;

/* Opens the vault at path, whose WAL is path with "-wal", and makes sure that its first page
 * authenticates and that every page is the newest: for that the file is read once from its
 * beginning to its end, without deciphering. The connection is set to: exclusive locking, WAL,
 * synchronous FULL, pages of 4096 bytes, temporary tables in memory, secure_delete and foreign_keys
 * on, trusted_schema off, defensive; ATTACH, VACUUM INTO, loading of extensions and changing these
 * settings are refused (SQLITE_AUTH). VACUUM works.
 *
 * data_key is 32 bytes; the vault keeps a copy in locked memory, for epochs to come. random gives
 * the file id and every nonce and must outlive the vault.
 *
 * create: path must not exist; it is made with mode 0600. A crash during creation can leave a file
 * that does not open: create a vault in a folder that gets its final name afterwards.
 *
 * Errors: VRX_NOT_FOUND, no file at path; VRX_ALREADY_EXISTS, create and there is one, or a WAL
 * of one; VRX_VAULT_DAMAGED, the header, the first page or the schema does not authenticate, or a
 * page is not the newest: the key is another vault's, or the file was changed; nothing was written
 * then; VRX_FILE_REFUSED, the file cannot be
 * opened for writing, or another process or vault has it open, or path is not a plain path;
 * VRX_KEY_INVALID, data_key is not 32 bytes; VRX_DISK_FAILED, VRX_DISK_FULL, VRX_OUT_OF_MEMORY,
 * VRX_RANDOM_FAILED, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_vault_open(const char *path, struct vrx_view data_key,
    const struct vrx_random *random, bool create, struct vrx_vault **ret_vault);

/* For tests: the stored bytes go through the SQLite VFS with this name (NULL: the default), which
 * must keep its files where the system keeps them. VRX_NOT_FOUND when there is none. */
struct vrx_result vrx_vault_open_over(const char *path, struct vrx_view data_key,
    const struct vrx_random *random, bool create, const char *under, struct vrx_vault **ret_vault);

/* The connection; it belongs to the vault. Every prepared statement must be finalized, and
 * every blob handle closed, before vrx_vault_close. */
sqlite3 *vrx_vault_db(struct vrx_vault *vault);

/* How much of what was read stays deciphered in memory, at most: what is read again costs neither
 * reading nor deciphering. 0: as without this call, 2 MiB. Wiped as all memory of the process is.
 * Errors: VRX_INPUT_RANGE above VRX_VAULT_CACHE_MAX; vrx_sqlite_result's. */
#define VRX_VAULT_CACHE_MAX ((int64_t)1 << 20)
struct vrx_result vrx_vault_set_cache(struct vrx_vault *vault, int64_t mebibytes);

/* That every page is the newest, and SQLite's integrity_check, reading every page. Errors:
 * VRX_VAULT_DAMAGED, vrx_sqlite_result's. */
struct vrx_result vrx_vault_check(struct vrx_vault *vault);

/* Reads and authenticates so many stored pages of the database from first (1 is the first) on, past
 * every cache; with the first, that all pages of the database are the newest, which reads the whole
 * file without deciphering; *ret_total: how many pages there are now. Empties the WAL before;
 * outside of a transaction and with no statement running (VRX_WRONG_STATE). Errors:
 * VRX_VAULT_DAMAGED, and the vault counts as damaged from then on; vrx_sqlite_result's. */
struct vrx_result vrx_vault_check_pages(
    struct vrx_vault *vault, uint32_t first, uint32_t count, uint32_t *ret_total);

/* Key epochs (epochs.h): how many pages were written under one key is limited and counted. */
struct vrx_vault_epochs {
    uint32_t current;
    uint32_t oldest;  /* pages of no earlier epoch are left */
    uint64_t written; /* pages of the current one, at most */
};
void vrx_vault_epochs(const struct vrx_vault *vault, struct vrx_vault_epochs *ret_epochs);

/* VACUUM in a new epoch: afterwards no page of an earlier one is left, and their keys are given up.
 * As SQLite does it: the whole database is in memory meanwhile, and in the WAL. Outside of a
 * transaction and with no statement running (VRX_WRONG_STATE). A crash or a failure leaves the
 * vault as it was before or after. Errors: vrx_sqlite_result's. */
struct vrx_result vrx_vault_vacuum(struct vrx_vault *vault);

/* Change to another data key, while the vault is in use: begin once, step until all pages are done,
 * finish. Between the calls the vault is used as always; new writes are under the new key, and
 * pages under the old one are read with it: the vault's header holds it meanwhile, sealed under the
 * new one. All three outside of a transaction and with no statement running (VRX_WRONG_STATE); they
 * empty the WAL. After a failure or a crash anywhere, open the vault and go on stepping.
 *
 * The caller has stored the new key durably before begin, and the old one until finish. When the
 * vault is opened and refuses the new key, begin has not happened: open it with the old one.
 *
 * begin: VRX_WRONG_STATE when a change is under way; VRX_KEY_INVALID. step moves at most so many
 * pages (a multiple of 128 is best; a page costs its reading and two writings); VRX_WRONG_STATE
 * without a change under way. finish: VRX_WRONG_STATE while pages are left; afterwards nothing in
 * the file can be read with the old key. All: VRX_VAULT_DAMAGED, vrx_sqlite_result's. */
struct vrx_vault_progress {
    bool active;    /* begun and not finished */
    uint32_t done;  /* pages */
    uint32_t total; /* pages of the database as it is now */
};
struct vrx_result vrx_vault_rekey_begin(struct vrx_vault *vault, struct vrx_view data_key);
struct vrx_result vrx_vault_rekey_step(struct vrx_vault *vault, uint32_t pages);
struct vrx_result vrx_vault_rekey_progress(
    struct vrx_vault *vault, struct vrx_vault_progress *ret_progress);
struct vrx_result vrx_vault_rekey_finish(struct vrx_vault *vault);

/* For tests: an epoch of so many writes, counted in blocks of so many (each at least 1). */
void vrx_vault_limit_epochs(struct vrx_vault *vault, uint64_t writes, uint64_t block);

/* Copies the WAL into the database and removes it, where that is possible; frees. What was
 * committed is safe either way. Accepts NULL. */
void vrx_vault_close(struct vrx_vault **vault);

/* What an SQLite result code of this connection means; rc is the extended code. OK for SQLITE_OK,
 * SQLITE_ROW and SQLITE_DONE. After damage was seen on the connection, every other code is
 * VRX_VAULT_DAMAGED. Errors: VRX_VAULT_DAMAGED also for SQLITE_CORRUPT and SQLITE_NOTADB;
 * VRX_OUT_OF_MEMORY; VRX_DISK_FULL; VRX_DISK_FAILED; VRX_RANDOM_FAILED, VRX_CRYPTO_FAILED where
 * storing a page failed for that; VRX_FILE_REFUSED (cannot open, read-only, locked);
 * VRX_ALREADY_EXISTS (UNIQUE, PRIMARY KEY); VRX_NOT_FOUND (FOREIGN KEY); VRX_CANCELLED (interrupt);
 * VRX_INPUT_TOO_LARGE; VRX_INTERNAL_ERROR for the rest, a refused statement included. */
struct vrx_result vrx_sqlite_result(sqlite3 *db, int rc);

#endif
