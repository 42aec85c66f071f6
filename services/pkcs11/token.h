/* SPDX-License-Identifier: Apache-2.0
 *
 * A P-256 private key on a PKCS #11 token (OASIS PKCS #11 v2.40). The module that the URI names is
 * loaded into this process. One thread may have several keys open, on one token or more; the module
 * and the login are the first one's, so that is closed last.
 */
#ifndef VRX_PKCS11_TOKEN_H
#define VRX_PKCS11_TOKEN_H

#include "base/secret.h"
#include "cose/encrypt.h"
#include "pkcs11/uri.h"

struct vrx_token;

/* Asks for the PIN of the token of this label: from the terminal, as a rule. */
struct vrx_token_pin {
    struct vrx_result (*ask)(void *context, const char *label, struct vrx_secret **ret_pin);
    void *context;
};

/* A PIN from a file's first line, which may end with the file. Errors: vrx_file_read_secret's;
 * VRX_TOKEN_PIN for an empty line. */
struct vrx_result vrx_token_read_pin(const char *path, struct vrx_secret **ret_pin);

/* Loads the module (p11-kit's proxy for all configured ones when the URI names none), logs in, and
 * finds the key. The PIN is the first line of pin-source where the URI has one, else pin is asked;
 * a reader with a pad of its own asks itself. Errors: VRX_TOKEN_FAILED when there is no such module
 * or token, or it fails; VRX_TOKEN_PIN when it does not take the PIN, or has locked it;
 * VRX_NOT_FOUND when it has no such key, VRX_INPUT_DUPLICATE_KEY when the URI names several tokens
 * or keys; VRX_KEY_INVALID when the key is not P-256 or its public half is not there;
 * vrx_file_read_secret's and ask's; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_token_open(const struct vrx_pkcs11_uri *uri, const struct vrx_token_pin *pin,
    struct vrx_token **ret_token);

/* Gives up the session, and PKCS #11 where this token began it, but not the module: everything
 * asked of it is VRX_TOKEN_FAILED until vrx_token_renew. */
void vrx_token_leave(struct vrx_token *token);

/* Begins anew with the same module, for a token that was pulled out, or whose service was started
 * again: PKCS #11 is finalized and initialized, so that other tokens of this process are given up
 * before (vrx_token_leave). The key must be the one of before. Where it fails the token stays as
 * one that is not there, and may be renewed again. Errors: vrx_token_open's; VRX_TOKEN_FAILED also
 * for another key. */
struct vrx_result vrx_token_renew(
    struct vrx_token *token, const struct vrx_pkcs11_uri *uri, const struct vrx_token_pin *pin);

/* Logs out and unloads. Accepts NULL. */
void vrx_token_close(struct vrx_token **token);

/* The key's halves, as long as the token is open. The private one agrees (ECDH) or signs (CKM_ECDSA
 * over a digest). Errors: VRX_TOKEN_FAILED; VRX_KEY_INVALID when the other key is not P-256. */
const struct vrx_public_key *vrx_token_public(const struct vrx_token *token);
struct vrx_ecdh_key vrx_token_private(struct vrx_token *token);
struct vrx_outside_signer vrx_token_signer(struct vrx_token *token);

#endif
