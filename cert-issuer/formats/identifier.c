/* SPDX-License-Identifier: Apache-2.0
 *
 * The UVCI has 128 random bits. Nobody finds it from its hash, and 60 bits keep a country's
 * certificates apart: among 100,000 revoked ones a stranger's meets one by chance once in 10^13.
 */
#include "formats/identifier.h"

#include "crypto/hash.h"

static const char base64url[65] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char base32[33] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

struct vrx_result vrx_identifier_hash(struct vrx_view uvci, uint8_t ret_hash[VRX_REVOCATION_HASH]) {
    uint8_t digest[VRX_SHA256];
    VRX_TRY(vrx_sha256(uvci, digest));
    memcpy(ret_hash, digest, VRX_REVOCATION_HASH);
    return vrx_ok();
}

/* The n-th group of so many bits; bits beyond the hash are 0. */
static unsigned group(const uint8_t hash[VRX_REVOCATION_HASH], size_t n, size_t bits) {
    unsigned value = 0;
    for (size_t at = n * bits; at < (n + 1) * bits; at++)
        value = value << 1 | (at / 8 < VRX_REVOCATION_HASH ? hash[at / 8] >> (7 - at % 8) & 1 : 0);
    return value;
}

void vrx_identifier_rid_of(
    const uint8_t hash[VRX_REVOCATION_HASH], char ret_rid[VRX_RID_TEXT + 1]) {
    for (size_t i = 0; i < VRX_RID_TEXT; i++)
        ret_rid[i] = base64url[group(hash, i, 6)];
    ret_rid[VRX_RID_TEXT] = 0;
}

struct vrx_result vrx_identifier_rid(struct vrx_view uvci, char ret_rid[VRX_RID_TEXT + 1]) {
    uint8_t hash[VRX_REVOCATION_HASH];
    VRX_TRY(vrx_identifier_hash(uvci, hash));
    vrx_identifier_rid_of(hash, ret_rid);
    return vrx_ok();
}

struct vrx_result vrx_identifier_vds(struct vrx_view uvci, char ret_id[VRX_VDS_ID_TEXT + 1]) {
    uint8_t hash[VRX_REVOCATION_HASH];
    VRX_TRY(vrx_identifier_hash(uvci, hash));
    for (size_t i = 0; i < VRX_VDS_ID_TEXT; i++)
        ret_id[i] = base32[group(hash, i, 5)];
    ret_id[VRX_VDS_ID_TEXT] = 0;
    return vrx_ok();
}

/* Each character as so many bits, from the first bit on; bits beyond len bytes must be 0. */
static bool take_bits(
    struct vrx_view text, const char *alphabet, size_t bits, uint8_t *out, size_t len) {
    memset(out, 0, len);
    for (size_t i = 0; i < text.len; i++) {
        const char *at = text.ptr[i] ? strchr(alphabet, text.ptr[i]) : NULL;
        if (!at)
            return false;
        const size_t value = (size_t)(at - alphabet);
        for (size_t bit = 0; bit < bits; bit++) {
            const size_t to = i * bits + bit;
            const unsigned set = value >> (bits - 1 - bit) & 1;
            if (to / 8 < len)
                out[to / 8] = (uint8_t)(out[to / 8] | set << (7 - to % 8));
            else if (set)
                return false;
        }
    }
    return true;
}

bool vrx_identifier_of_rid(struct vrx_view rid, uint8_t ret_hash[VRX_REVOCATION_HASH]) {
    uint8_t hash[VRX_REVOCATION_HASH];
    if (rid.len != VRX_RID_TEXT || !take_bits(rid, base64url, 6, hash, sizeof hash))
        return false;
    memcpy(ret_hash, hash, sizeof hash);
    return true;
}

bool vrx_identifier_of_vds(struct vrx_view id, uint8_t ret_prefix[8]) {
    uint8_t prefix[8];
    if (id.len != VRX_VDS_ID_TEXT || !take_bits(id, base32, 5, prefix, sizeof prefix))
        return false;
    memcpy(ret_prefix, prefix, sizeof prefix);
    return true;
}
