/* SPDX-License-Identifier: Apache-2.0
 *
 * A platform authority, three municipalities with keyrings and custodians, the law that they are
 * under as signed files, and a daemon that holds the first two as tenants. Everything is real; the
 * tests hold every key and may so act as anyone.
 */
#ifndef VRX_TEST_DAEMON_WORLD_H
#define VRX_TEST_DAEMON_WORLD_H

#include "base/limits.h"
#include "dispatch/daemon.h"
#include "keyring/keyring.h"
#include "objects/directory.h"
#include "objects/permit.h"

#define WORLD_DAY ((int64_t)86400)
#define WORLD_NOW ((int64_t)1640995200) /* 2022-01-01T00:00:00Z */
#define WORLD_PENDING_SECONDS 3600
#define WORLD_SESSION_IDLE_SECONDS 900
#define WORLD_SESSION_SECONDS 43200
#define WORLD_TRANSFER_SECONDS (7 * WORLD_DAY)

enum {
    WORLD_KASHIWA, /* the destination */
    WORLD_SAPPORO, /* the origin */
    WORLD_KOFU,    /* in the directory, no tenant here */
    WORLD_TOWNS,
};

struct world_town {
    struct vrx_municipality_code code;
    struct vrx_private_key *custodian;
    struct vrx_buffer keyring;
    struct vrx_tenant_keys *keys; /* as an open vault has them */
    struct vrx_buffer signing_spki;
    struct vrx_buffer exchange_spki;
    struct vrx_dated_key signing_key; /* as the directory has them */
    struct vrx_dated_key exchange_key;
    uint8_t console[VRX_SPKI_DIGEST]; /* its first terminal */
    struct vrx_slot *slot;            /* NULL for Kofu */
};

struct daemon_world {
    char folder[48];
    char state[64];
    char directory_file[64];
    char permits_file[64];
    struct vrx_private_key *authority;
    struct vrx_public_key *authority_public;
    struct world_town town[WORLD_TOWNS];

    /* The law; a test changes it and signs it anew. One permit: movers, every item but the
     * ticket, consent, card or notification with photo seen within 30 days. */
    struct vrx_directory_entry entry[WORLD_TOWNS];
    struct vrx_directory directory;
    uint64_t items[VRX_ITEM_LAST];
    uint64_t methods[2];
    struct vrx_permit permit;
    struct vrx_permit_table permits;

    struct vrx_daemon *daemon;
};

/* All assert success. now: around which the law is in force. */
void daemon_world_init(struct daemon_world *world, int64_t now);
void daemon_world_done(struct daemon_world *world);

/* Writes directory and permit table as they stand, in a further version each; the daemon takes
 * them at once if it is there. */
void daemon_world_sign_law(struct daemon_world *world);

/* A second daemon on what the first left; the slots are the new daemon's. */
void daemon_world_restart(struct daemon_world *world);

/* A town's keys, once more, and its vault opened with them; the caller closes it. */
struct vrx_tenant_keys *daemon_world_keys(const struct world_town *town);
struct vrx_tenant *daemon_world_open(const struct world_town *town, int64_t now);

/* The town's next keyring; town->keys stay those of before. The new keys are the caller's. */
struct vrx_tenant_keys *daemon_world_rotate(
    struct world_town *town, const struct vrx_keyring_renewal *renewal);

/* The town's vault to its actor, and the slot open; as Tenancy.Unseal does, without its checks. */
void daemon_world_unseal(const struct world_town *town, int64_t now);

/* Runs on the slot's actor, in a transaction, after all that was queued before; waits for it. work
 * may be NULL. */
void daemon_world_visit(struct vrx_slot *slot,
    struct vrx_result (*work)(struct vrx_tenant *tenant, void *arg), void *arg);

/* The ledger's last entry, and how many there are. */
struct world_entry {
    uint64_t entries; /* 0: nothing of the rest is set */
    int64_t time;
    uint16_t outcome;
    bool about_person;
    char method[VRX_LIMIT_METHOD + 1];
    char terminal[VRX_LIMIT_OPERATOR + 1];
    char operator_id[VRX_LIMIT_OPERATOR + 1];
    char purpose[VRX_LIMIT_PURPOSE + 1];
    char basis[VRX_LIMIT_BASIS + 1];
};
struct world_entry daemon_world_last_entry(struct vrx_slot *slot);
/* The entry of this index; asserts that it is there. */
struct world_entry daemon_world_entry(struct vrx_slot *slot, uint64_t index);

#endif
