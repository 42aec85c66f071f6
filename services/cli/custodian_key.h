/* SPDX-License-Identifier: Apache-2.0
 *
 * A custodian's key as --custodian names it: a PEM file, or a PKCS #11 URI of a key on a token.
 */
#ifndef VRX_CLI_CUSTODIAN_KEY_H
#define VRX_CLI_CUSTODIAN_KEY_H

#include "cli/command.h"
#include "keyring/keyring.h"
#include "pkcs11/token.h"

struct vrx_cli_custodian {
    struct vrx_private_key *file; /* one of the two */
    struct vrx_token *token;
    struct vrx_public_key *public;
    struct vrx_custodian_key key;
};

/* The token's PIN is read from the file that the URI's pin-source names, else from the terminal.
 * The exit status; what failed is said on standard error. */
int vrx_cli_custodian_open(const char *name, struct vrx_cli_custodian *ret_custodian);
/* A cleanup function; accepts all zero. */
void vrx_cli_custodian_done(struct vrx_cli_custodian *custodian);

/* The root key by the custodians that --custodian names, as many as the keyring asks for: one token
 * after the other, for no two are open at a time. The exit status, as above. */
int vrx_cli_custodian_root(const struct vrx_arguments *arguments, const struct vrx_keyring *keyring,
    struct vrx_secret **ret_root);

#define VRX_CUSTODIAN_OPTION \
    { \
        "custodian", "FILE|URI", true, false, \
            "the custodian's private key: a file (PEM, mode 0600) or a token " \
            "(pkcs11:token=…;object=…?module-path=…&pin-source=…)", \
            "鍵管理者の秘密鍵。ファイル（PEM、モード 0600）またはトークン（PKCS #11 URI）" \
    }

#endif
