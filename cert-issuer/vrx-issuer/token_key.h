/* SPDX-License-Identifier: Apache-2.0
 *
 * The issuer's key where it is kept on a PKCS #11 token (RFC 7512 URI): the token signs, the key
 * never leaves it. The PIN is read once, from a file, and stays in locked memory, so that a token
 * that was lost is logged in to again without a file being opened.
 */
#ifndef VRX_ISSUER_TOKEN_KEY_H
#define VRX_ISSUER_TOKEN_KEY_H

#include "crypto/key.h"

struct vrx_token_key;

/* Opens the key and signs with it once, so that everything which the module does late has been done
 * before the process closes itself. pin_file: its first line is the PIN; NULL where the token wants
 * none. Errors: vrx_pkcs11_uri_parse's; VRX_INPUT_FIELD_UNKNOWN for a pin-source, which pin_file is
 * here; vrx_file_read_secret's; vrx_token_open's; vrx_sign_es256's. */
struct vrx_result vrx_token_key_new(
    const char *uri, const char *pin_file, struct vrx_token_key **ret_key);
/* Accepts NULL. After the key of vrx_token_key_private. */
void vrx_token_key_free(struct vrx_token_key **key);

/* A key that signs on the token (vrx_private_key_outside). Where the token fails it is opened anew,
 * once for each signature asked for; where that fails too the signature's error is
 * VRX_ISSUER_UNAVAILABLE with PKCS #11's clause, and the next one tries again. Errors of this:
 * VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_token_key_private(
    struct vrx_token_key *key, struct vrx_private_key **ret_private);

/* The module's file as the URI names it, "" where p11-kit's configuration does. */
const char *vrx_token_key_module(const struct vrx_token_key *key);

#endif
