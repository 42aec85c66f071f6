/* SPDX-License-Identifier: Apache-2.0
 *
 * One municipality, unsealed: its open vault, its keys, its ledger and its prepared statements.
 * Every function of the store takes this handle and never a municipality's code: what was not
 * opened cannot be read.
 *
 * One thread owns a tenant (tenants/actor). All functions of the store are called inside the
 * owner's transaction. A refusal of category INPUT or STATE leaves nothing half written; after any
 * other failure the owner rolls back to its savepoint. They return, besides the refusals that each
 * header names:
 *
 *   VRX_OUT_OF_MEMORY                  memory, or the caller's arena, is exhausted
 *   VRX_DISK_FAILED, VRX_DISK_FULL     the file system failed
 *   VRX_VAULT_DAMAGED                  a page does not authenticate
 *   VRX_CRYPTO_FAILED, VRX_RANDOM_FAILED
 *   VRX_INTERNAL_ERROR                 a defect of the store
 *
 * Texts of what is read are copied into the caller's arena; those of what is written are borrowed
 * for the call. No error carries a value of a record.
 *
 * Next: resident.h, dose.h; then transfer_out.h and transfer_in.h.
 */
#ifndef VRX_STORE_TENANT_H
#define VRX_STORE_TENANT_H

#include "base/bytes.h"
#include "base/random.h"
#include "codes/municipality_code.h"

#define VRX_LIMIT_PAGE 500 /* rows of one list; an import message holds as many */

struct sqlite3;
struct vrx_ledger;
struct vrx_tenant;
struct vrx_vault_progress;
struct vrx_tenant_keys;

/* Opens the vault file at path, or makes it, brings its schema to the present version, which has an
 * entry in the ledger, and opens that. A new vault is made beside, at path with ".new", and gets
 * its name when it is whole; what a crash left there is removed first. That a vault is new where an
 * old one should be is seen by the checkpoint that the municipality holds. The present data key
 * opens it, or the one before where the vault was not moved to the present one yet.
 *
 * *keys is taken over on success and then NULL; it stays the caller's on failure. random must
 * outlive the tenant. now: seconds since 1970. Errors: VRX_TENANT_UNKNOWN when the vault belongs to
 * another municipality; VRX_INPUT_VERSION when a later VRX wrote it; VRX_FILE_REFUSED when path is
 * too long; vrx_vault_open's and vrx_ledger_open's. */
struct vrx_result vrx_tenant_open(const char *path, struct vrx_tenant_keys **keys,
    const struct vrx_municipality_code *code, const struct vrx_random *random, int64_t now,
    struct vrx_tenant **ret_tenant);

/* Puts keys in the place of the tenant's, which vrx_tenant_keys_follow has let pass; takes them
 * over: *keys is NULL afterwards. What was borrowed from the keys before is gone. */
void vrx_tenant_adopt_keys(struct vrx_tenant *tenant, struct vrx_tenant_keys **keys);

/* The change of the vault to the keyring's present data key. */
#define VRX_ROTATION_REST 128 /* pages: so few are moved at once, or writers would keep ahead */
enum vrx_rotation {
    VRX_ROTATION_DONE,    /* every page is under the present data key, no other is needed */
    VRX_ROTATION_PENDING, /* the vault is under the data key before */
    VRX_ROTATION_MOVING,  /* begun; many pages are left */
    VRX_ROTATION_ENDING,  /* at most VRX_ROTATION_REST are left, or none: the next call is the last
                           */
};
struct vrx_rotation_state {
    enum vrx_rotation at;
    uint32_t data_number; /* of the key that pages are moved to, or are under */
    uint32_t done, total; /* pages */
};
/* Errors: vrx_sqlite_result's. */
struct vrx_result vrx_tenant_rotation(
    struct vrx_tenant *tenant, struct vrx_rotation_state *ret_state);

/* Begins what is PENDING; moves so many pages where it is MOVING; moves the rest and gives the key
 * before up where it is ENDING: nothing in the vault's files opens with it then. Outside of a
 * transaction and with no statement running. What a failure or a crash leaves, the next call goes
 * on with. Errors: VRX_WRONG_STATE when it is DONE, in a transaction, and while a backup of the
 * open vault is being made; vrx_vault_rekey_begin's. */
struct vrx_result vrx_tenant_rotate(struct vrx_tenant *tenant, uint32_t pages);

/* The vault written anew (vrx_vault_vacuum): no page of an earlier key epoch is left. Outside of a
 * transaction and with no statement running (VRX_WRONG_STATE). Errors: vrx_vault_vacuum's. */
struct vrx_result vrx_tenant_vacuum(struct vrx_tenant *tenant);

/* Closes the vault and wipes the keys. Accepts NULL; sets *tenant to NULL. Work of an open
 * transaction is lost. */
void vrx_tenant_close(struct vrx_tenant **tenant);

/* vrx_vault_set_cache. */
struct vrx_result vrx_tenant_set_cache(struct vrx_tenant *tenant, int64_t mebibytes);

/* Gives back what can be had again at need: cached pages and prepared statements. For a tenant that
 * is idle; outside of a transaction and with no statement of the store's in use. */
void vrx_tenant_rest(struct vrx_tenant *tenant);

/* All borrowed from the tenant. The connection is for transactions and savepoints only; SQL of
 * records stays in this folder. */
struct sqlite3 *vrx_tenant_db(struct vrx_tenant *tenant);
struct vrx_ledger *vrx_tenant_ledger(struct vrx_tenant *tenant);
const struct vrx_tenant_keys *vrx_tenant_keys(const struct vrx_tenant *tenant);
/* Which of the data keys the vault is under: the present one, or the one before as long as no
 * change to the present one was begun. */
struct vrx_view vrx_tenant_vault_key(const struct vrx_tenant *tenant);
const struct vrx_municipality_code *vrx_tenant_code(const struct vrx_tenant *tenant);
const struct vrx_random *vrx_tenant_random(const struct vrx_tenant *tenant);

/* Reads and authenticates every page, lets SQLite check its structures and every foreign key, and
 * recomputes the ledger. Minutes for a large vault. Errors: VRX_VAULT_DAMAGED. */
struct vrx_result vrx_tenant_check(struct vrx_tenant *tenant);

/* The open vault, for what is done to its file as a whole; borrowed. */
struct vrx_vault;
struct vrx_vault *vrx_tenant_vault(struct vrx_tenant *tenant);

/* A backup of the open vault (vaultfs/backup.h), one at a time, all outside of a transaction.
 * Closing the tenant gives it up. begin: the copy is made at path. step copies at most so many
 * pages; finish gives the copy its name; end gives it up, if there is one. Errors:
 * vrx_backup_begin's, vrx_backup_step's and vrx_backup_finish's; VRX_WRONG_STATE for step and
 * finish without a begin. */
struct vrx_result vrx_tenant_backup_begin(struct vrx_tenant *tenant, const char *path);
struct vrx_result vrx_tenant_backup_step(
    struct vrx_tenant *tenant, uint32_t pages, struct vrx_vault_progress *ret_progress);
struct vrx_result vrx_tenant_backup_finish(struct vrx_tenant *tenant);
void vrx_tenant_backup_end(struct vrx_tenant *tenant);
/* Whether one is under way: the database file then stands still, and nothing can rewrite it. */
bool vrx_tenant_backup_is_under_way(const struct vrx_tenant *tenant);

#endif
