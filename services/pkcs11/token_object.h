/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside this room only: a token with a session, and what is looked for on it.
 */
#ifndef VRX_PKCS11_TOKEN_OBJECT_H
#define VRX_PKCS11_TOKEN_OBJECT_H

#include <p11-kit/pkcs11.h>

#include "pkcs11/token.h"

struct vrx_token {
    void *module;
    CK_FUNCTION_LIST *call;
    bool initialized; /* by this token, which ends it; the same of the login */
    bool logged_in;
    CK_SESSION_HANDLE session; /* 0: none */
    CK_OBJECT_HANDLE key;
    struct vrx_public_key *public;
    uint8_t point[VRX_P256_POINT]; /* of the key that was opened first */
};

/* What a function of the module returned, with the clause to refuse by. Errors: VRX_TOKEN_PIN,
 * VRX_TOKEN_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_token_check(CK_RV rv, const char *clause);

/* The module, p11-kit's proxy for "". Errors: VRX_TOKEN_FAILED. */
struct vrx_result vrx_token_load(struct vrx_token *token, const char *path);

/* Opens a session with the token that the URI names, by the loaded module, and logs in; pin NULL:
 * what anybody may read is enough. Errors: vrx_token_open's. */
struct vrx_result vrx_token_connect(
    struct vrx_token *token, const struct vrx_pkcs11_uri *uri, const struct vrx_token_pin *pin);

/* The one object that has these attributes. Errors: VRX_NOT_FOUND, VRX_INPUT_DUPLICATE_KEY. */
struct vrx_result vrx_token_find(
    struct vrx_token *token, CK_ATTRIBUTE *wanted, CK_ULONG count, CK_OBJECT_HANDLE *ret_object);

/* At most max bytes. */
struct vrx_result vrx_token_read(struct vrx_token *token, CK_OBJECT_HANDLE object,
    CK_ATTRIBUTE_TYPE type, uint8_t *out, size_t max, size_t *ret_len);

#endif
