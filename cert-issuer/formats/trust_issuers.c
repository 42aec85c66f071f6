/* SPDX-License-Identifier: Apache-2.0
 *
 * One table ordered by thumbprint. Two issuers may publish one key; it stands there twice then, and
 * a thumbprint still names one key.
 */
#include "formats/trust_issuers.h"

#include <stdlib.h>

struct vrx_trust_issuer_key {
    uint8_t thumbprint[VRX_THUMBPRINT]; /* first: it is looked for */
    struct vrx_public_key *key;
    struct vrx_buffer url;
};

static void key_done(struct vrx_trust_issuer_key *entry) {
    vrx_public_key_free(&entry->key);
    vrx_buffer_done(&entry->url);
}

void vrx_trust_issuers_done(struct vrx_trust_issuers *issuers) {
    for (size_t i = 0; i < issuers->count; i++)
        key_done(&issuers->keys[i]);
    free(issuers->keys);
    *issuers = (struct vrx_trust_issuers){0};
}

struct vrx_result vrx_trust_issuer_check(struct vrx_view url) {
    static const char scheme[] = "https://";
    const size_t head = sizeof scheme - 1;
    if (url.len <= head || url.len > VRX_LIMIT_ISSUER_URL || memcmp(url.ptr, scheme, head) != 0)
        return vrx_refuse(VRX_INPUT_RANGE, "SMART Health Cards 1.4: iss is an https URL");
    if (url.ptr[url.len - 1] == '/')
        return vrx_refuse(VRX_INPUT_RANGE, "SMART Health Cards 1.4: iss has no \"/\" at its end");
    for (size_t i = 0; i < url.len; i++)
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~')
            return vrx_refuse(VRX_INPUT_RANGE, "RFC 3986 §2: characters of a URL");
    return vrx_ok();
}

/* The first key whose thumbprint is not below this one. */
static size_t first_key(
    const struct vrx_trust_issuers *issuers, const uint8_t thumbprint[VRX_THUMBPRINT]) {
    return vrx_lower_bound(
        issuers->keys, issuers->count, sizeof *issuers->keys, thumbprint, VRX_THUMBPRINT);
}

static bool has_thumbprint(
    const struct vrx_trust_issuers *issuers, size_t at, const uint8_t thumbprint[VRX_THUMBPRINT]) {
    return at < issuers->count &&
           memcmp(issuers->keys[at].thumbprint, thumbprint, VRX_THUMBPRINT) == 0;
}

const struct vrx_public_key *vrx_trust_issuers_key(
    const struct vrx_trust_issuers *issuers, const uint8_t thumbprint[VRX_THUMBPRINT]) {
    const size_t at = first_key(issuers, thumbprint);
    return has_thumbprint(issuers, at, thumbprint) ? issuers->keys[at].key : NULL;
}

bool vrx_trust_issuers_own(const struct vrx_trust_issuers *issuers,
    const uint8_t thumbprint[VRX_THUMBPRINT], struct vrx_view url) {
    for (size_t at = first_key(issuers, thumbprint); has_thumbprint(issuers, at, thumbprint); at++)
        if (vrx_view_equal(vrx_buffer_view(&issuers->keys[at].url), url))
            return true;
    return false;
}

const struct vrx_public_key *vrx_trust_issuers_at(
    const struct vrx_trust_issuers *issuers, size_t n, struct vrx_view *ret_url) {
    if (n >= issuers->count)
        return NULL;
    *ret_url = vrx_buffer_view(&issuers->keys[n].url);
    return issuers->keys[n].key;
}

static struct vrx_result make_room(struct vrx_trust_issuers *issuers) {
    if (issuers->count < issuers->capacity)
        return vrx_ok();
    if (issuers->count >= VRX_LIMIT_TRUST_ISSUER_KEYS)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "trust_issuers.h: keys");
    const size_t capacity = issuers->capacity ? issuers->capacity * 2 : 16;
    struct vrx_trust_issuer_key *keys = realloc(issuers->keys, capacity * sizeof *keys);
    if (!keys)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    issuers->keys = keys;
    issuers->capacity = capacity;
    return vrx_ok();
}

static struct vrx_result make_key(
    struct vrx_view url, struct vrx_view point, struct vrx_trust_issuer_key *entry) {
    VRX_TRY(vrx_public_key_from_point(point, &entry->key));
    VRX_TRY(vrx_thumbprint(point.ptr, entry->thumbprint));
    return vrx_buffer_append(&entry->url, url);
}

struct vrx_result vrx_trust_issuers_add(
    struct vrx_trust_issuers *issuers, struct vrx_view url, struct vrx_view point) {
    struct vrx_trust_issuer_key added = {0};
    VRX_TRY(vrx_trust_issuer_check(url));
    VRX_TRY(make_room(issuers));
    struct vrx_result result = make_key(url, point, &added);
    if (!vrx_is_ok(result) || vrx_trust_issuers_own(issuers, added.thumbprint, url)) {
        key_done(&added);
        return result;
    }
    const size_t at = first_key(issuers, added.thumbprint);
    memmove(&issuers->keys[at + 1], &issuers->keys[at], (issuers->count - at) * sizeof added);
    issuers->keys[at] = added;
    issuers->count++;
    return vrx_ok();
}

/* ---- field 6 ---- */

static struct vrx_result read_count(struct vrx_cbor_reader *reader, uint64_t *ret_count) {
    VRX_TRY(vrx_cbor_array(reader, ret_count));
    return *ret_count ? vrx_ok() : vrx_refuse(VRX_INPUT_RANGE, "trust_list.cddl: issuers");
}

static struct vrx_result read_issuer(
    struct vrx_cbor_reader *reader, struct vrx_trust_issuers *issuers) {
    uint64_t parts = 0;
    uint64_t count = 0;
    struct vrx_view url;
    VRX_TRY(vrx_cbor_array(reader, &parts));
    if (parts != 2)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "trust_list.cddl: issuer = [url, keys]");
    VRX_TRY(vrx_cbor_text(reader, &url));
    VRX_TRY(read_count(reader, &count));
    for (uint64_t i = 0; i < count; i++) {
        struct vrx_view point;
        VRX_TRY(vrx_cbor_bytes(reader, &point));
        VRX_TRY(vrx_trust_issuers_add(issuers, url, point));
    }
    return vrx_ok();
}

struct vrx_result vrx_trust_issuers_read(
    struct vrx_cbor_reader *reader, struct vrx_trust_issuers *issuers) {
    uint64_t count = 0;
    VRX_TRY(read_count(reader, &count));
    for (uint64_t i = 0; i < count; i++)
        VRX_TRY(read_issuer(reader, issuers));
    return vrx_ok();
}

void vrx_trust_issuers_write(
    struct vrx_cbor_writer *writer, const struct vrx_trust_issuer *issuers, size_t count) {
    vrx_cbor_put_array(writer, count);
    for (size_t i = 0; i < count; i++) {
        vrx_cbor_put_array(writer, 2);
        vrx_cbor_put_text(writer, issuers[i].url);
        vrx_cbor_put_array(writer, issuers[i].key_count);
        for (size_t k = 0; k < issuers[i].key_count; k++)
            vrx_cbor_put_bytes(writer, issuers[i].keys[k]);
    }
}
