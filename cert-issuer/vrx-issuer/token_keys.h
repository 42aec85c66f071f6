/* SPDX-License-Identifier: Apache-2.0
 *
 * The issuer's keys, each from a file or kept on a PKCS #11 token (RFC 7512 URI): the token signs,
 * the key never leaves it. The PIN is read once, from a file, and stays in locked memory, so that a
 * token that was lost is logged in to again without a file being opened.
 */
#ifndef VRX_ISSUER_TOKEN_KEYS_H
#define VRX_ISSUER_TOKEN_KEYS_H

#include "crypto/key.h"
#include "pkcs11/token.h"

#define VRX_ISSUER_KEYS 3 /* one a format */

struct vrx_token_keys;

/* One of them. */
struct vrx_token_key {
    struct vrx_token_keys *all;
    struct vrx_pkcs11_uri uri;
    struct vrx_token *token;
};

/* All zero at first. It stays where it is: keys that were loaded point into it. */
struct vrx_token_keys {
    struct vrx_secret *pin; /* NULL: none */
    bool pin_refused;       /* not tried again: a few wrong ones lock a token */
    struct vrx_token_key keys[VRX_ISSUER_KEYS];
    size_t count;
};

/* After the keys that were loaded. */
void vrx_token_keys_done(struct vrx_token_keys *keys);

/* A private key from a file (PEM, mode 0600), or one that signs on its token
 * (vrx_private_key_outside). It has signed once then, so that everything which the module does late
 * has been done before the process closes itself. pin_file: its first line is the PIN of all; NULL
 * where the token wants none. Where a token fails all are opened anew, once for each signature
 * asked for; where that fails too the signature's error is VRX_ISSUER_UNAVAILABLE with PKCS #11's
 * clause, and the next one tries again. Errors: vrx_file_read_secret's, vrx_private_key_from_pem's;
 * vrx_pkcs11_uri_parse's; VRX_INPUT_FIELD_UNKNOWN for a pin-source, which pin_file is here;
 * VRX_CAP_REACHED over VRX_ISSUER_KEYS; vrx_token_open's; vrx_sign_es256's. */
struct vrx_result vrx_issuer_key_load(const char *file_or_uri, const char *pin_file,
    struct vrx_token_keys *keys, struct vrx_private_key **ret_key);

#endif
