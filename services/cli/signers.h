/* SPDX-License-Identifier: Apache-2.0
 *
 * What a municipality signs with and signed with, by its keyring: for whatever is verified at a
 * municipality's or an auditor's desk without the service. A keyring's public part is as good as
 * the hand that it came from.
 */
#ifndef VRX_CLI_SIGNERS_H
#define VRX_CLI_SIGNERS_H

#include "keyring/keyring.h"
#include "objects/dated_key.h"

struct vrx_cli_signers {
    struct vrx_buffer bytes; /* the keyring's; the keys' views point into them */
    struct vrx_municipality_code municipality;
    struct vrx_dated_key key[VRX_LIMIT_KEYS]; /* the present one first, then the last, … */
    size_t count;
};

/* Published keys as dated ones: the first of all is good for all time before, the present one has
 * no end. ret_keys has room for keys->count. Errors: VRX_CRYPTO_FAILED. */
struct vrx_result vrx_cli_dated_keys(
    const struct vrx_published_keys *keys, struct vrx_dated_key *ret_keys);

/* From a file. Errors: vrx_file_read's, vrx_keyring_parse's. */
struct vrx_result vrx_cli_signers_read(const char *file, struct vrx_cli_signers *ret_signers);
void vrx_cli_signers_done(struct vrx_cli_signers *signers);

struct vrx_dated_keys vrx_cli_signers_keys(const struct vrx_cli_signers *signers);

/* A checkpoint of this municipality's. *ret_age: 0 by the present key, 1 by the last, and so on.
 * Errors: vrx_checkpoint_verify_by's; VRX_SIGNATURE_INVALID when it is of another municipality. */
struct vrx_result vrx_cli_signers_note(const struct vrx_cli_signers *signers, struct vrx_view note,
    struct vrx_checkpoint *ret_checkpoint, size_t *ret_age);

/* Nobody goes back to a key: what extends a checkpoint is by the same key or one that came after.
 * Errors: VRX_KEY_NOT_IN_FORCE. */
struct vrx_result vrx_cli_signers_order(size_t earlier_age, size_t later_age);

#endif
