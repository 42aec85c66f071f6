/* SPDX-License-Identifier: Apache-2.0
 *
 * What themes share that need no daemon: the platform authority's key, how signed lists are dated,
 * the key in a certificate file.
 */
#ifndef VRX_CLI_OFFLINE_H
#define VRX_CLI_OFFLINE_H

#include "cli/command.h"
#include "crypto/key.h"
#include "objects/terms.h"

/* The platform authority, from its folder. kid: the first 8 bytes of its SPKI's SHA-256. */
struct vrx_cli_authority {
    struct vrx_private_key *key;
    uint8_t kid[8];
};
struct vrx_result vrx_cli_authority_read(
    const char *folder, struct vrx_cli_authority *ret_authority);
void vrx_cli_authority_done(struct vrx_cli_authority *authority);

/* --version N and --days N of a signed list, from now on. */
struct vrx_cli_dating {
    uint64_t version;
    int64_t issued;
    int64_t expires;
};
struct vrx_result vrx_cli_dating_read(
    const struct vrx_arguments *arguments, struct vrx_cli_dating *ret_dating);

/* The public key of a certificate file. */
struct vrx_result vrx_cli_certificate_key(const char *file, struct vrx_public_key **ret_key);
/* SHA-256 of its SubjectPublicKeyInfo: how the service knows a terminal. The exit status; what
 * failed is said on standard error. */
int vrx_cli_terminal_digest(const char *file, uint8_t ret_digest[VRX_DIGEST]);

#endif
