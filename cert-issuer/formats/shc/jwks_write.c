/* SPDX-License-Identifier: Apache-2.0
 *
 * A set of keys as text. A thumbprint is over a key's own members in the order of their names
 * (RFC 7638 §3.3), which is written here a second time without the others.
 */
#include "base/encode.h"
#include "crypto/hash.h"
#include "crypto/x509.h"
#include "formats/json/json_text.h"
#include "formats/shc/jwks.h"

/* By enum vrx_key_type. */
static const struct kind {
    const char *kty;
    const char *crv; /* NULL: none */
    const char *alg;
} kinds[] = {
    [VRX_KEY_P256] = {"EC", "P-256", "ES256"},
    [VRX_KEY_P384] = {"EC", "P-384", "ES384"},
    [VRX_KEY_P521] = {"EC", "P-521", "ES512"},
    [VRX_KEY_RSA] = {"RSA", NULL, "PS256"},
    [VRX_KEY_ED25519] = {NULL, NULL, NULL}, /* vrx_public_key_numbers refuses it */
};

/* A key's two numbers in base64url. */
struct numbers {
    struct vrx_buffer first;
    struct vrx_buffer second;
};

static void numbers_done(struct numbers *numbers) {
    vrx_buffer_done(&numbers->first);
    vrx_buffer_done(&numbers->second);
}

static struct vrx_result read_numbers(
    const struct vrx_public_key *key, struct numbers *ret_numbers) {
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer second VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_public_key_numbers(key, &first, &second));
    VRX_TRY(vrx_base64_encode(VRX_BASE64_URL, vrx_buffer_view(&first), &ret_numbers->first));
    return vrx_base64_encode(VRX_BASE64_URL, vrx_buffer_view(&second), &ret_numbers->second);
}

/* The members that make the key, in the order of their names. */
static struct vrx_result put_key(const struct kind *kind, const struct numbers *numbers,
    const char *begin, struct vrx_buffer *out) {
    const struct vrx_view first = vrx_buffer_view(&numbers->first);
    const struct vrx_view second = vrx_buffer_view(&numbers->second);
    const struct vrx_view kty = vrx_view_text(kind->kty);
    const struct vrx_json_piece curve[] = {{"\"crv\":", vrx_view_text(kind->crv), false},
        {",\"kty\":", kty, false}, {",\"x\":", first, false}, {",\"y\":", second, false}};
    const struct vrx_json_piece rsa[] = {
        {"\"e\":", second, false}, {",\"kty\":", kty, false}, {",\"n\":", first, false}};
    VRX_TRY(vrx_json_append(out, begin));
    return kind->crv ? vrx_json_put_pieces(out, curve, sizeof curve / sizeof *curve)
                     : vrx_json_put_pieces(out, rsa, sizeof rsa / sizeof *rsa);
}

static struct vrx_result make_kid(
    const struct kind *kind, const struct numbers *numbers, struct vrx_buffer *ret_kid) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t digest[VRX_SHA256];
    VRX_TRY(put_key(kind, numbers, "{", &text));
    VRX_TRY(vrx_json_append(&text, "}"));
    VRX_TRY(vrx_sha256(vrx_buffer_view(&text), digest));
    return vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(digest, sizeof digest), ret_kid);
}

struct vrx_result vrx_jwk_kid(const struct vrx_public_key *key, char ret_kid[VRX_JWK_KID + 1]) {
    struct numbers numbers VRX_CLEANUP(numbers_done) = {0};
    struct vrx_buffer kid VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(read_numbers(key, &numbers));
    VRX_TRY(make_kid(&kinds[vrx_public_key_type(key)], &numbers, &kid));
    memcpy(ret_kid, kid.ptr, VRX_JWK_KID);
    ret_kid[VRX_JWK_KID] = 0;
    return vrx_ok();
}

static struct vrx_result put_certificate(struct vrx_view der, struct vrx_buffer *out) {
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer hash VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t digest[VRX_SHA256];
    if (!der.len)
        return vrx_ok();
    VRX_TRY(vrx_base64_encode(VRX_BASE64_STANDARD, der, &text));
    VRX_TRY(vrx_sha256(der, digest));
    VRX_TRY(vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(digest, sizeof digest), &hash));
    const struct vrx_json_piece pieces[] = {{",\"x5c\":[", vrx_buffer_view(&text), false},
        {"],\"x5t#S256\":", vrx_buffer_view(&hash), false}};
    return vrx_json_put_pieces(out, pieces, sizeof pieces / sizeof *pieces);
}

static struct vrx_result put_jwk(const struct vrx_jwk *jwk, struct vrx_buffer *out) {
    const struct kind *kind = &kinds[vrx_public_key_type(jwk->key)];
    struct numbers numbers VRX_CLEANUP(numbers_done) = {0};
    struct vrx_buffer kid VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(read_numbers(jwk->key, &numbers));
    VRX_TRY(make_kid(kind, &numbers, &kid));
    const struct vrx_json_piece head[] = {{"{\"kid\":", vrx_buffer_view(&kid), false},
        {",\"use\":", vrx_view_text("sig"), false}, {",\"alg\":", vrx_view_text(kind->alg), false}};
    const struct vrx_json_piece issuer[] = {{",\"iss\":", jwk->issuer, true}};
    VRX_TRY(vrx_json_put_pieces(out, head, sizeof head / sizeof *head));
    VRX_TRY(put_key(kind, &numbers, ",", out));
    VRX_TRY(put_certificate(jwk->certificate, out));
    VRX_TRY(vrx_json_put_pieces(out, issuer, 1));
    return vrx_json_append(out, "}");
}

/* The same certificate for the same issuer stands before it already. */
static bool is_repeated(const struct vrx_jwk *keys, size_t at) {
    for (size_t i = 0; i < at && keys[at].certificate.len; i++)
        if (vrx_view_equal(keys[i].certificate, keys[at].certificate) &&
            vrx_view_equal(keys[i].issuer, keys[at].issuer))
            return true;
    return false;
}

struct vrx_result vrx_jwks_write(const struct vrx_jwk *keys, size_t count, struct vrx_buffer *out) {
    bool first = true;
    VRX_TRY(vrx_json_append(out, "{\"keys\":["));
    for (size_t i = 0; i < count; i++) {
        if (is_repeated(keys, i))
            continue;
        VRX_TRY(vrx_json_append(out, first ? "\n" : ",\n"));
        VRX_TRY(put_jwk(&keys[i], out));
        first = false;
    }
    return vrx_json_append(out, "\n]}\n");
}
