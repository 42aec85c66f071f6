/* SPDX-License-Identifier: Apache-2.0 */
#include "token_key.h"

#include <stdlib.h>

#include "pkcs11/token.h"

struct vrx_token_key {
    struct vrx_pkcs11_uri uri;
    struct vrx_secret *pin; /* NULL: none */
    struct vrx_token *token;
    bool pin_refused; /* not tried again: a few wrong ones lock a token */
};

static struct vrx_result give_pin(void *context, const char *label, struct vrx_secret **ret_pin) {
    const struct vrx_token_key *key = context;
    struct vrx_secret *copy = NULL;
    (void)label;
    if (!key->pin)
        return vrx_refuse(VRX_TOKEN_PIN, "token_key.h: the token wants a PIN, give a PIN file");
    VRX_TRY(vrx_secret_new(key->pin->len, &copy));
    memcpy(copy->ptr, key->pin->ptr, key->pin->len);
    *ret_pin = copy;
    return vrx_ok();
}

/* What the token cannot do now it may be able to do later: the process stays. */
static struct vrx_result unavailable(struct vrx_result result) {
    return result.reason == VRX_OUT_OF_MEMORY ? result
                                              : vrx_refuse(VRX_ISSUER_UNAVAILABLE, result.clause);
}

static struct vrx_result sign(
    void *context, const uint8_t digest[32], uint8_t ret_signature[VRX_P256_SIGNATURE]) {
    struct vrx_token_key *key = context;
    const struct vrx_token_pin pin = {give_pin, key};
    const struct vrx_outside_signer signer = vrx_token_signer(key->token);
    if (vrx_is_ok(signer.sign(signer.context, digest, ret_signature)))
        return vrx_ok();
    if (key->pin_refused)
        return vrx_refuse(VRX_ISSUER_UNAVAILABLE, "PKCS #11 C_Login: the PIN was refused; restart");
    struct vrx_result result = vrx_token_renew(key->token, &key->uri, &pin);
    key->pin_refused = result.reason == VRX_TOKEN_PIN;
    if (vrx_is_ok(result))
        result = signer.sign(signer.context, digest, ret_signature);
    return vrx_is_ok(result) ? result : unavailable(result);
}

static struct vrx_result set_up(const char *uri, const char *pin_file, struct vrx_token_key *key) {
    VRX_TRY(vrx_pkcs11_uri_parse(vrx_view_text(uri), &key->uri));
    if (key->uri.pin_source[0])
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "token_key.h: a PIN file, not pin-source");
    if (pin_file)
        VRX_TRY(vrx_token_read_pin(pin_file, &key->pin));
    const struct vrx_token_pin pin = {give_pin, key};
    VRX_TRY(vrx_token_open(&key->uri, &pin, &key->token));
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *private_key = NULL;
    uint8_t signature[VRX_P256_SIGNATURE];
    VRX_TRY(vrx_token_key_private(key, &private_key));
    return vrx_sign_es256(private_key, vrx_view_text("vrx-issuer"), signature);
}

struct vrx_result vrx_token_key_new(
    const char *uri, const char *pin_file, struct vrx_token_key **ret_key) {
    VRX_CLEANUP(vrx_token_key_free) struct vrx_token_key *key = calloc(1, sizeof *key);
    if (!key)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(set_up(uri, pin_file, key));
    *ret_key = key;
    key = NULL;
    return vrx_ok();
}

void vrx_token_key_free(struct vrx_token_key **key) {
    if (!*key)
        return;
    vrx_token_close(&(*key)->token);
    vrx_secret_free(&(*key)->pin);
    free(*key);
    *key = NULL;
}

struct vrx_result vrx_token_key_private(
    struct vrx_token_key *key, struct vrx_private_key **ret_private) {
    const struct vrx_outside_signer signer = {sign, key};
    return vrx_private_key_outside(vrx_token_public(key->token), &signer, ret_private);
}

const char *vrx_token_key_module(const struct vrx_token_key *key) {
    return key->uri.module_path;
}
