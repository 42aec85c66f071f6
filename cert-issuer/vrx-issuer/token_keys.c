/* SPDX-License-Identifier: Apache-2.0
 *
 * PKCS #11 is begun and ended once for all tokens of a process. So when one of them is to be opened
 * anew, all are given up first.
 */
#include "token_keys.h"

#include "files/files.h"

static struct vrx_result give_pin(void *context, const char *label, struct vrx_secret **ret_pin) {
    const struct vrx_token_keys *keys = context;
    struct vrx_secret *copy = NULL;
    (void)label;
    if (!keys->pin)
        return vrx_refuse(VRX_TOKEN_PIN, "token_keys.h: the token wants a PIN, give a PIN file");
    VRX_TRY(vrx_secret_new(keys->pin->len, &copy));
    memcpy(copy->ptr, keys->pin->ptr, keys->pin->len);
    *ret_pin = copy;
    return vrx_ok();
}

/* The result is this one's: the others may be on a token that is still away. */
static struct vrx_result renew(struct vrx_token_keys *keys, const struct vrx_token_key *wanted) {
    const struct vrx_token_pin pin = {give_pin, keys};
    struct vrx_result result = vrx_ok();
    if (keys->pin_refused)
        return vrx_refuse(VRX_TOKEN_PIN, "PKCS #11 C_Login: the PIN was refused; restart");
    for (size_t i = keys->count; i-- > 0;)
        vrx_token_leave(keys->keys[i].token);
    for (size_t i = 0; i < keys->count && !keys->pin_refused; i++) {
        struct vrx_token_key *key = &keys->keys[i];
        const struct vrx_result renewed = vrx_token_renew(key->token, &key->uri, &pin);
        keys->pin_refused = renewed.reason == VRX_TOKEN_PIN;
        if (key == wanted || keys->pin_refused)
            result = renewed;
    }
    return result;
}

/* What the token cannot do now it may be able to do later: the process stays. */
static struct vrx_result unavailable(struct vrx_result result) {
    return result.reason == VRX_OUT_OF_MEMORY ? result
                                              : vrx_refuse(VRX_ISSUER_UNAVAILABLE, result.clause);
}

static struct vrx_result sign(
    void *context, const uint8_t digest[32], uint8_t ret_signature[VRX_P256_SIGNATURE]) {
    const struct vrx_token_key *key = context;
    const struct vrx_outside_signer signer = vrx_token_signer(key->token);
    if (vrx_is_ok(signer.sign(signer.context, digest, ret_signature)))
        return vrx_ok();
    struct vrx_result result = renew(key->all, key);
    if (vrx_is_ok(result))
        result = signer.sign(signer.context, digest, ret_signature);
    return vrx_is_ok(result) ? result : unavailable(result);
}

static struct vrx_result open_token(
    const char *uri, const char *pin_file, struct vrx_token_key *key) {
    const struct vrx_token_pin pin = {give_pin, key->all};
    VRX_TRY(vrx_pkcs11_uri_parse(vrx_view_text(uri), &key->uri));
    if (key->uri.pin_source[0])
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "token_keys.h: a PIN file, not pin-source");
    if (pin_file && !key->all->pin)
        VRX_TRY(vrx_token_read_pin(pin_file, &key->all->pin));
    return vrx_token_open(&key->uri, &pin, &key->token);
}

static struct vrx_result load_from_token(const char *uri, const char *pin_file,
    struct vrx_token_keys *keys, struct vrx_private_key **ret_key) {
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *loaded = NULL;
    uint8_t signature[VRX_P256_SIGNATURE];
    if (keys->count == VRX_ISSUER_KEYS)
        return vrx_fail(VRX_CAP_REACHED);
    struct vrx_token_key *key = &keys->keys[keys->count];
    const struct vrx_outside_signer signer = {sign, key};
    key->all = keys;
    VRX_TRY(open_token(uri, pin_file, key));
    keys->count++;
    VRX_TRY(vrx_private_key_outside(vrx_token_public(key->token), &signer, &loaded));
    VRX_TRY(vrx_sign_es256(loaded, vrx_view_text("vrx-issuer"), signature));
    *ret_key = loaded;
    loaded = NULL;
    return vrx_ok();
}

struct vrx_result vrx_issuer_key_load(const char *file_or_uri, const char *pin_file,
    struct vrx_token_keys *keys, struct vrx_private_key **ret_key) {
    VRX_CLEANUP(vrx_secret_free) struct vrx_secret *pem = NULL;
    if (vrx_pkcs11_is_uri(file_or_uri))
        return load_from_token(file_or_uri, pin_file, keys, ret_key);
    VRX_TRY(vrx_file_read_secret(file_or_uri, &pem));
    return vrx_private_key_from_pem(vrx_secret_view(pem), ret_key);
}

void vrx_token_keys_done(struct vrx_token_keys *keys) {
    while (keys->count) /* the first began PKCS #11, and ends it */
        vrx_token_close(&keys->keys[--keys->count].token);
    vrx_secret_free(&keys->pin);
}
