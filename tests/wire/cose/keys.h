/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys as the COSE working group's vectors write them, as the keys of proto/crypto.
 */
#ifndef VRX_TEST_COSE_KEYS_H
#define VRX_TEST_COSE_KEYS_H

#include "crypto/key.h"
#include "support/vectors.h"

static inline void ec_public_key(const json_t *key, struct vrx_public_key **ret_key) {
    static const struct {
        const char *name;
        enum vrx_key_type type;
    } curves[] = {{"P-256", VRX_KEY_P256}, {"P-384", VRX_KEY_P384}, {"P-521", VRX_KEY_P521}};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer x = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer y = {0};
    vrx_vector_base64url(vrx_vector_text(key, "x"), &x);
    vrx_vector_base64url(vrx_vector_text(key, "y"), &y);
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
        if (strcmp(vrx_vector_text(key, "crv"), curves[i].name) == 0)
            assert_ok(vrx_public_key_from_xy(
                curves[i].type, vrx_buffer_view(&x), vrx_buffer_view(&y), ret_key));
}

/* One DER element of less than 64 KiB. */
static inline void put_der(uint8_t tag, struct vrx_view content, struct vrx_buffer *out) {
    uint8_t head[4] = {tag, 0x82, (uint8_t)(content.len >> 8), (uint8_t)content.len};
    if (content.len < 0x80)
        head[1] = (uint8_t)content.len;
    if (content.len >= 0x80 && content.len < 0x100) {
        head[1] = 0x81;
        head[2] = (uint8_t)content.len;
    }
    size_t len = content.len < 0x80 ? 2 : content.len < 0x100 ? 3 : 4;
    assert_ok(vrx_buffer_append(out, vrx_view_of(head, len)));
    assert_ok(vrx_buffer_append(out, content));
}

static inline void put_der_integer(const char *hex, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer number = {0};
    assert_ok(vrx_buffer_append_byte(&number, 0));
    vrx_vector_hex(hex, &number);
    bool padded = (number.ptr[1] & 0x80) != 0;
    put_der(0x02, vrx_view_slice(vrx_buffer_view(&number), padded ? 0 : 1, number.len), out);
}

/* n_hex and e_hex as SubjectPublicKeyInfo (RFC 8017 appendix A.1.1). */
static inline void rsa_public_key(const json_t *key, struct vrx_public_key **ret_key) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer numbers = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bits = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer spki = {0};
    put_der_integer(vrx_vector_text(key, "n_hex"), &numbers);
    put_der_integer(vrx_vector_text(key, "e_hex"), &numbers);
    assert_ok(vrx_buffer_append_byte(&bits, 0));
    put_der(0x30, vrx_buffer_view(&numbers), &bits);
    vrx_vector_hex("300d06092a864886f70d0101010500", &content);
    put_der(0x03, vrx_buffer_view(&bits), &content);
    put_der(0x30, vrx_buffer_view(&content), &spki);
    assert_ok(vrx_public_key_from_spki(vrx_buffer_view(&spki), ret_key));
}

static inline void public_key(const json_t *key, struct vrx_public_key **ret_key) {
    if (strcmp(vrx_vector_text(key, "kty"), "RSA") == 0)
        rsa_public_key(key, ret_key);
    else
        ec_public_key(key, ret_key);
}

/* The scalar d of a P-256 key as PKCS#8 (RFC 5915 §3 inside RFC 5958 §2). */
static inline void p256_private_key(const json_t *key, struct vrx_private_key **ret_key) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer der = {0};
    vrx_vector_hex("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420", &der);
    vrx_vector_base64url(vrx_vector_text(key, "d"), &der);
    assert_int_equal(der.len, 67);
    assert_ok(vrx_private_key_from_pkcs8(vrx_buffer_view(&der), ret_key));
}

#endif
