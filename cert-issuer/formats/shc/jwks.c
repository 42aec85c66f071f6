/* SPDX-License-Identifier: Apache-2.0
 *
 * What SMART Health Cards 1.4 ("Determining keys associated with an issuer") asks of a key, held
 * against each. The certificate in "x5c" must be of the same key; who issued it is not looked at:
 * the key is trusted by the list that it is put on.
 */
#include "formats/shc/jwks.h"

#include "base/encode.h"
#include "base/limits.h"
#include "crypto/x509.h"
#include "formats/json/foreign_json.h"
#include "formats/thumbprint.h"

static bool is_signing_key(const json_t *key) {
    return vrx_foreign_json_is(key, "kty", "EC") && vrx_foreign_json_is(key, "crv", "P-256") &&
           vrx_foreign_json_is(key, "use", "sig") && vrx_foreign_json_is(key, "alg", "ES256");
}

/* A member of exactly len bytes in base64url. */
static struct vrx_result read_bytes(
    const json_t *key, const char *name, size_t len, uint8_t *ret_bytes) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    const json_t *member = NULL;
    VRX_TRY(vrx_foreign_json_needed(key, name, JSON_STRING, "RFC 7517 §4: kid, x and y", &member));
    VRX_TRY(vrx_base64_decode(VRX_BASE64_URL,
        vrx_view_of(json_string_value(member), json_string_length(member)), &bytes));
    if (bytes.len != len)
        return vrx_refuse(VRX_KEY_INVALID, "RFC 7518 §6.2.1: 32 bytes");
    memcpy(ret_bytes, bytes.ptr, len);
    return vrx_ok();
}

static struct vrx_result check_kid(const json_t *key, const uint8_t point[VRX_P256_POINT]) {
    uint8_t stated[VRX_THUMBPRINT];
    uint8_t computed[VRX_THUMBPRINT];
    VRX_TRY(read_bytes(key, "kid", VRX_THUMBPRINT, stated));
    VRX_TRY(vrx_thumbprint(point, computed));
    if (memcmp(stated, computed, VRX_THUMBPRINT) != 0)
        return vrx_refuse(VRX_KEY_INVALID, "RFC 7638 §3: kid is not the key's thumbprint");
    return vrx_ok();
}

static struct vrx_result check_certificate(const json_t *key, const uint8_t point[VRX_P256_POINT]) {
    static const char clause[] = "RFC 7517 §4.7: the first of x5c is a certificate of this key";
    VRX_CLEANUP(vrx_certificate_free) struct vrx_certificate *cert = NULL;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer der = {0};
    const json_t *chain = NULL;
    uint8_t certified[VRX_P256_POINT];
    VRX_TRY(vrx_foreign_json_member(key, "x5c", JSON_ARRAY, clause, &chain));
    if (!chain)
        return vrx_ok();
    const json_t *first = json_array_get(chain, 0);
    if (!json_is_string(first))
        return vrx_refuse(VRX_INPUT_TYPE, clause);
    VRX_TRY(vrx_base64_decode(VRX_BASE64_STANDARD,
        vrx_view_of(json_string_value(first), json_string_length(first)), &der));
    VRX_TRY(vrx_certificate_from_der(vrx_buffer_view(&der), &cert));
    VRX_TRY(vrx_public_key_to_point(vrx_certificate_key(cert), certified));
    return memcmp(certified, point, VRX_P256_POINT) == 0 ? vrx_ok()
                                                         : vrx_refuse(VRX_KEY_INVALID, clause);
}

static struct vrx_result read_key(
    const json_t *key, struct vrx_arena *arena, struct vrx_view *ret_point) {
    VRX_CLEANUP(vrx_public_key_free) struct vrx_public_key *parsed = NULL;
    uint8_t point[VRX_P256_POINT] = {4};
    if (json_object_get(key, "d"))
        return vrx_refuse(VRX_KEY_INVALID, "SMART Health Cards 1.4: a private key is published");
    VRX_TRY(read_bytes(key, "x", VRX_P256_SCALAR, point + 1));
    VRX_TRY(read_bytes(key, "y", VRX_P256_SCALAR, point + 1 + VRX_P256_SCALAR));
    VRX_TRY(vrx_public_key_from_point(vrx_view_of(point, sizeof point), &parsed));
    VRX_TRY(check_kid(key, point));
    VRX_TRY(check_certificate(key, point));
    return vrx_arena_copy(arena, vrx_view_of(point, sizeof point), ret_point);
}

static struct vrx_result read_keys(const json_t *keys, struct vrx_arena *arena,
    const struct vrx_view **ret_points, size_t *ret_count) {
    const size_t size = json_array_size(keys);
    size_t count = 0;
    if (size > VRX_LIMIT_JWKS_KEYS)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "jwks.h: keys of one issuer");
    struct vrx_view *points = vrx_arena_alloc_array(arena, size, sizeof *points);
    if (!points)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < size; i++) {
        const json_t *key = json_array_get(keys, i);
        if (!json_is_object(key))
            return vrx_refuse(VRX_INPUT_TYPE, "RFC 7517 §5.1: keys");
        if (is_signing_key(key))
            VRX_TRY(read_key(key, arena, &points[count++]));
    }
    if (!count)
        return vrx_refuse(VRX_NOT_FOUND, "SMART Health Cards 1.4: a P-256 key for ES256");
    *ret_points = points;
    *ret_count = count;
    return vrx_ok();
}

struct vrx_result vrx_jwks_read(struct vrx_view text, struct vrx_arena *arena,
    const struct vrx_view **ret_points, size_t *ret_count) {
    VRX_CLEANUP(vrx_foreign_json_done) json_t *set = NULL;
    const json_t *keys = NULL;
    if (text.len > VRX_LIMIT_JWKS)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "jwks.h: a set of keys");
    VRX_TRY(vrx_foreign_json_read(text, &set));
    VRX_TRY(vrx_foreign_json_needed(set, "keys", JSON_ARRAY, "RFC 7517 §5.1: keys", &keys));
    return read_keys(keys, arena, ret_points, ret_count);
}
