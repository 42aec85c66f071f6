/* SPDX-License-Identifier: Apache-2.0
 *
 * What a custodian does for one municipality, once (`vrx unseal`) or again and again (`vrx watch`).
 *
 * The custodian's key and the keyring stay on this machine; the share of the root key leaves it
 * only wrapped to the daemon's fresh key and bound to this TLS connection (keyring/unseal.h).
 *
 * The municipality keeps the ledger's last checkpoint in a file. The daemon compares its ledger
 * with it before it opens; afterwards this program asks for the proof and checks it itself, so that
 * an old copy of the vault is noticed even where the daemon does not say so. Only then does the new
 * checkpoint take the old one's place.
 *
 * All return the exit status; what failed is said on standard error.
 */
#ifndef VRX_CLI_CUSTODY_H
#define VRX_CLI_CUSTODY_H

#include "cli/connect.h"
#include "cli/custodian_key.h"
#include "cli/signers.h"
#include "objects/checkpoint.h"

/* Behind a keyring's name: the next one, until it is known to be in force. */
#define VRX_KEYRING_NEXT ".next"

struct vrx_custody_names {
    const char *custodian;  /* a file or a PKCS #11 URI */
    const char *keyring;    /* a file */
    const char *checkpoint; /* a file; NULL: none is kept */
};

struct vrx_custody {
    struct vrx_cli_custodian custodian;
    const char *keyring_path;       /* borrowed */
    struct vrx_cli_signers signers; /* the keyring, and the municipality's keys by it */
    const char *held_path;          /* NULL: none is kept; borrowed */
    struct vrx_buffer held;         /* the note; empty before the first unseal */
    struct vrx_checkpoint held_checkpoint;
    size_t held_age; /* of the key that signed it: signers.h */
};

/* Reads key, keyring and checkpoint; a token's PIN is asked for here. The names are borrowed. */
int vrx_custody_load(const struct vrx_custody_names *names, struct vrx_custody *ret_custody);
/* A cleanup function; accepts all zero. */
void vrx_custody_done(struct vrx_custody *custody);

/* This custodian's part in an unseal. *ret_missing: custodians who must still answer; with 0 the
 * vault is open, *ret_note is its checkpoint (in the connection's arena), and the file has it. */
int vrx_custody_unseal(struct vrx_connection *connection, struct vrx_custody *custody,
    const char **ret_note, uint32_t *ret_missing);

/* Brings the checkpoint file up to date with an open vault's ledger. */
int vrx_custody_refresh(struct vrx_connection *connection, struct vrx_custody *custody);

#endif
