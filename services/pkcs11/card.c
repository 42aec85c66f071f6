/* SPDX-License-Identifier: Apache-2.0
 *
 * See card.h.
 */
#include "pkcs11/card.h"

#include <stdlib.h>

#include "crypto/hash.h"
#include "crypto/x509.h"
#include "pkcs11/token_object.h"

/* DigestInfo of SHA-256 up to the digest (RFC 8017 §9.2 note 1). */
static const uint8_t digest_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
    0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

static struct vrx_result find_certificate(
    struct vrx_token *card, const struct vrx_pkcs11_uri *uri, CK_OBJECT_HANDLE *ret_certificate) {
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    uint8_t label[VRX_PKCS11_TEXT];
    uint8_t id[VRX_PKCS11_TEXT];
    CK_ATTRIBUTE wanted[4] = {
        {CKA_CLASS, &class, sizeof class}, {CKA_CERTIFICATE_TYPE, &type, sizeof type}};
    CK_ULONG count = 2;
    memcpy(label, uri->object.bytes, sizeof label);
    memcpy(id, uri->id.bytes, sizeof id);
    if (uri->object.given)
        wanted[count++] = (CK_ATTRIBUTE){CKA_LABEL, label, uri->object.len};
    if (uri->id.given)
        wanted[count++] = (CK_ATTRIBUTE){CKA_ID, id, uri->id.len};
    return vrx_token_find(card, wanted, count, ret_certificate);
}

static struct vrx_result read_certificate(
    struct vrx_token *card, CK_OBJECT_HANDLE object, struct vrx_buffer *certificate) {
    uint8_t *der = malloc(VRX_CERTIFICATE_MAX);
    size_t len = 0;
    if (!der)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result =
        vrx_token_read(card, object, CKA_VALUE, der, VRX_CERTIFICATE_MAX, &len);
    if (vrx_is_ok(result))
        result = vrx_buffer_append(certificate, vrx_view_of(der, len));
    free(der);
    return result;
}

/* The private key beside the certificate. */
static struct vrx_result find_key(struct vrx_token *card, CK_OBJECT_HANDLE certificate) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = CKK_RSA;
    uint8_t id[VRX_PKCS11_TEXT];
    size_t len = 0;
    VRX_TRY(vrx_token_read(card, certificate, CKA_ID, id, sizeof id, &len));
    CK_ATTRIBUTE wanted[] = {
        {CKA_CLASS, &class, sizeof class}, {CKA_KEY_TYPE, &type, sizeof type}, {CKA_ID, id, len}};
    return vrx_token_find(card, wanted, sizeof wanted / sizeof *wanted, &card->key);
}

static struct vrx_result set_up(struct vrx_token *card, const struct vrx_pkcs11_uri *uri,
    const struct vrx_token_pin *pin, struct vrx_buffer *certificate) {
    CK_OBJECT_HANDLE object = 0;
    VRX_TRY(vrx_token_load(card, uri->module_path));
    VRX_TRY(vrx_token_connect(card, uri, pin));
    VRX_TRY(find_certificate(card, uri, &object));
    VRX_TRY(read_certificate(card, object, certificate));
    return pin ? find_key(card, object) : vrx_ok();
}

struct vrx_result vrx_card_open(const struct vrx_pkcs11_uri *uri, const struct vrx_token_pin *pin,
    struct vrx_token **ret_card, struct vrx_buffer *certificate) {
    struct vrx_token *card = calloc(1, sizeof *card);
    if (!card)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = set_up(card, uri, pin, certificate);
    if (vrx_is_ok(result))
        *ret_card = card;
    else
        vrx_token_close(&card);
    return result;
}

/* What C_SignInit says, and not what the module lists: some list what a token refuses. */
static CK_RV begin(struct vrx_token *card, CK_MECHANISM_TYPE how) {
    CK_MECHANISM mechanism = {how, NULL, 0};
    return card->call->C_SignInit(card->session, &mechanism, card->key);
}

static struct vrx_result finish(
    struct vrx_token *card, struct vrx_view input, struct vrx_buffer *out) {
    uint8_t signature[VRX_CARD_SIGNATURE];
    uint8_t copy[512]; /* the module's parameter is not const */
    CK_ULONG len = sizeof signature;
    if (input.len > sizeof copy)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    memcpy(copy, input.ptr, input.len);
    VRX_TRY(vrx_token_check(
        card->call->C_Sign(card->session, copy, input.len, signature, &len), "PKCS #11 C_Sign"));
    return vrx_buffer_append(out, vrx_view_of(signature, len));
}

struct vrx_result vrx_card_sign(
    struct vrx_token *card, struct vrx_view message, struct vrx_buffer *out) {
    uint8_t input[sizeof digest_info + VRX_SHA256];
    const CK_RV rv = begin(card, CKM_SHA256_RSA_PKCS);
    if (rv != CKR_MECHANISM_INVALID) {
        VRX_TRY(vrx_token_check(rv, "PKCS #11 C_SignInit"));
        return finish(card, message, out);
    }
    memcpy(input, digest_info, sizeof digest_info);
    VRX_TRY(vrx_sha256(message, input + sizeof digest_info));
    VRX_TRY(vrx_token_check(begin(card, CKM_RSA_PKCS), "PKCS #11 C_SignInit"));
    return finish(card, vrx_view_of(input, sizeof input), out);
}
